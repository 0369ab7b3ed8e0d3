/** After the build: every text file compressed beside itself, and the licences of what is in it. */
import { readFileSync, readdirSync, statSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../static/dist/", import.meta.url).pathname;
const files = (folder) => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name);
  return statSync(path).isDirectory() ? files(path) : [path];
});

for (const file of files(DIST).filter((name) => /\.(js|css|svg|json)$/.test(name))) {
  const plain = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
}

const root = new URL("../", import.meta.url).pathname;
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const notices = [];
for (const [place, entry] of Object.entries(lock.packages)) {
  if (!place || entry.dev) continue;
  const folder = join(root, place);
  if (!existsSync(folder)) continue;
  const text = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const name = place.replace(/^.*node_modules\//, "");
  const words = text ? readFileSync(join(folder, text), "utf8").trim() : `Licence: ${entry.license ?? "see the package"}`;
  notices.push(`${name} ${entry.version}\n${"-".repeat(60)}\n${words}\n`);
}
writeFileSync(join(DIST, "THIRD_PARTY.txt"), notices.join("\n\n"));
