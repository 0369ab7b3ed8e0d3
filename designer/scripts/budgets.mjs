/** What a visitor downloads for each page, compressed, against what we allow ourselves (kB of 1000 bytes, gzip). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = new URL("../static/dist/", import.meta.url).pathname;
const BUDGETS = JSON.parse(readFileSync(new URL("./budgets.json", import.meta.url), "utf8"));
const manifest = JSON.parse(readFileSync(join(DIST, "manifest.json"), "utf8"));

const sizes = new Map();
const sizeOf = (file) => {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length);
  return sizes.get(file);
};

/** Every file that loading a chunk loads, without what it only loads later. */
function filesOf(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const css of chunk.css ?? []) found.add(css);
  for (const next of chunk.imports ?? []) filesOf(next, found);
  return found;
}

let wrong = 0;
for (const [page, limit] of Object.entries(BUDGETS)) {
  const key = Object.keys(manifest).find((name) => name === page || name.startsWith(page));
  if (!key) {
    console.error(`${page}: not in the build`);
    wrong += 1;
    continue;
  }
  const files = filesOf(key, filesOf("index.html"));
  const total = [...files].reduce((sum, file) => sum + sizeOf(file), 0) / 1000;
  console.log(`${page.padEnd(32)} ${total.toFixed(0).padStart(5)} kB of ${limit}`);
  if (total > limit) wrong += 1;
}
process.exit(wrong ? 1 : 0);
