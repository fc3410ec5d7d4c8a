"""Play all attacks and write the table: `python -m benchmarks.attacks [--out FILE]`.

`--half development` plays the seeds that rules may be worked on with; the table of record is made
from the reporting half alone.
"""

import argparse
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
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

Task = tuple[str, str, int, int]  # attack or nothing, kind, seed, rows


def tasks(seeds: list[int], rows: int, only: list[str]) -> list[Task]:
    """List what to play: honest fleets, the real ones once, and each attack on all its kinds.

    Each seed plays an attack on a third of the kinds it makes sense on.
    """
    made: list[Task] = [("", kind, seed, rows) for kind in MADE for seed in seeds]
    real: list[Task] = [("", kind, seeds[0], rows) for kind in REAL]
    return [
        *made,
        *real,
        *(
            (attack, kind, seed, rows)
            for attack in only or ATTACKS
            for turn, seed in enumerate(seeds)
            for kind in kinds_of_turn(attack, turn)
        ),
    ]


def play(task: Task) -> Score:
    """Play an attack, or offer an honest fleet."""
    attack, *fleet = task
    return score_attack(attack, *fleet) if attack else score_honest(*fleet)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--half", choices=["reporting", "development"], default="reporting")
    parser.add_argument("--only", nargs="*", default=[], help="attacks by name")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    seeds = {"reporting": reporting_seeds, "development": development_seeds}[args.half](args.seeds)
    started = time.monotonic()
    todo = tasks(seeds, args.rows, args.only)
    honest: dict[str, Score] = defaultdict(Score)
    attacks: dict[str, Score] = defaultdict(Score)
    with ProcessPoolExecutor(args.jobs) as workers:
        for (attack, kind, *_), found in zip(todo, workers.map(play, todo), strict=True):
            (attacks[attack] if attack else honest[kind]).add(found)
    told = page(honest, attacks, args.half, seeds, args.rows)
    print(told)
    print(f"{time.monotonic() - started:.0f} s")
    if args.out:
        args.out.write_text(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
