"""What every act costs in gas, beside its goal and OpenZeppelin's bare ERC-1155.

Run `python -m benchmarks.gas`; `--write` renews `benchmarks/gas.json`. Whole transactions
(`gasUsed` of the receipt) of the committed artefacts on the EVM of the embedded chain (py-evm,
Prague). Gas is deterministic: the same sources give the same figures on every machine.
"""

import json
import sys
from pathlib import Path

from benchmarks.gas_acts import measure, measure_bare
from tests.contracts.ledger_site import deployed

FIGURES = Path(__file__).with_suffix(".json")

ROWS: dict[str, tuple[int | None, str]] = {
    "issue_first": (None, "first batch of the deployment, bitmap word fresh"),
    "issue_new_word": (160_000, "bitmap word of the month fresh"),
    "issue_known_word": (143_000, "bitmap word of the month used before"),
    "issue_drivers_1": (160_000, "payouts to 1 driver, bitmap word fresh"),
    "issue_drivers_100": (160_000, "payouts to 100 drivers, bitmap word fresh"),
    "issue_drivers_10000": (160_000, "payouts to 10,000 drivers, bitmap word fresh"),
    "issue_vehicles_1": (160_000, "1 vehicle, 1 fresh bitmap word"),
    "issue_vehicles_256": (160_000, "256 vehicles, 1 fresh bitmap word"),
    "issue_vehicles_1000": (None, "1,000 vehicles, 4 fresh bitmap words"),
    "guard_per_vehicle_1000": (85, "what each of 999 more vehicles adds to an issue of one"),
    "claim_first": (88_000, "first payout of the batch, account new to it"),
    "claim_next": (71_000, "another payout, account new to the batch"),
    "claim_new_word": (None, "payout 255, 511 …: its word of the payout bitmap is fresh"),
    "claim_other_word": (None, "another payout of a later word that was opened"),
    "transfer_new": (61_000, "receiver new to the batch"),
    "transfer_known": (44_000, "receiver holds the batch"),
    "retire_first": (65_000, "first retirement of the deployment, a part of what is held"),
    "retire_repeat": (48_000, "later retirement, a part of what is held"),
    "settle_first": (150_000, "first fill of both orders, both makers hold credits and money"),
    "settle_repeat": (150_000, "second fill of both orders"),
    "fill": (None, "first fill of a sell order, both sides hold credits and money"),
    "fill_and_retire": (None, "the same, and retired"),
    "settle_many_per_trade": (150_000, "one of 10 such first fills in one transaction"),
    "challenge_order": (105_000, "two proofs in a tree of 65,536 leaves; the batch is disproven"),
    "forwarded_transfer": (None, "`transfer_known`, signed; not the signer's first request"),
    "forwarded_retire": (None, "`retire_repeat`, signed; not the signer's first request"),
}
"""Operation → its goal, and which of the storage it touches is fresh."""

BARE = {
    "issue_new_word": "bare_mint",
    "claim_next": "bare_mint",
    "transfer_new": "bare_transfer_new",
    "transfer_known": "bare_transfer_known",
    "retire_first": "bare_burn",
    "retire_repeat": "bare_burn",
}
"""Operation → the act of the bare token inside it."""


def table(gas: dict[str, int], bare: dict[str, int]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| operation | gas | goal | bare ERC-1155 | state |",
        "| --- | --: | --: | --: | --- |",
    ]
    for name, (goal, state) in ROWS.items():
        least = bare[BARE[name]] if name in BARE else None
        cells = " | ".join("–" if n is None else f"{n:,}" for n in (gas[name], goal, least))
        lines.append(f"| `{name}` | {cells} | {state} |")
    return "\n".join(lines)


def main() -> None:
    site = next(deployed())
    gas = measure(site)
    print(table(gas, measure_bare(site)))
    if "--write" in sys.argv[1:]:
        FIGURES.write_text(json.dumps({name: gas[name] for name in ROWS}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
