#!/usr/bin/env node
// Compiles contracts with one source changed, again and again: `{file, source, optimise}` in, and
// what each contract that needs the file became out, and whether that is what it was, a line of JSON
// each. The compiler stays loaded; without the optimiser a mutant takes seconds, and with it two
// texts that say the same become equal.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const solc = require("solc");

const root = path.dirname(__dirname);
const units = process.argv.slice(2);
const texts = new Map();
const sound = new Map();
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

// A unit with one source in the place of another; `file` may be null: as it is.
function compileUnit(unit, file, source, optimise) {
  const sources = {};
  for (const name of closures.get(unit)) {
    sources[name] = { content: name === file ? source : read(name) };
  }
  const outputs = ["bytecode.object", "bytecode.linkReferences", "methodIdentifiers"];
  const settings = {
    viaIR: true,
    evmVersion: "cancun",
    optimizer: { enabled: optimise, runs: 1 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { [unit]: { "*": outputs.map((output) => `evm.${output}`) } },
  };
  const done = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
  const errors = (done.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length !== 0) throw new Error(errors[0].formattedMessage);
  return Object.entries(done.contracts[unit]).map(([name, { evm }]) => ({ unit, name, ...evm }));
}

function soundOf(unit, optimise) {
  const key = `${unit} ${optimise}`;
  if (!sound.has(key)) sound.set(key, compileUnit(unit, null, "", optimise));
  return sound.get(key);
}

// Code that is linked is known by its functions alone: while these stay, who links it stays too.
function isLinkedBy(unit, file) {
  return soundOf(unit, false).some(({ bytecode }) => file in bytecode.linkReferences);
}

function compile({ file, source, optimise }) {
  const made = closures.has(file) ? compileUnit(file, file, source, optimise) : [];
  const functions = (contracts) => JSON.stringify(contracts.map((c) => c.methodIdentifiers));
  const known = closures.has(file) ? soundOf(file, optimise) : [];
  const linkable = functions(made) === functions(known);
  for (const unit of units) {
    if (unit === file || !closures.get(unit).has(file)) continue;
    if (linkable && isLinkedBy(unit, file)) continue;
    made.push(...compileUnit(unit, file, source, optimise));
  }
  const equal = made.every(({ unit, name, bytecode }) => {
    const other = soundOf(unit, optimise).find((contract) => contract.name === name);
    return other !== undefined && other.bytecode.object === bytecode.object;
  });
  return { contracts: made.map(({ unit, name, bytecode }) => ({ unit, name, bytecode })), equal };
}

function answer(line) {
  try {
    return compile(JSON.parse(line));
  } catch (error) {
    return { error: error.message };
  }
}

// Who asked may be gone.
process.stdout.on("error", () => process.exit(1));
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
});
