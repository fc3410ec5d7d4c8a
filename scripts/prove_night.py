"""Ten million random calls: the campaigns of profile ci round after round, each with its own seed.

A round that breaks an invariant ends the night with its seed. The report is written after every
round, so a night that is cut short leaves what it made. `python -m scripts.prove_night [--seed N]`
"""

import argparse
import secrets
import sys
import time

from scripts.prove import compare_bytecode, read_campaigns
from scripts.provers import FORGE, NotProvenError, call, write_report

CALLS_MIN = 10_000_000
TITLE = "Random calls of a night"
SEQUENCES = ["--match-test", "invariant_"]


def run_round(seed: str) -> dict[str, tuple[int, int]]:
    """Make the random sequences of one seed; return runs and calls by invariant."""
    code, text = call([str(FORGE), "test", "--fuzz-seed", seed, *SEQUENCES], "ci")
    if code:
        sys.stdout.write(text[-6000:])
        raise NotProvenError(f"forge test failed; repeat it with seed={seed}")
    return read_campaigns(text)


def describe(rows: list[str], calls: int, compared: int) -> list[str]:
    """Tell what was made so far."""
    return [
        f"{calls:,} of {CALLS_MIN:,} calls in sequences of 250: none reverted, all held;",
        f"{compared} contracts as shipped, byte for byte.",
        "",
        "| seed | campaigns | calls | seconds |",
        "| --- | --- | --: | --: |",
        *rows,
    ]


def main() -> int:
    """Play rounds until there are ten million calls."""
    parser = argparse.ArgumentParser(description="ten million random calls on the contracts")
    parser.add_argument("--seed", default="", help="seed of the first round; the others follow it")
    asked = parser.parse_args()
    first = int(asked.seed or f"0x{secrets.token_hex(8)}", 16)
    rows: list[str] = []
    calls = 0
    while calls < CALLS_MIN:
        seed = hex(first + len(rows))
        sys.stdout.write(f"night: round {len(rows) + 1}, seed {seed}, {calls:,} calls so far\n")
        sys.stdout.flush()
        started = time.monotonic()
        try:
            made = run_round(seed)
            compared = compare_bytecode()
        except NotProvenError as refusal:
            sys.stdout.write(f"night: {refusal}\n")
            return 1
        seconds = time.monotonic() - started
        here = sum(count for _, count in made.values())
        calls += here
        shown = ", ".join(f"{name}: {runs} runs" for name, (runs, _) in sorted(made.items()))
        rows.append(f"| {seed} | {shown} | {here:,} | {seconds:.0f} |")
        path = write_report("prove-night", TITLE, describe(rows, calls, compared))
    sys.stdout.write(f"night: {calls:,} calls, all of it held; {path.name} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
