"""The embedded chain's own promises: one file, one owner, kill-proof, bound to its random id."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from eth_utils.exceptions import ValidationError
from web3.types import TxParams

from carbonbank.chain.deploy import deploy
from carbonbank.chain.embedded import EmbeddedChain
from carbonbank.chain.gateway import Gateway
from carbonbank.config import SystemClock
from carbonbank.domain.commands import MintMoney
from carbonbank.errors import (
    ChainFileBusy,
    ChainFileUnreadable,
    ContractsMissing,
    DeployerUsed,
    WrongChain,
)
from tests.fakes.signer import FakeSigner
from tests.ports.chain_fixtures import TERMS, roles_of

ROOT = Path(__file__).parents[2]
NOBODY = "0x" + "11" * 20


class SetClock:
    """A clock that stands where it was put."""

    def __init__(self, now_at: datetime) -> None:
        self.at = now_at

    def now_at(self) -> datetime:
        return self.at


def payment(chain: EmbeddedChain, signer: FakeSigner, key: str, nonce: int) -> bytes:
    """A signed transaction that does nothing."""
    transaction: TxParams = {
        "type": 2,
        "chainId": chain.chain_id,
        "nonce": nonce,
        "to": NOBODY,
        "value": 0,
        "data": b"",
        "gas": 21_000,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
    }
    return signer.sign_transaction(key, dict(transaction))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chain.sqlite"


@pytest.fixture
def chain(path: Path) -> Iterator[EmbeddedChain]:
    opened = EmbeddedChain(path, SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def signer() -> FakeSigner:
    return FakeSigner()


def test_what_was_mined_is_there_after_a_restart(path: Path, signer: FakeSigner) -> None:
    chain = EmbeddedChain(path, SystemClock())
    identity = deploy(chain.web3, signer, roles_of(signer), TERMS, embedded=True)
    gateway = Gateway(chain.web3, signer, identity, SystemClock())
    rich = signer.address("account/rich")
    receipt = gateway.submit(MintMoney(account=rich, amount_units=5), "role/treasurer")
    before = list(gateway.events(0, gateway.head().number))
    chain.close()

    again = EmbeddedChain(path, SystemClock())
    reopened = Gateway(again.web3, signer, identity, SystemClock())
    assert again.chain_id == identity.chain_id
    assert reopened.head().block_hash == receipt.block_hash
    assert reopened.money_units(rich) == 5
    assert list(reopened.events(0, reopened.head().number)) == before
    reopened.submit(MintMoney(account=rich, amount_units=2), "role/treasurer")
    assert reopened.money_units(rich) == 7
    again.close()


def test_two_chains_have_two_ids(chain: EmbeddedChain, tmp_path: Path) -> None:
    other = EmbeddedChain(tmp_path / "other.sqlite", SystemClock())
    assert other.chain_id != chain.chain_id
    assert other.web3.eth.chain_id == other.chain_id
    other.close()


def test_what_is_signed_for_one_chain_is_refused_by_another(
    chain: EmbeddedChain, signer: FakeSigner, tmp_path: Path
) -> None:
    other = EmbeddedChain(tmp_path / "other.sqlite", SystemClock())
    raw = payment(chain, signer, "account/x", 0)
    with pytest.raises(ValidationError, match=f"signed for chain {chain.chain_id}"):
        other.web3.eth.send_raw_transaction(raw)
    assert other.web3.eth.block_number == 0
    chain.web3.eth.send_raw_transaction(raw)
    assert chain.web3.eth.block_number == 1
    other.close()


def test_sixteen_threads_lose_nothing(chain: EmbeddedChain, signer: FakeSigner) -> None:
    def send(number: int) -> list[bytes]:
        key = f"account/thread-{number}"
        return [
            chain.web3.eth.send_raw_transaction(payment(chain, signer, key, nonce))
            for nonce in range(5)
        ]

    with ThreadPoolExecutor(16) as threads:
        sent = [tx for hashes in threads.map(send, range(16)) for tx in hashes]
    assert len(set(sent)) == 80
    assert chain.web3.eth.block_number == 80
    mined = [chain.web3.eth.get_transaction_receipt(tx) for tx in sent]
    assert sorted(receipt["blockNumber"] for receipt in mined) == list(range(1, 81))
    assert {receipt["status"] for receipt in mined} == {1}


def test_a_second_opening_is_refused_and_says_who_has_it(chain: EmbeddedChain, path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from carbonbank.chain.embedded import EmbeddedChain\n"
        "from carbonbank.config import SystemClock\n"
        "EmbeddedChain(Path(sys.argv[1]), SystemClock())"
    )
    other = subprocess.run(
        [sys.executable, "-c", script, path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert other.returncode == 1
    assert f"in use by process {os.getpid()}" in other.stderr
    with pytest.raises(ChainFileBusy):
        EmbeddedChain(path, SystemClock())
    assert chain.web3.eth.block_number == 0


def test_closed_it_can_be_opened_again(path: Path) -> None:
    first = EmbeddedChain(path, SystemClock())
    first.close()
    first.close()
    EmbeddedChain(path, SystemClock()).close()


def test_killed_while_sending_it_comes_back_whole(path: Path, signer: FakeSigner) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.chain_worker", path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    said = [worker.stdout.readline().split() for _ in range(6)]
    worker.kill()  # in the middle of the next act
    said += [line.split() for line in worker.stdout]
    worker.stdout.close()
    worker.wait()
    chain_id = int(said[0][1])
    mined = [line[1] for line in said if line[0] == "mined" and len(line[-1]) == 66]

    chain = EmbeddedChain(path, SystemClock())
    assert chain.chain_id == chain_id
    identity = deploy(chain.web3, signer, roles_of(signer), TERMS, embedded=True)
    gateway = Gateway(chain.web3, signer, identity, SystemClock())
    rich = signer.address("account/rich")
    minted = [
        event for event in gateway.events(0, gateway.head().number) if event.name == "Transfer"
    ]
    # Everything that was answered is there; at most the act in flight is there besides.
    assert [event.block_hash for event in minted][: len(mined)] == mined
    assert len(minted) - len(mined) in (0, 1)
    assert gateway.money_units(rich) == len(minted)
    command = MintMoney(account=rich, amount_units=1)
    assert gateway.next_nonce(command, "role/treasurer") == len(minted)
    gateway.submit(command, "role/treasurer")
    assert gateway.money_units(rich) == len(minted) + 1
    chain.close()


def test_a_request_that_fails_leaves_nothing_behind(
    chain: EmbeddedChain, signer: FakeSigner
) -> None:
    chain.web3.eth.send_raw_transaction(payment(chain, signer, "account/x", 0))
    head = chain.web3.eth.get_block("latest")
    with pytest.raises(ValidationError):
        chain.web3.eth.send_raw_transaction(payment(chain, signer, "account/x", 9))

    def break_in_the_middle() -> None:
        chain._backend.send_raw_transaction(payment(chain, signer, "account/x", 1))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        chain.do(break_in_the_middle)
    assert chain.web3.eth.get_block("latest") == head
    address = signer.address("account/x")
    assert chain.web3.eth.get_transaction_count(address, "pending") == 1
    chain.web3.eth.send_raw_transaction(payment(chain, signer, "account/x", 1))
    assert chain.web3.eth.block_number == 2


def test_blocks_have_the_real_time_and_it_never_runs_back(path: Path, signer: FakeSigner) -> None:
    clock = SetClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    chain = EmbeddedChain(path, clock)

    def mined_at() -> datetime:
        count = chain.web3.eth.block_number
        chain.web3.eth.send_raw_transaction(payment(chain, signer, "account/x", count))
        return datetime.fromtimestamp(chain.web3.eth.get_block("latest")["timestamp"], UTC)

    start = clock.at
    # Several blocks in one second share it, so a busy hour does not push the clock ahead.
    assert [mined_at() for _ in range(3)] == [start] * 3
    clock.at = start + timedelta(days=40)
    assert mined_at() == clock.at
    clock.at = start
    assert mined_at() == start + timedelta(days=40)
    chain.close()


def test_a_backup_is_the_same_chain(
    chain: EmbeddedChain, signer: FakeSigner, tmp_path: Path
) -> None:
    chain.web3.eth.send_raw_transaction(payment(chain, signer, "account/x", 0))
    chain.backup(tmp_path / "copy.sqlite")
    chain.web3.eth.send_raw_transaction(payment(chain, signer, "account/x", 1))
    copy = EmbeddedChain(tmp_path / "copy.sqlite", SystemClock())
    assert copy.chain_id == chain.chain_id
    assert copy.web3.eth.get_block("latest") == chain.web3.eth.get_block(1)
    copy.close()


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + bytes(200)])
def test_a_file_that_is_no_chain_is_refused_and_kept(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for _ in range(2):  # refused twice: the first refusal has given the lock back
        with pytest.raises(ChainFileUnreadable, match=r"chain\.sqlite"):
            EmbeddedChain(path, SystemClock())
    assert path.read_bytes() == content


def test_a_truncated_chain_is_told_from_a_whole_one(path: Path, signer: FakeSigner) -> None:
    chain = EmbeddedChain(path, SystemClock())
    for nonce in range(5):
        chain.web3.eth.send_raw_transaction(payment(chain, signer, "account/x", nonce))
    chain.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ChainFileUnreadable):
        EmbeddedChain(path, SystemClock())
    path.write_bytes(whole)
    file = sqlite3.connect(path)
    file.execute("DELETE FROM node")
    file.commit()
    file.close()
    with pytest.raises(ChainFileUnreadable):
        EmbeddedChain(path, SystemClock())


def test_a_deployment_killed_anywhere_is_taken_up(path: Path, signer: FakeSigner) -> None:
    chain = EmbeddedChain(path, SystemClock())
    sent = chain.web3.eth.send_raw_transaction

    class Killed(Exception):
        pass

    def deploy_until(steps: int) -> None:
        left = iter(range(steps))

        def send(raw: bytes) -> object:
            if next(left, None) is None:
                raise Killed
            return sent(raw)

        chain.web3.eth.send_raw_transaction = send  # type: ignore[method-assign, assignment]
        deploy(chain.web3, signer, roles_of(signer), TERMS, embedded=True)

    for _ in range(9):  # six contracts, two libraries, one operation, one step further each time
        with pytest.raises(Killed):
            deploy_until(1)
    deploy_until(1)
    assert chain.web3.eth.block_number == 10
    deploy_until(0)
    chain.close()


def test_a_deployer_that_did_something_else_first_is_refused(
    chain: EmbeddedChain, signer: FakeSigner
) -> None:
    chain.web3.eth.send_raw_transaction(payment(chain, signer, "role/deployer", 0))
    with pytest.raises(DeployerUsed):
        deploy(chain.web3, signer, roles_of(signer), TERMS, embedded=True)


def test_a_gateway_needs_its_own_chain_and_contracts(
    chain: EmbeddedChain, signer: FakeSigner
) -> None:
    identity = deploy(chain.web3, signer, roles_of(signer), TERMS, embedded=True)
    with pytest.raises(WrongChain):
        Gateway(chain.web3, signer, replace(identity, chain_id=1), SystemClock())
    with pytest.raises(ContractsMissing):
        Gateway(chain.web3, signer, replace(identity, bank=NOBODY), SystemClock())
