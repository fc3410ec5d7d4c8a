"""Breaks the contracts in one place at a time and counts whom the forge tests let pass.

slither's mutators say where (`scripts/mutants.py`). slither-mutate itself compiles the whole
project for each, which the npm compiler makes minutes; `scripts/mutation_lab.py` compiles what
changed. What is not drawn is not told about: the report names seed, sample and how many there are,
and it is written again while the run goes on, so that one that is killed leaves what it has.
"""

import argparse
import json
import random
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scripts.mutation_lab import SEQUENCES, UNIT_TESTS, Lab, build, open_lab
from scripts.provers import PROVE_BIN, ROOT, call, write_report

# Survivors that change nothing, each with its reason: "file: old → new".
EQUIVALENTS = ROOT / "tests/foundry/equivalents.json"
SEQUENCE_SEED = "1"
# How many mutants are tried between two writings of the report.
WRITTEN_EVERY = 20
STAGES = (UNIT_TESTS, [*SEQUENCES, "--fuzz-seed", SEQUENCE_SEED])

Mutant = dict[str, Any]


def list_mutants() -> list[Mutant]:
    """Ask slither for every mutant of the contracts."""
    code, text = call([str(PROVE_BIN / "python"), "scripts/mutants.py"], "slither")
    lines = text.strip().splitlines()
    if code or not lines:
        sys.exit(f"mutate: slither listed no mutants\n{text[-2000:]}")
    mutants: list[Mutant] = json.loads(lines[-1])
    return mutants


def name_of(mutant: Mutant) -> str:
    """Name a mutant by what it changes, not by a line that moves."""
    old, new = (" ".join(mutant[key].split()) for key in ("old", "new"))
    return f"{mutant['file']}: {old} → {new}"


def read_accepted(mutants: list[Mutant]) -> dict[str, str]:
    """Read the reasons of survivors, and tell which have no mutant any more."""
    accepted: dict[str, str] = json.loads(EQUIVALENTS.read_text("utf-8"))
    for name in sorted(accepted.keys() - {name_of(mutant) for mutant in mutants}):
        sys.stdout.write(f"mutate: accepted, but no longer a mutant: {name}\n")
    return accepted


def try_mutant(lab: Lab, mutant: Mutant, accepted: dict[str, str]) -> Mutant:
    """Run the tests on one mutant; a survivor is looked at again with the optimiser."""
    source = (ROOT / mutant["file"]).read_bytes()
    text = source[: mutant["start"]] + mutant["new"].encode() + source[mutant["end"] :]
    trial = lab.try_source(mutant["file"], text.decode(), *STAGES)
    outcome, reason = trial.outcome, ""
    if outcome == "killed" and trial.arguments != tuple(UNIT_TESTS):
        outcome = "killed by sequences"
    elif outcome == "survived":
        if lab.is_same(mutant["file"], text.decode()):
            outcome, reason = "equivalent", "the optimiser makes the same bytes of it"
        elif name_of(mutant) in accepted:
            outcome, reason = "accepted", accepted[name_of(mutant)]
    return {**mutant, "outcome": outcome, "reason": reason}


class Run:
    """The mutants of one draw, taken by several labs, and what became of them."""

    def __init__(
        self, drawn: list[Mutant], accepted: dict[str, str], drawn_of: str, stop_at: float
    ) -> None:
        """Keep the draw; nothing is tried yet."""
        self._left = iter(drawn)
        self._drawn_of = drawn_of
        self._stop_at = stop_at
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._tried: list[Mutant] = []
        self._accepted = accepted

    def work(self, name: str) -> None:
        """Try one mutant after the other in a lab of its own, until there is no more time."""
        with open_lab(name) as lab:
            while time.monotonic() < self._stop_at:
                with self._lock:
                    mutant = next(self._left, None)
                if mutant is None:
                    break
                self._keep(try_mutant(lab, mutant, self._accepted))

    def stop(self) -> None:
        """Let no mutant start any more: time is up, somebody asked, or a lab failed."""
        self._stop_at = 0

    def report(self) -> str:
        """Write the report; return where it is and what it says."""
        body = self.describe(time.monotonic() - self._started)
        path = write_report("mutants", "Mutants of the contracts", body)
        return "\n".join([*body, "", f"mutate: {path.relative_to(ROOT)} written", ""])

    def _keep(self, tried: Mutant) -> None:
        with self._lock:
            self._tried.append(tried)
            said = f"{tried['outcome']}: {tried['mutator']} {tried['file']}:{tried['line']}"
            sys.stdout.write(f"{len(self._tried)} {said}\n")
            sys.stdout.flush()
            if len(self._tried) % WRITTEN_EVERY == 0:
                self.report()

    def describe(self, seconds: float) -> list[str]:
        """Tell score, rows per contract and mutator, every survivor and what was accepted."""
        outcomes = Counter(mutant["outcome"] for mutant in self._tried)
        killed = outcomes["killed"] + outcomes["killed by sequences"]
        counted = killed + outcomes["survived"]
        share = f"{100 * killed / counted:.1f} %" if counted else "nothing"
        late = outcomes["killed by sequences"]
        return [
            f"{self._drawn_of}, {len(self._tried)} tried in {seconds:.0f} s.",
            f"Not counted: {outcomes['stillborn']} did not compile, {outcomes['equivalent']} gave",
            f"the same bytes, {outcomes['accepted']} change nothing for the reasons given below.",
            "",
            f"**Killed: {killed} of {counted}, {share}**; {late} of them by sequences alone.",
            "",
            *self._table("contract"),
            "",
            *self._table("mutator"),
            "",
            "## Survivors",
            "",
            *self._listing("survived"),
            "",
            "## Accepted as changing nothing",
            "",
            *self._listing("accepted"),
        ]

    def _table(self, column: str) -> Iterator[str]:
        yield f"| {column} | counted | killed | by sequences alone | survived |"
        yield "| --- | --: | --: | --: | --: |"
        cells = Counter((mutant[column], mutant["outcome"]) for mutant in self._tried)
        for name in sorted({mutant[column] for mutant in self._tried}):
            unit, late = cells[name, "killed"], cells[name, "killed by sequences"]
            survived = cells[name, "survived"]
            if unit + late + survived:
                yield f"| {name} | {unit + late + survived} | {unit + late} | {late} | {survived} |"

    def _listing(self, outcome: str) -> Iterator[str]:
        for mutant in sorted(self._tried, key=lambda m: (m["file"], m["line"], m["new"])):
            if mutant["outcome"] == outcome:
                old, new = (" ".join(mutant[key].split()) for key in ("old", "new"))
                where = f"`{mutant['file']}:{mutant['line']}` {mutant['mutator']}"
                because = f": {mutant['reason']}" if mutant["reason"] else ""
                yield f"- {where}: `{old}` → `{new}`{because}"


def main() -> None:
    """Draw, try, print, and write the report."""
    parser = argparse.ArgumentParser(description="mutate the contracts")
    parser.add_argument("--sample", type=int, default=0, help="how many; all if not given")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="of the draw")
    parser.add_argument("--minutes", type=int, default=600, help="no mutant starts after them")
    parser.add_argument("--labs", type=int, default=2, help="how many work side by side")
    parser.add_argument("--only", default="", help="files whose path has this in it")
    asked = parser.parse_args()
    stop_at = time.monotonic() + 60 * asked.minutes
    mutants = list_mutants()
    accepted = read_accepted(mutants)
    mutants = [mutant for mutant in mutants if asked.only in mutant["file"]]
    drawn = list(mutants)
    random.Random(asked.seed).shuffle(drawn)  # noqa: S311 - a draw that can be repeated
    drawn = drawn[: asked.sample or None]
    drawn_of = f"{len(drawn)} of {len(mutants)} mutants drawn with seed {asked.seed}"
    sys.stdout.write(f"mutate: {drawn_of}\n")
    sys.stdout.flush()
    build()
    run = Run(drawn, accepted, drawn_of, stop_at)
    try:
        with ThreadPoolExecutor(asked.labs) as labs:
            works = [labs.submit(run.work, str(number)) for number in range(asked.labs)]
            try:
                for work in works:
                    work.result()
            finally:
                run.stop()
    finally:
        sys.stdout.write("\n" + run.report())


if __name__ == "__main__":
    main()
