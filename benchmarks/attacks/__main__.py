"""Play all attacks and write the table: `python -m benchmarks.attacks [--out FILE]`.

`--half development` plays the seeds that rules may be worked on with; the table of record is made
from the reporting half alone.
"""

import argparse
import sys
import time
from pathlib import Path

from benchmarks.attacks.fleets import MADE, REAL
from benchmarks.attacks.page import page
from benchmarks.attacks.score import (
    ATTACKS,
    Score,
    development_seeds,
    kinds_of_turn,
    reporting_seeds,
    score_attack,
    score_honest,
)


def honest(seeds: list[int], rows: int) -> dict[str, Score]:
    """Offer the honest fleets, and the real ones once."""
    found = {kind: Score() for kind in MADE | REAL}
    for kind, total in found.items():
        for seed in seeds if kind in MADE else seeds[:1]:
            total.add(score_honest(kind, seed, rows))
    return found


def attacked(seeds: list[int], rows: int, only: list[str]) -> dict[str, Score]:
    """Play every attack; each seed plays it on a third of the kinds it makes sense on."""
    found = {attack: Score() for attack in only or ATTACKS}
    for attack, total in found.items():
        for turn, seed in enumerate(seeds):
            for kind in kinds_of_turn(attack, turn):
                total.add(score_attack(attack, kind, seed, rows))
    return found


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--half", choices=["reporting", "development"], default="reporting")
    parser.add_argument("--only", nargs="*", default=[], help="attacks by name")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    seeds = {"reporting": reporting_seeds, "development": development_seeds}[args.half](args.seeds)
    started = time.monotonic()
    attacks = attacked(seeds, args.rows, args.only)
    told = page(honest(seeds, args.rows), attacks, args.half, seeds, args.rows)
    print(told)
    print(f"{time.monotonic() - started:.0f} s")
    if args.out:
        args.out.write_text(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
