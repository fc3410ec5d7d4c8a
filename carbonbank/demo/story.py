"""The story from beginning to end, and what it leaves behind: papers and a log of every fact."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from carbonbank.config import Settings
from carbonbank.demo.ledger import claim_for_a_driver, issue_batches, retire, trade
from carbonbank.demo.measure import (
    close_and_seal,
    import_real_trips,
    quantify_months,
    tell_issues,
)
from carbonbank.demo.proof import audit_papers, print_papers
from carbonbank.demo.stage import Facts, Stage
from carbonbank.demo.telling import explain, point
from carbonbank.demo.verify import verify_batches


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its heading, what happens in plain words, and the work."""

    title: str
    words: str
    work: Callable[[Stage], Facts]


STEPS = (
    Step(
        "Import real trips",
        "Two fleets are enrolled and their files are read row by row. What cannot be right becomes "
        "a row issue, never a guess.",
        import_real_trips,
    ),
    Step(
        "What was dropped, mended, quarantined, and why",
        "No row vanishes in silence. Each has a code, which docs/reference/issues.md explains; the "
        "first value found is shown. A warned row counts as it is.",
        tell_issues,
    ),
    Step(
        "Quantify",
        "Method AMS-III.C: what a petrol car would have emitted over the same distance, less what "
        "the grid emitted for the electricity. A trip that lost grams stays in.",
        quantify_months,
    ),
    Step(
        "Close months and seal batches",
        "A closed month takes no more trips. Sealing puts its trips into a Merkle tree, splits the "
        "grams between operator, drivers and buffer, and fixes the batch id.",
        close_and_seal,
    ),
    Step(
        "Verify: another process, other keys, the package alone",
        "The verifier gets nothing but a batch's audit package, recomputes every gram with code of "
        "its own, and signs with its own key. Then a forged copy is offered.",
        verify_batches,
    ),
    Step(
        "Issue",
        "The contract checks the verifier's signature and marks each vehicle-month as credited, "
        "for ever. One unit on the chain is one gram of CO₂e.",
        issue_batches,
    ),
    Step(
        "Claim for a driver",
        "Drivers own a share of every batch. A proof that the driver's payout is in the batch's "
        "payout tree is all it takes; the bank's relayer pays for the transactions.",
        claim_for_a_driver,
    ),
    Step(
        "Trade for settlement money",
        "Both sides sign an order. One transaction moves the grams one way and the money the "
        "other, or nothing at all.",
        trade,
    ),
    Step(
        "Retire with a beneficiary",
        "Retired grams are used up for ever. Their serials say which grams of the batch they were.",
        retire,
    ),
    Step(
        "Certificate and audit package",
        "The certificate repeats what the chain holds; the package lets anyone recompute the "
        "batch without the bank.",
        print_papers,
    ),
    Step(
        "Audit the package, data directory out of reach",
        "A stranger with an empty folder, no database and no chain at hand recomputes every "
        "statement of the package.",
        audit_papers,
    ),
)
LOG = "log.json"


def run(stage: Stage) -> dict[str, Facts]:
    """Run every step, or find that it is done; return the facts by step number."""
    started = time.monotonic()
    stage.say(stage.scenario.note)
    _tell_the_delay(stage)
    log: dict[str, Facts] = {}
    for number, step in enumerate(STEPS, 1):
        stage.say(f"\n{number} {step.title}")
        explain(stage.say, step.words)
        stage.say("")
        log[str(number)] = step.work(stage)
    text = json.dumps(log, indent=1, sort_keys=True, ensure_ascii=False)
    path = stage.paper(LOG, text.encode())
    stage.say(f"\nDone: {len(STEPS)} steps, work time {time.monotonic() - started:.0f} s.")
    stage.say(f"Every fact in full, hashes and all: {path}")
    return log


def _tell_the_delay(stage: Stage) -> None:
    """Say that the admin of a demo does not wait, and how long a real one does."""
    chain = stage.bank.chain
    if chain.identity.timelock is None:  # the directory is from before there was one
        return
    real_s = Settings.model_fields["admin_delay_s"].default
    point(
        stage.say,
        f"DEMO: what the admin schedules waits {chain.admin_delay_s():,} s;"
        f" a bank in earnest waits {real_s:,} s, so that everyone sees it coming.",
    )
