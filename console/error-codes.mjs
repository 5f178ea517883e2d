// SPDX-License-Identifier: Apache-2.0
// error-codes.mjs ERRORS.md OUT.json: the table of docs/spec/errors.md for the pages: {"206": [name, what happened, what to do]}.
import { readFileSync, writeFileSync } from "node:fs";

const [source, out] = process.argv.slice(2);
const table = {};
for (const line of readFileSync(source, "utf8").split("\n")) {
  const row = /^\| (\d{3}) \| (\w+) \| (.+) \| (.+) \|$/.exec(line);
  if (row) table[row[1]] = [row[2], row[3].trim(), row[4].trim()];
}
if (Object.keys(table).length < 50) {
  console.error(`error: ${source} has no table of codes that this program can read`);
  process.exit(1);
}
writeFileSync(out, JSON.stringify(table));
