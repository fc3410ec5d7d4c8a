"""An administrator's acts: scheduled under an own key, refused before their time, done once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import Keyring, init_keys
from carbonbank.bootstrap.open_bank import open_bank
from carbonbank.cli.main import carbonbank
from carbonbank.config import Settings
from carbonbank.domain.admin_acts import (
    GrantRole,
    ResumeIssue,
    RevokeRole,
    SetAdminDelay,
    SetFee,
    SetLastMonth,
)
from carbonbank.domain.commands import MintMoney
from carbonbank.domain.hashing import canonical_json
from carbonbank.errors import (
    AccessControlUnauthorizedAccount,
    AdminHoldsRole,
    FieldInvalid,
    IssueIsNotStopped,
    KeyMissing,
    OperationDone,
    OperationNotReady,
    OperationUnknown,
    RoleUnassigned,
    TimelockMissing,
)
from carbonbank.service.admin import role_act
from carbonbank.service.bank import Bank
from carbonbank.service.cancel_act import cancel_act
from carbonbank.service.execute_act import execute_act
from carbonbank.service.list_operations import list_operations
from carbonbank.service.schedule_act import schedule_act
from carbonbank.service.stop_issue import stop_issue
from tests.fakes.signer import FakeSigner
from tests.faults.world import bank_in
from tests.stage import Clock

NOON_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TWO_DAYS = timedelta(seconds=172_800)
OUTSIDE = FakeSigner()
SOMEBODY = OUTSIDE.address("account/somebody")


def settings_in(path: Path, **rest: Any) -> Settings:
    values: dict[str, Any] = {
        "data": path,
        "passphrase": SecretStr("open sesame"),
        "certifier": OUTSIDE.address("role/certifier"),
        "verifier": OUTSIDE.address("role/verifier"),
        "guardian": OUTSIDE.address("role/guardian"),
        "proposers": OUTSIDE.address("role/admin"),
    }
    return Settings(**(values | rest))


@contextmanager
def own_bank(path: Path, clock: Clock, admin: Any = OUTSIDE, **rest: Any) -> Iterator[Bank]:
    directory = DataDirectory(path)
    if not directory.keystore.exists():
        init_keys(directory, "open sesame", cost=2)
    settings = settings_in(path, **rest)
    with open_bank(settings, clock=clock, admin=admin, guardian=OUTSIDE) as bank:
        yield bank


class Stranger(FakeSigner):
    """Says it is the admin, with a key of its own."""

    def _account(self, key: str) -> Any:
        return super()._account(key.replace("role/admin", "account/stranger"))


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON_AT)


@pytest.fixture
def bank(tmp_path: Path, clock: Clock) -> Iterator[Bank]:
    """A bank in earnest: nobody's demo, an admin elsewhere, two days of delay."""
    with own_bank(tmp_path / "bank", clock) as opened:
        yield opened


def test_an_act_is_scheduled_waits_and_is_done_once(bank: Bank, clock: Clock) -> None:
    act = role_act(GrantRole, "registrar", SOMEBODY)
    with pytest.raises(OperationUnknown):
        execute_act(bank, act)
    waits = schedule_act(bank, act)
    assert (waits.act, waits.state, waits.ready_at, waits.repeated) == (
        f"make {SOMEBODY} registrar", "waiting", "2026-11-24T12:00:00Z", False,
    )  # fmt: skip
    again = schedule_act(bank, act)
    assert (again.operation_id, again.ready_at, again.repeated) == (
        waits.operation_id, waits.ready_at, True,
    )  # fmt: skip
    clock.moment_at = NOON_AT + TWO_DAYS - timedelta(seconds=1)
    with pytest.raises(OperationNotReady, match="before 2026-11-24T12:00:00Z"):
        execute_act(bank, act)
    clock.moment_at = NOON_AT + TWO_DAYS
    assert schedule_act(bank, act).state == "ready"
    done = execute_act(bank, act)
    assert (done.state, done.ready_at, done.repeated) == ("done", None, False)
    assert (execute_act(bank, act).repeated, schedule_act(bank, act).state) == (True, "done")


def test_the_same_words_again_need_a_key_of_their_own(bank: Bank, clock: Clock) -> None:
    for number in ("first", "second"):
        stop_issue(bank, "a doubt")
        assert schedule_act(bank, ResumeIssue(), number).state == "waiting"
        clock.moment_at += TWO_DAYS
        assert execute_act(bank, ResumeIssue(), number).repeated is False
        assert stop_issue(bank, "another doubt").repeated is False  # so it had been resumed
        schedule_act(bank, ResumeIssue(), number + " end")
        clock.moment_at += TWO_DAYS
        execute_act(bank, ResumeIssue(), number + " end")
    schedule_act(bank, ResumeIssue())
    clock.moment_at += TWO_DAYS
    with pytest.raises(IssueIsNotStopped):
        execute_act(bank, ResumeIssue())


def test_every_act_of_the_admin_goes_this_way(bank: Bank, clock: Clock) -> None:
    treasurer = bank.signer.address("role/treasurer")
    acts = [
        role_act(GrantRole, "minter", SOMEBODY),
        role_act(RevokeRole, "minter", SOMEBODY),
        role_act(GrantRole, "proposer", SOMEBODY),
        SetFee(fee_bps=25, fee_to=treasurer),
        SetLastMonth(month=2030 * 12),
        SetAdminDelay(delay_s=7 * 86_400),
    ]
    for act in acts:
        schedule_act(bank, act)
    clock.moment_at += TWO_DAYS
    assert [execute_act(bank, act).state for act in acts] == ["done"] * len(acts)
    assert bank.chain.admin_delay_s() == 7 * 86_400
    told = [one.calls for one in list_operations(bank)[1:]]  # the first is the deployment's
    assert told == [
        (f"SettlementToken.grantRole(role=MINTER, account={SOMEBODY})",),
        (f"SettlementToken.revokeRole(role=MINTER, account={SOMEBODY})",),
        (f"TimelockController.grantRole(role=PROPOSER_ROLE, account={SOMEBODY})",),
        (f"CarbonMarket.setFee(feeBps=25, feeTo={treasurer})",),
        ("CarbonBank.setLastMonth(lastMonth=24360)",),
        ("TimelockController.updateDelay(newDelay=604800)",),
    ]
    later = schedule_act(bank, SetFee(fee_bps=0, fee_to=treasurer))
    assert later.ready_at == "2026-12-01T12:00:00Z"


def test_what_is_cancelled_is_not_done(bank: Bank, clock: Clock) -> None:
    act = role_act(GrantRole, "issuer", SOMEBODY)
    waits = schedule_act(bank, act)
    gone = cancel_act(bank, waits.operation_id)
    assert (gone.state, gone.proposer) == ("cancelled", OUTSIDE.address("role/admin"))
    assert cancel_act(bank, "0x" + waits.operation_id) == gone
    clock.moment_at += TWO_DAYS
    with pytest.raises(OperationUnknown):
        execute_act(bank, act)
    assert schedule_act(bank, act).state == "waiting"
    clock.moment_at += TWO_DAYS
    execute_act(bank, act)
    assert [one.state for one in list_operations(bank)] == ["done", "done"]
    with pytest.raises(OperationDone):
        cancel_act(bank, waits.operation_id)
    with pytest.raises(OperationUnknown):
        cancel_act(bank, "00" * 32)
    with pytest.raises(FieldInvalid, match="operation"):
        cancel_act(bank, "no id")


def test_nobody_else_administers(tmp_path: Path, clock: Clock) -> None:
    act = role_act(GrantRole, "issuer", SOMEBODY)
    with own_bank(tmp_path / "bank", clock) as bank:
        waits = schedule_act(bank, act)
    with own_bank(tmp_path / "bank", clock, admin=Stranger()) as bank:
        other = role_act(GrantRole, "verifier", SOMEBODY)
        with pytest.raises(AccessControlUnauthorizedAccount):
            schedule_act(bank, other)
        with pytest.raises(AccessControlUnauthorizedAccount):
            cancel_act(bank, waits.operation_id)
        clock.moment_at += TWO_DAYS
        with pytest.raises(AccessControlUnauthorizedAccount):
            execute_act(bank, act)
    with own_bank(tmp_path / "bank", clock, admin=None) as bank:
        assert isinstance(bank.signer, Keyring)
        with pytest.raises(KeyMissing):  # the bank's own keystore answers for no administrator
            execute_act(bank, act)


def test_the_admin_has_no_other_power(bank: Bank) -> None:
    mint = MintMoney(account=SOMEBODY, amount_units=1)
    for key in ("role/admin", "role/deployer"):
        with pytest.raises(AccessControlUnauthorizedAccount):
            bank.chain.submit(mint, key)


def test_two_executors_may_be_others_than_the_proposers(tmp_path: Path, clock: Clock) -> None:
    executors = ", ".join(OUTSIDE.address(f"account/executor-{n}") for n in (1, 2))
    act = role_act(GrantRole, "issuer", SOMEBODY)
    with own_bank(tmp_path / "bank", clock, executors=executors, admin_delay_s=60) as bank:
        schedule_act(bank, act)
        clock.moment_at += timedelta(seconds=60)
        with pytest.raises(AccessControlUnauthorizedAccount):
            execute_act(bank, act)

    class Second(FakeSigner):
        def _account(self, key: str) -> Any:
            return super()._account(key.replace("role/admin", "account/executor-2"))

    with own_bank(tmp_path / "bank", clock, admin=Second()) as bank:
        assert execute_act(bank, act).state == "done"


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"proposers": None}, RoleUnassigned, "CARBONBANK_PROPOSERS"),
        ({"proposers": "0x12"}, FieldInvalid, "CARBONBANK_PROPOSERS"),
        ({"executors": SOMEBODY.lower()}, FieldInvalid, "CARBONBANK_EXECUTORS"),
        ({"admin_delay_s": 0}, FieldInvalid, "a demo alone does not wait"),
        ({"proposers": OUTSIDE.address("role/guardian")}, AdminHoldsRole, "guardian"),
    ],
)
def test_settings_that_would_leave_no_delay_or_no_separate_admin_are_refused(
    tmp_path: Path, clock: Clock, wrong: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says), own_bank(tmp_path / "bank", clock, **wrong):
        pass
    with own_bank(tmp_path / "bank", clock) as bank:  # nothing was deployed by halves
        assert bank.chain.admin_delay_s() == 172_800


def test_a_directory_from_before_the_timelock_works_on_and_says_what_it_lacks(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bank"
    with bank_in(path):
        pass
    file = DataDirectory(path).deployment
    told = json.loads(file.read_bytes())
    del told["identity"]["timelock"]
    file.write_bytes(canonical_json(told))
    with bank_in(path) as bank:
        assert stop_issue(bank, "a doubt").repeated is False
        with pytest.raises(TimelockMissing, match=bank.chain.identity.bank):
            schedule_act(bank, ResumeIssue())
        with pytest.raises(TimelockMissing):
            bank.chain.admin_delay_s()
        assert list_operations(bank) == ()


def test_an_administrator_acts_from_the_command_line_and_a_demo_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bank"
    with bank_in(path) as bank:
        assert bank.chain.admin_delay_s() == 0
    monkeypatch.setenv("CARBONBANK_DATA", str(path))
    folder = DataDirectory(path).beside("admin")
    monkeypatch.setenv(
        "CARBONBANK_ADMIN_PASSPHRASE", (folder / "demo-passphrase").read_text().splitlines()[1]
    )

    def run(*words: str, own: bool = True) -> Any:
        keys = ["--keystore", str(folder / "keystore.json")] if own else []
        done = CliRunner().invoke(
            carbonbank, ["admin", *words, *keys, "--json"], catch_exceptions=False
        )
        return json.loads(done.stdout)

    acts = [
        ["grant", "issuer", SOMEBODY],
        ["revoke", "issuer", SOMEBODY],
        ["fee", "10", SOMEBODY],
        ["last-month", "2030-12"],
        ["delay", "5"],
    ]
    for words in acts:
        scheduled = run(*words)
        assert scheduled["state"] == "ready"
        done = run(*words, "--execute")
        assert (done["operation_id"], done["state"]) == (scheduled["operation_id"], "done")
    waits = run("resume-issue", "--key", "of today")
    assert waits["state"] == "waiting"
    assert run("cancel", waits["operation_id"])["state"] == "cancelled"
    listed = run("list", own=False)
    assert listed["delay_s"] == 5
    assert [one["state"] for one in listed["operations"]] == ["done"] * 6 + ["cancelled"]
    assert len(listed["operations"][0]["calls"]) == 14  # what the deployment handed over
    told = CliRunner().invoke(carbonbank, ["admin", "list"], catch_exceptions=False).stdout
    assert "an act of the admin waits 5 s" in told
    assert f"  CarbonBank.grantRole(role=ISSUER, account={SOMEBODY})" in told
