// How long npm's feelin takes for the expressions on standard input: one JSON line of microseconds by name.
import { readFileSync } from 'node:fs';
import { evaluate } from 'feelin';

const cases = JSON.parse(readFileSync(0, 'utf8'));
const found = {};
for (const { name, expression, context, rounds } of cases) {
  for (let i = 0; i < rounds / 5; i++) evaluate(expression, context); // let the compiler see it
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < rounds; i++) evaluate(expression, context);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / rounds);
  }
  found[name] = best;
}
console.log(JSON.stringify(found));
