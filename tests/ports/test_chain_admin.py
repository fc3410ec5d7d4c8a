"""The admin of the contracts is a timelock: what it does was scheduled and has waited."""

import time
from itertools import count

import pytest

from carbonbank.domain.admin_acts import (
    AdminAct,
    GrantRole,
    RevokeRole,
    SetAdminDelay,
    SetFee,
)
from carbonbank.domain.chain_facts import OperationState
from carbonbank.domain.commands import (
    CancelAct,
    CertifyMethodology,
    ExecuteAct,
    MintMoney,
    ScheduleAct,
)
from carbonbank.domain.hashing import keccak256, sha256
from tests.ports.chain_fixtures import Corner, new_id
from tests.ports.test_chain_acts import fields, said
from tests.ports.test_chain_refusals import refused

HOUR_S = 3600
UNKNOWN = (1).to_bytes(32, "big")
WAITING_OR_READY = (0b110).to_bytes(32, "big")
READY = (0b100).to_bytes(32, "big")
_salts = count(1)


def salt() -> bytes:
    return sha256(f"salt {next(_salts)}".encode())


def word(role: str) -> bytes:
    return keccak256(role.encode())


def grant(contract: str, role: str, account: str) -> GrantRole:
    return GrantRole(contract=contract, role=word(role), account=account)


def schedule(corner: Corner, act: AdminAct, once: bytes, delay_s: int = 0) -> None:
    command = ScheduleAct(act=act, salt=once, delay_s=delay_s)
    assert said(corner.chain.submit(command, "role/admin")) == ["CallScheduled", "CallSalt"]


def administer(corner: Corner, act: AdminAct) -> list[str]:
    once = salt()
    schedule(corner, act, once)
    return said(corner.chain.submit(ExecuteAct(act=act, salt=once), "role/admin"))


def test_a_role_is_granted_by_what_was_scheduled_and_executed(corner: Corner) -> None:
    chain, certifier, once = corner.chain, corner.new_account("certifier"), salt()
    act = grant("bank", "CERTIFIER", corner.at(certifier))
    operation_id = chain.operation_id(act, once)
    assert chain.operation(operation_id).state is OperationState.UNKNOWN
    schedule(corner, act, once)
    waits = chain.operation(operation_id)
    assert waits.state is OperationState.READY
    assert waits.ready_at_s > 1_600_000_000
    receipt = chain.submit(ExecuteAct(act=act, salt=once), "role/admin")
    assert said(receipt) == ["RoleGranted", "CallExecuted"]
    assert fields(receipt, "CallExecuted")["id"] == operation_id
    assert fields(receipt, "RoleGranted") == {
        "role": word("CERTIFIER"),
        "account": corner.at(certifier),
        "sender": chain.identity.timelock,
    }
    assert chain.operation(operation_id).state is OperationState.DONE
    assert chain.operation(operation_id).ready_at_s == 0


def test_the_id_follows_from_the_content_and_the_salt(corner: Corner) -> None:
    chain, once = corner.chain, salt()
    act = grant("bank", "VERIFIER", corner.at("account/x"))
    assert chain.operation_id(act, once) == chain.operation_id(act, once)
    assert chain.operation_id(act, salt()) != chain.operation_id(act, once)
    other = grant("bank", "ISSUER", corner.at("account/x"))
    assert chain.operation_id(other, once) != chain.operation_id(act, once)


def test_before_its_time_it_is_refused(corner: Corner) -> None:
    chain, once = corner.chain, salt()
    act = SetFee(fee_bps=0, fee_to=corner.at("role/treasurer"))
    schedule(corner, act, once, HOUR_S)
    operation_id = chain.operation_id(act, once)
    waits = chain.operation(operation_id)
    assert waits.state is OperationState.WAITING
    with refused(
        "TimelockUnexpectedOperationState", operation_id=operation_id, expected_states=READY
    ):
        chain.submit(ExecuteAct(act=act, salt=once), "role/admin")
    with refused(
        "TimelockUnexpectedOperationState", operation_id=operation_id, expected_states=UNKNOWN
    ):
        chain.submit(ScheduleAct(act=act, salt=once, delay_s=0), "role/admin")


def test_nobody_else_schedules_executes_or_cancels(corner: Corner) -> None:
    chain, once = corner.chain, salt()
    act = grant("bank", "ISSUER", corner.at(corner.new_account("issuer")))
    schedule(corner, act, once)
    steps = (
        (ScheduleAct(act=act, salt=salt(), delay_s=0), "PROPOSER_ROLE"),
        (ExecuteAct(act=act, salt=once), "EXECUTOR_ROLE"),
        (CancelAct(operation_id=chain.operation_id(act, once)), "CANCELLER_ROLE"),
    )
    for outsider in ("role/guardian", "role/issuer", "role/relayer"):
        for command, power in steps:
            with refused(
                "AccessControlUnauthorizedAccount",
                account=corner.at(outsider),
                needed_role=word(power),
            ):
                chain.submit(command, outsider)


def test_what_a_canceller_cancels_is_never_done(corner: Corner) -> None:
    chain, once = corner.chain, salt()
    thief = corner.new_account("thief")
    act = grant("money", "MINTER", corner.at(thief))
    schedule(corner, act, once)
    operation_id = chain.operation_id(act, once)
    receipt = chain.submit(CancelAct(operation_id=operation_id), "role/admin")
    assert fields(receipt, "Cancelled") == {"id": operation_id}
    assert chain.operation(operation_id).state is OperationState.UNKNOWN
    with refused("TimelockUnexpectedOperationState", operation_id=operation_id):
        chain.submit(ExecuteAct(act=act, salt=once), "role/admin")
    with refused(
        "TimelockUnexpectedOperationState",
        operation_id=operation_id,
        expected_states=WAITING_OR_READY,
    ):
        chain.submit(CancelAct(operation_id=operation_id), "role/admin")


def test_an_executor_that_was_granted_executes_and_one_that_was_revoked_does_not(
    corner: Corner,
) -> None:
    """On a real chain the executor pays for the transaction, so a role that has a coin is lent."""
    who = corner.at("role/registrar")
    assert administer(corner, grant("timelock", "EXECUTOR_ROLE", who)) == [
        "RoleGranted",
        "CallExecuted",
    ]
    act, once = SetFee(fee_bps=0, fee_to=corner.at("role/treasurer")), salt()
    schedule(corner, act, once)
    receipt = corner.chain.submit(ExecuteAct(act=act, salt=once), "role/registrar")
    assert said(receipt) == ["FeeSet", "CallExecuted"]
    revoke = RevokeRole(contract="timelock", role=word("EXECUTOR_ROLE"), account=who)
    assert administer(corner, revoke) == ["RoleRevoked", "CallExecuted"]
    once = salt()
    schedule(corner, act, once)
    with refused("AccessControlUnauthorizedAccount", account=who):
        corner.chain.submit(ExecuteAct(act=act, salt=once), "role/registrar")


def test_the_contracts_rules_hold_for_the_admin_too_and_a_refused_act_waits_on(
    corner: Corner,
) -> None:
    chain, once = corner.chain, salt()
    act = grant("bank", "ISSUER", corner.at("role/guardian"))
    schedule(corner, act, once)
    with refused("RoleConflict", account=corner.at("role/guardian"), held_role=word("GUARDIAN")):
        chain.submit(ExecuteAct(act=act, salt=once), "role/admin")
    assert chain.operation(chain.operation_id(act, once)).state is OperationState.READY


@pytest.mark.parametrize("key", ["role/deployer", "role/admin"])
def test_neither_who_deployed_nor_who_administers_holds_the_banks_powers(
    corner: Corner, key: str
) -> None:
    mint = MintMoney(account=corner.at("account/x"), amount_units=1)
    certify = CertifyMethodology(
        methodology_id=new_id("method"), class_label="x", buffer_bps=0, demo=False
    )
    for command, role in ((mint, "MINTER"), (certify, "CERTIFIER")):
        with refused("AccessControlUnauthorizedAccount", needed_role=word(role)):
            corner.chain.submit(command, key)


def test_who_deployed_schedules_nothing_any_more(corner: Corner) -> None:
    act = grant("bank", "ISSUER", corner.at("role/deployer"))
    with refused("AccessControlUnauthorizedAccount", needed_role=word("PROPOSER_ROLE")):
        corner.chain.submit(ScheduleAct(act=act, salt=salt(), delay_s=0), "role/deployer")


def test_the_delay_itself_changes_by_an_act_that_waited(corner: Corner) -> None:
    chain, back, once = corner.chain, SetAdminDelay(delay_s=0), salt()
    assert chain.admin_delay_s() == 0
    administer(corner, SetAdminDelay(delay_s=1))
    assert chain.admin_delay_s() == 1
    with refused("TimelockInsufficientDelay", delay=0, min_delay=1):
        chain.submit(ScheduleAct(act=back, salt=once, delay_s=0), "role/admin")
    schedule(corner, back, once, 1)
    while chain.operation(chain.operation_id(back, once)).state is OperationState.WAITING:
        time.sleep(0.1)
    receipt = chain.submit(ExecuteAct(act=back, salt=once), "role/admin")
    assert fields(receipt, "MinDelayChange") == {"old_duration": 1, "new_duration": 0}
    assert chain.admin_delay_s() == 0


def test_a_call_is_told_in_words(corner: Corner) -> None:
    chain, who = corner.chain, corner.at("account/x")
    once = salt()
    act = grant("money", "MINTER", who)
    receipt = chain.submit(ScheduleAct(act=act, salt=once, delay_s=0), "role/admin")
    told = fields(receipt, "CallScheduled")
    assert isinstance(told["target"], str)
    assert isinstance(told["data"], bytes)
    assert chain.call_in_words(told["target"], told["data"]) == (
        f"SettlementToken.grantRole(role=MINTER, account={who})"
    )
    assert chain.call_in_words(who, b"\1\2") == f"{who} 0x0102"
