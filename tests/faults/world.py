"""A whole bank in a directory: embedded chain, SQLite, demo keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_demo_keys
from carbonbank.bootstrap.open_bank import open_bank
from carbonbank.config import Settings
from carbonbank.service.bank import Bank
from tests.stage import Stage, trip


@contextmanager
def bank_in(path: Path) -> Iterator[Bank]:
    with open_bank(Settings(data=path), demo=True) as bank:
        yield bank


def stage_in(path: Path, bank: Bank) -> Stage:
    return Stage(bank=bank, verifier=open_demo_keys(DataDirectory(path), "verifier"))


def verified_batch(path: Path) -> str:
    """Make a bank in `path` with one verified batch of 1064 g and return the batch's id."""
    with bank_in(path) as bank:
        stage = stage_in(path, bank)
        stage.certify()
        return stage.verified([trip()]).batch_id
