#!/usr/bin/env node
// The npm compiler behind the command line of the native one, for py-solc-x's `solc_binary`:
// answers `--version`, else compiles standard JSON from stdin and prints nothing but JSON.
// (npm's own `solcjs --standard-json` stops at the first pipe chunk and prints a line before it.)
"use strict";
const fs = require("node:fs");
const solc = require("solc");

if (process.argv.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler\nVersion: ${solc.version()}\n`);
} else {
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8")));
}
