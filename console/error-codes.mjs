// SPDX-License-Identifier: Apache-2.0
// error-codes.mjs ERRORS.md OUT.json: the tables of docs/spec/errors.md for the pages:
// {"codes": {"206": [name, what happened, what to do]}, "operations": {"fetching the manifest": "FetchManifest"}}.
import { readFileSync, writeFileSync } from "node:fs";

const [source, out] = process.argv.slice(2);
const codes = {};
const operations = {};
for (const line of readFileSync(source, "utf8").split("\n")) {
  const code = /^\| (\d{3}) \| (\w+) \| (.+) \| (.+) \|$/.exec(line);
  if (code) codes[code[1]] = [code[2], code[3].trim(), code[4].trim()];
  const operation = /^\| \d{1,2} \| (\w+) \| ([^|]+) \|$/.exec(line);
  if (operation) operations[operation[2].trim()] = operation[1];
}
if (Object.keys(codes).length < 50 || Object.keys(operations).length < 20) {
  console.error(`error: ${source} has no tables that this program can read`);
  process.exit(1);
}
writeFileSync(out, JSON.stringify({ codes, operations }));
