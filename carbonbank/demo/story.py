"""The story from beginning to end, and what it leaves behind: papers and a log of every fact."""

import json
import time

from carbonbank.demo.ledger import claim_for_a_driver, issue_batches, retire, trade
from carbonbank.demo.measure import (
    close_and_seal,
    import_real_trips,
    quantify_months,
    tell_issues,
)
from carbonbank.demo.proof import audit_papers, print_papers
from carbonbank.demo.stage import Facts, Stage
from carbonbank.demo.verify import verify_batches

STEPS = (
    ("Import real trips", import_real_trips),
    ("What was dropped, mended, quarantined, and why", tell_issues),
    ("Quantify", quantify_months),
    ("Close months and seal batches", close_and_seal),
    ("Verify: another process, other keys, the package alone", verify_batches),
    ("Issue", issue_batches),
    ("Claim for a driver", claim_for_a_driver),
    ("Trade for settlement money", trade),
    ("Retire with a beneficiary", retire),
    ("Certificate and audit package", print_papers),
    ("Audit the package, data directory out of reach", audit_papers),
)
LOG = "log.json"


def run(stage: Stage) -> dict[str, Facts]:
    """Run every step, or find that it is done; return the facts by step number."""
    started = time.monotonic()
    stage.say(stage.scenario.note)
    log: dict[str, Facts] = {}
    for number, (title, step) in enumerate(STEPS, 1):
        stage.say(f"\n{number} {title}")
        log[str(number)] = step(stage)
    text = json.dumps(log, indent=1, sort_keys=True, ensure_ascii=False)
    path = stage.paper(LOG, text.encode())
    stage.say(f"\nEvery fact of this run: {path}. Work time {time.monotonic() - started:.0f} s.")
    return log
