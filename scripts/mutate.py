"""Breaks the contracts in one place at a time and counts whom the forge tests let pass.

slither's mutators say where (`scripts/mutants.py`). slither-mutate itself compiles the whole
project for each, which the npm compiler makes minutes; `scripts/mutation_lab.py` compiles what
changed. What is not drawn is not told about: the report names seed, sample and how many there are.
"""

import argparse
import json
import random
import secrets
import sys
import time
from collections import Counter
from typing import Any

from scripts.mutation_lab import Lab, open_lab
from scripts.provers import PROVE_BIN, ROOT, call, write_report

CONTRACTS = (
    "CarbonBank",
    "BankCorrections",
    "BankRegistry",
    "BatchWords",
    "Ledgers",
    "Months",
    "Signatures",
    "CarbonMarket",
    "Prices",
    "Permits",
)
ARGUMENTS = ["--fuzz-seed", "1", "--fail-fast"]

Mutant = dict[str, Any]


def list_mutants() -> list[Mutant]:
    """Ask slither for every mutant of the contracts."""
    code, text = call([str(PROVE_BIN / "python"), "scripts/mutants.py", *CONTRACTS], "slither")
    lines = text.strip().splitlines()
    if code or not lines:
        sys.exit(f"mutate: slither listed no mutants\n{text[-2000:]}")
    mutants: list[Mutant] = json.loads(lines[-1])
    return mutants


def try_mutant(lab: Lab, mutant: Mutant) -> Mutant:
    """Run the tests on one mutant, and print what became of it."""
    source = (ROOT / mutant["file"]).read_bytes()
    changed = source[: mutant["start"]] + mutant["new"].encode() + source[mutant["end"] :]
    outcome = lab.try_source(mutant["file"], changed.decode(), ARGUMENTS, "mutate").outcome
    sys.stdout.write(f"{outcome}: {mutant['mutator']} {mutant['file']}:{mutant['line']}\n")
    sys.stdout.flush()
    return {**mutant, "outcome": outcome}


def run(drawn: list[Mutant], stop_at: float) -> list[Mutant]:
    """Try one mutant after the other, until there is no more time."""
    tried = []
    with open_lab() as lab:
        for mutant in drawn:
            if time.monotonic() > stop_at:
                break
            tried.append(try_mutant(lab, mutant))
    return tried


def describe(tried: list[Mutant], listed: int, seed: int, seconds: float) -> list[str]:
    """Tell score, rows per contract, and every survivor."""
    outcomes = Counter(mutant["outcome"] for mutant in tried)
    counted = [m for m in tried if m["outcome"] in {"killed", "survived"}]
    share = f"{100 * outcomes['killed'] / len(counted):.1f} %" if counted else "nothing"
    lines = [
        f"{listed} mutants listed, drawn with seed {seed}, {len(tried)} tried in {seconds:.0f} s.",
        f"{outcomes['stillborn']} did not compile, {outcomes['equivalent']} gave the same bytes.",
        "",
        f"**Killed: {outcomes['killed']} of {len(counted)}, {share}.**",
        "",
        "| contract | tried | killed |",
        "| --- | --: | --: |",
    ]
    total = Counter(mutant["contract"] for mutant in counted)
    dead = Counter(mutant["contract"] for mutant in counted if mutant["outcome"] == "killed")
    lines += [f"| {name} | {total[name]} | {dead[name]} |" for name in CONTRACTS if total[name]]
    lines += ["", "## Survivors", ""]
    for mutant in counted:
        if mutant["outcome"] == "survived":
            old, new = (" ".join(mutant[key].split()) for key in ("old", "new"))
            lines.append(
                f"- `{mutant['file']}:{mutant['line']}` {mutant['mutator']}: `{old}` → `{new}`"
            )
    return lines


def main() -> None:
    """Draw, try, print, and write the report."""
    parser = argparse.ArgumentParser(description="mutate the contracts")
    parser.add_argument("--sample", type=int, default=0, help="how many; all if not given")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="of the draw")
    parser.add_argument("--minutes", type=int, default=600, help="no mutant starts after them")
    asked = parser.parse_args()
    started = time.monotonic()
    mutants = list_mutants()
    drawn = list(mutants)
    random.Random(asked.seed).shuffle(drawn)  # noqa: S311 - a draw that can be repeated
    drawn = drawn[: asked.sample or None]
    sys.stdout.write(f"mutate: seed {asked.seed}, {len(drawn)} of {len(mutants)} mutants\n")
    sys.stdout.flush()
    tried = run(drawn, started + 60 * asked.minutes)
    body = describe(tried, len(mutants), asked.seed, time.monotonic() - started)
    sys.stdout.write("\n".join(["", *body, ""]))
    path = write_report("mutants", "Mutants of the contracts", body)
    sys.stdout.write(f"mutate: {path.relative_to(ROOT)} written\n")


if __name__ == "__main__":
    main()
