// SPDX-License-Identifier: Apache-2.0
// compress.mjs DIR: writes NAME.br and NAME.gz beside each file of DIR that gets smaller by it, and fails when all
// scripts together are larger than what docs/spec/console.md allows the first page alone.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const limit = 200 * 1024;
const root = process.argv[2];

function* files(directory) {
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

const compressed = new Map();
for (const path of [...files(root)]) {
  const bytes = readFileSync(path);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const gzip = gzipSync(bytes, { level: 9 });
  compressed.set(path, Math.min(bytes.length, brotli.length));
  if (brotli.length < bytes.length) writeFileSync(`${path}.br`, brotli);
  if (gzip.length < bytes.length) writeFileSync(`${path}.gz`, gzip);
}

const scripts = [...compressed].filter(([name]) => name.endsWith(".js"));
const sum = scripts.reduce((total, [, size]) => total + size, 0);
console.log(`JavaScript of all pages, compressed: ${(sum / 1024).toFixed(1)} KiB of 200 allowed`);
if (scripts.length === 0 || sum > limit) {
  console.error("error: the console's JavaScript is larger than 200 KiB compressed");
  process.exit(1);
}
