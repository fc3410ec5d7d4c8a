#!/usr/bin/env node
// Compiles contracts with one source changed, again and again: `{file, source, optimise}` in, and
// what each contract that needs the file became out, a line of JSON each. The compiler stays loaded;
// without the optimiser a mutant takes seconds, and with it two texts that say the same become equal.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const solc = require("solc");

const root = path.dirname(__dirname);
const units = process.argv.slice(2);
const texts = new Map();
const closures = new Map(units.map((unit) => [unit, closureOf(unit)]));

function read(unit) {
  if (!texts.has(unit)) {
    const base = unit.startsWith("@") ? path.join(root, "node_modules") : root;
    texts.set(unit, fs.readFileSync(path.join(base, unit), "utf8"));
  }
  return texts.get(unit);
}

function closureOf(unit, seen = new Set()) {
  if (seen.has(unit)) return seen;
  seen.add(unit);
  for (const [, name] of read(unit).matchAll(/import\s+(?:\{[^}]*\}\s+from\s+)?"([^"]+)"/g)) {
    closureOf(name.startsWith(".") ? path.posix.join(path.posix.dirname(unit), name) : name, seen);
  }
  return seen;
}

function compile({ file, source, optimise }) {
  const changed = units.filter((unit) => closures.get(unit).has(file));
  const needed = new Set(changed.flatMap((unit) => [...closures.get(unit)]));
  const sources = {};
  for (const unit of needed) sources[unit] = { content: unit === file ? source : read(unit) };
  const outputs = ["evm.bytecode.object", "evm.bytecode.linkReferences"];
  const settings = {
    viaIR: true,
    evmVersion: "cancun",
    optimizer: { enabled: optimise, runs: 1 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: Object.fromEntries(changed.map((unit) => [unit, { "*": outputs }])),
  };
  const done = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
  const errors = (done.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length !== 0) return { error: errors[0].formattedMessage };
  const contracts = [];
  for (const unit of changed) {
    for (const [name, { evm }] of Object.entries(done.contracts[unit])) {
      contracts.push({ unit, name, bytecode: evm.bytecode });
    }
  }
  return { contracts };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(compile(JSON.parse(line)))}\n`);
});
