"""kill -9 in the middle of issuing, retiring and syncing: a second run ends as if nothing was."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from carbonbank.domain.records import PROJECTIONS
from carbonbank.errors import DataDirectoryBusy
from carbonbank.service.account_balance import account_balance
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.reconcile import reconcile
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.sync_chain import sync_chain
from tests.faults.world import bank_in, verified_batch

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("template") / "bank"
    return path, verified_batch(path)


@pytest.fixture
def bank_path(template: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    """A copy of the bank with a verified batch, and the parties beside it."""
    path, batch = template
    shutil.copytree(path.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / path.name, batch


def killed(path: Path, batch: str, act: str, point: str) -> None:
    command = [sys.executable, "-m", "tests.faults.killed", str(path), batch, act, point]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()


@pytest.mark.parametrize(
    "point", ["chain.submit:0:before", "chain.submit:0:after", "store.begin:0:after"]
)
def test_killed_while_issuing(bank_path: tuple[Path, str], point: str) -> None:
    path, batch = bank_path
    killed(path, batch, "issue", point)
    with bank_in(path) as bank:
        done = issue_batch(bank, batch)
        assert (done.batch_id, done.issued_g) == (batch, 1064)
        assert account_balance(bank, "olga").held_g == 319
        assert reconcile(bank).findings == ()


@pytest.mark.parametrize("point", ["chain.submit:0:before", "chain.submit:0:after"])
def test_killed_while_retiring(bank_path: tuple[Path, str], point: str) -> None:
    path, batch = bank_path
    with bank_in(path) as bank:
        issue_batch(bank, batch)
    killed(path, batch, "retire", point)
    with bank_in(path) as bank:
        done = retire_credits(bank, "olga", batch, 19, beneficiary="b", purpose="p", key="k")
        assert (done.retirement_id, done.serial_first, done.serial_last) == (1, 1, 19)
        assert account_balance(bank, "olga").held_g == 300
        assert reconcile(bank).findings == ()


def test_killed_while_syncing(bank_path: tuple[Path, str]) -> None:
    path, batch = bank_path
    with bank_in(path) as bank:
        issue_batch(bank, batch)
        with bank.store.read() as session:
            before = [session.find(kind) for kind in PROJECTIONS]
    killed(path, batch, "sync", "chain.events:0:after")
    with bank_in(path) as bank:
        sync_chain(bank)
        with bank.store.read() as session:
            assert [session.find(kind) for kind in PROJECTIONS] == before
        assert reconcile(bank).findings == ()


def test_a_second_process_is_refused_and_told_who_works_there(
    bank_path: tuple[Path, str],
) -> None:
    path, batch = bank_path
    command = [sys.executable, "-m", "tests.faults.killed", str(path), batch, "hold", "none"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        with pytest.raises(DataDirectoryBusy) as busy, bank_in(path):
            pass
        assert busy.value.pid == str(holder.pid)
    with bank_in(path) as bank:
        assert reconcile(bank).findings == ()
