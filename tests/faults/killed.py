"""A process that kills itself with SIGKILL: `python -m tests.faults.killed DATA BATCH ACT POINT`.

POINT is `<port>.<method>:<n>:<before|after>`; `none` lets it live and hold the directory until its
input ends.
"""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from carbonbank.service.bank import Bank
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.sync_chain import drop_projections, sync_chain
from tests.dying import dying
from tests.faults.world import bank_in


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def act(bank: Bank, name: str, batch: str) -> None:
    if name == "issue":
        issue_batch(bank, batch)
    elif name == "retire":
        retire_credits(bank, "olga", batch, 19, beneficiary="b", purpose="p", key="k")
    elif name == "sync":
        sync_chain(bank)


def main() -> None:
    data, batch, name, point = sys.argv[1:]
    with bank_in(Path(data)) as bank:
        if name == "sync":
            drop_projections(bank)
        if point == "none":
            print("ready", flush=True)
            sys.stdin.read()
            return
        where, number, side = point.split(":")
        port, method = where.split(".")
        act(dying(bank, port, method, int(number), after=side == "after", die=die), name, batch)


if __name__ == "__main__":
    main()
