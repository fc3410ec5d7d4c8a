"""Bugs planted on purpose: sequences that can not find them would prove nothing."""

from dataclasses import dataclass

from scripts.mutation_lab import SEQUENCES, build, open_lab
from scripts.provers import ROOT, NotProvenError

BANK = "contracts/CarbonBank.sol"
CHALLENGE = "contracts/CarbonChallenge.sol"
LEDGER = "contracts/libraries/Ledger.sol"
MARKET = "contracts/CarbonMarket.sol"
CORRECTIONS = "contracts/libraries/BankCorrections.sol"


@dataclass(frozen=True)
class Bug:
    """What stands in a contract, what is put there instead, and what forge must say then."""

    file: str
    old: str
    new: str
    found: str


PLANTED = (
    Bug(
        BANK,
        "if (again != 0) {",
        "if (false) {",
        "a forbidden call went through",
    ),
    Bug(BANK, "claimed[word] = bits | bit;", "", "BANK_F: claimed once"),
    Bug(
        CORRECTIONS,
        "ledger.corrections[sourceBatchId].cancelledG += takenG;",
        "",
        "BANK_A: conservation",
    ),
    Bug(
        MARKET,
        "buyer.account, seller.account, paidUnits - feeUnits);",
        "buyer.account, seller.account, paidUnits);",
        "MARKET_B: money moves against credits",
    ),
    Bug(
        MARKET,
        "= Fill(before.filledG + amountG, allUnits, false);",
        "= Fill(amountG, allUnits, false);",
        "MARKET_A: filled is the sum of fills",
    ),
    Bug(
        MARKET,
        "emit TradeSkipped(i, hashOf(trade.sell), hashOf(trade.buy));",
        "++settled;",
        "ManySettled != expected TradeSkipped",
    ),
    Bug(
        CHALLENGE,
        "if (a.leaf.precedes(b.leaf)) revert LeavesInOrder(batchId, a.index, b.index);",
        "",
        "a forbidden call went through",
    ),
    Bug(
        LEDGER,
        "if (word >> BatchWords.STATUS_BITS != uint256(Status.Active)) {",
        "if (word >> BatchWords.STATUS_BITS > uint256(Status.Frozen)) {",
        "a forbidden call went through",
    ),
)


def plant(bug: Bug) -> str:
    """Return the source with the bug in; the text it changes must be there once."""
    source = (ROOT / bug.file).read_text("utf-8")
    if source.count(bug.old) != 1:
        raise NotProvenError(f"{bug.file} no longer has the one place for: {bug.old}")
    return source.replace(bug.old, bug.new)


def find_planted() -> list[str]:
    """Run the sequences on each bug; refuse one that is not found, or found as something else."""
    lines = []
    build()
    with open_lab() as lab:
        for bug in PLANTED:
            trial = lab.try_source(bug.file, plant(bug), [*SEQUENCES, "--fuzz-seed", "1"])
            if trial.outcome != "killed" or bug.found not in trial.text:
                raise NotProvenError(f"{trial.outcome}, not found: {bug.new or bug.old}")
            lines.append(f"found by “{bug.found}”: {bug.file}, `{bug.old}` → `{bug.new}`")
    return lines
