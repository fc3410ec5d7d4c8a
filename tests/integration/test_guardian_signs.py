"""A guardian acts through the bank without handing it a key: prepared, signed, relayed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_demo_keys
from carbonbank.chain.keystore import Keystore
from carbonbank.domain.admin_acts import GrantRole
from carbonbank.domain.commands import StopIssue
from carbonbank.errors import (
    AccessControlUnauthorizedAccount,
    AmountNotPositive,
    BatchNotCancellable,
    BatchNotFrozen,
    FieldInvalid,
    NonceSpent,
    NotFound,
    NotThisPartysCall,
    SignedCallUnreadable,
    SignedForOtherChain,
)
from carbonbank.service.admin import role_act
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import batch_status
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.prepare_guardian_act import prepare_guardian_act
from carbonbank.service.prepared_call import PreparedCall
from carbonbank.service.record_verification import record_verification
from carbonbank.service.relay_signed import Relayed, relay_signed
from carbonbank.service.retire_credits import retire_credits
from tests.faults.world import bank_in, stage_in
from tests.integration.test_corrections import act, administer
from tests.stage import trip


class Guardian:
    """Somebody with the guardian's keystore and no bank: signs what is handed out."""

    def __init__(self, keys: Keystore) -> None:
        self.keys, self.address = keys, keys.address("role/guardian")

    def sign(self, call: PreparedCall, key: str = "role/guardian", **changes: Any) -> str:
        transaction = {
            "type": 2,
            "chainId": int(call.chain_id),
            "nonce": call.nonce,
            "to": call.to,
            "value": call.value,
            "data": call.data,
            "gas": call.gas,
            "maxFeePerGas": int(call.max_fee_per_gas),
            "maxPriorityFeePerGas": int(call.max_priority_fee_per_gas),
        }
        return "0x" + self.keys.sign_transaction(key, transaction | changes).hex()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Bank, str, str, Guardian]]:
    """Batches of June and July, and the guardian beside."""
    path = tmp_path / "bank"
    with bank_in(path) as bank:
        stage = stage_in(path, bank)
        stage.certify()
        june = stage.verified([trip()]).batch_id
        stage.offer([trip("2024-07-03T08:00:00", vehicle_id="car-2")], "july.csv")
        stage.close(2024 * 12 + 6)
        july = stage.seal(2024 * 12 + 6).batch_id
        record_verification(bank, july, stage.signed(july))
        for batch in (june, july):
            issue_batch(bank, batch)
        yield bank, june, july, Guardian(open_demo_keys(DataDirectory(path), "guardian"))


def did(bank: Bank, guardian: Guardian, name: str, **fields: Any) -> Relayed:
    call = prepare_guardian_act(bank, guardian.address, name, **fields)
    return relay_signed(bank, guardian.sign(call), "guardian")


def test_a_freeze_says_what_it_does_and_is_done_once(
    site: tuple[Bank, str, str, Guardian],
) -> None:
    bank, june, _, guardian = site
    call = prepare_guardian_act(
        bank, guardian.address, "freeze", batch=june[:8], reason="odometers run backward"
    )
    assert call.does == f"stop batch {june} for 30 days from now: odometers run backward"
    assert call.call.startswith(f"CarbonBank.freeze(batchId={int(june, 16)}, reason='odometers")
    assert (call.to, call.sender, call.value) == (
        bank.chain.identity.bank, guardian.address, 0,
    )  # fmt: skip
    assert batch_status(bank, june).status == "active"  # handing out changes nothing
    raw = guardian.sign(call)
    done = relay_signed(bank, raw, "guardian")
    assert done.standing is not None
    assert (done.signer, done.standing.batch_id, done.standing.status) == (
        guardian.address, june, "frozen",
    )  # fmt: skip
    assert done.standing.reason == "odometers run backward"
    head = bank.chain.head()
    assert relay_signed(bank, raw, "guardian") == done
    assert bank.chain.head() == head
    with pytest.raises(NonceSpent):
        relay_signed(bank, guardian.sign(call, gas=call.gas + 1), "guardian")
    assert did(bank, guardian, "unfreeze", batch=june).standing == batch_status(bank, june)
    assert batch_status(bank, june).status == "active"


def test_all_acts_of_a_guardian_go_this_way(site: tuple[Bank, str, str, Guardian]) -> None:
    bank, june, july, guardian = site
    retire_credits(bank, "olga", june, 150, beneficiary="b", purpose="p")
    challenger = bank.signer.address("role/relayer")
    administer(bank, role_act(GrantRole, "challenger", challenger))
    act(bank, "role/relayer", "disprove", int(june, 16), b"\x09" * 32)
    corrected = did(
        bank, guardian, "correct", batch=june, excess_g=10, reason="too many", sources=[july]
    )
    assert corrected.standing is not None
    assert (corrected.standing.status, corrected.standing.cancelled_g) == ("active", 10)
    act(bank, "role/relayer", "disprove", int(june, 16), b"\x0a" * 32)
    ended = did(bank, guardian, "cancel", batch=june, reason="no trips at all")
    assert ended.standing is not None
    assert (ended.standing.status, ended.standing.unreplaced_g) == ("cancelled", 150)
    call = prepare_guardian_act(bank, guardian.address, "replace", batch=june)
    assert call.does.endswith(f"out of buffers of {july}")
    buffer_g = batch_status(bank, july).buffer_g
    relay_signed(bank, guardian.sign(call), "guardian")
    assert batch_status(bank, june).unreplaced_g == 150 - buffer_g
    stopped = did(bank, guardian, "stop-issue", reason="a key is stolen")
    assert (stopped.standing, stopped.call) == (
        None, "CarbonBank.stopIssue(reason='a key is stolen')",
    )  # fmt: skip
    registrar = bank.signer.address("role/registrar")
    gone = did(bank, guardian, "dismiss", role="registrar", address=registrar, reason="stolen")
    assert gone.call == (
        f"CarbonBank.dismiss(role=REGISTRAR, account={registrar}, reason='stolen')"
    )


def test_what_the_contract_would_refuse_is_not_handed_out(
    site: tuple[Bank, str, str, Guardian],
) -> None:
    bank, june, _, guardian = site
    prepare = prepare_guardian_act
    with pytest.raises(BatchNotFrozen):
        prepare(bank, guardian.address, "unfreeze", batch=june)
    with pytest.raises(BatchNotCancellable):
        prepare(bank, guardian.address, "cancel", batch=june, reason="no")
    with pytest.raises(AccessControlUnauthorizedAccount):
        prepare(bank, bank.signer.address("role/issuer"), "freeze", batch=june, reason="no")
    with pytest.raises(NotFound):
        prepare(bank, guardian.address, "freeze", batch="f" * 64, reason="no")


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("resume", {}, "act"),
        ("freeze", {"reason": "no batch"}, "batch"),
        ("freeze", {"batch": "june"}, "reason"),
        ("freeze", {"batch": "june", "reason": "  "}, "reason"),
        ("unfreeze", {"batch": "june", "reason": "none is asked"}, "reason"),
        ("stop-issue", {"reason": "x", "excess_g": 1}, "excess_g"),
        ("dismiss", {"role": "admin", "address": "0x0", "reason": "x"}, "role"),
    ],
)
def test_an_act_is_told_what_it_needs_and_no_more(
    site: tuple[Bank, str, str, Guardian], name: str, fields: dict[str, Any], field: str
) -> None:
    bank, june, _, guardian = site
    named = {key: june if value == "june" else value for key, value in fields.items()}
    with pytest.raises(FieldInvalid) as refused:
        prepare_guardian_act(bank, guardian.address, name, **named)
    assert refused.value.fields["field"] == field
    with pytest.raises(FieldInvalid, match="sender"):
        prepare_guardian_act(bank, "0x12", "stop-issue", reason="x")
    with pytest.raises(AmountNotPositive):
        prepare_guardian_act(bank, guardian.address, "correct", batch=june, reason="x", excess_g=-1)


def test_the_bank_relays_nothing_else(site: tuple[Bank, str, str, Guardian]) -> None:
    bank, june, _, guardian = site
    call = prepare_guardian_act(bank, guardian.address, "freeze", batch=june, reason="x")
    for raw, error in (
        ("0xzz", FieldInvalid),
        ("0x", SignedCallUnreadable),
        (guardian.sign(call)[:-2], SignedCallUnreadable),
        (guardian.sign(call, value=1), SignedCallUnreadable),
        (guardian.sign(call, chainId=1), SignedForOtherChain),
        (guardian.sign(call, to=bank.chain.identity.market), NotThisPartysCall),
        (guardian.sign(call, to=guardian.address), NotThisPartysCall),
        (guardian.sign(call, data="0x"), NotThisPartysCall),
        (guardian.sign(call, "account/thief", nonce=0), AccessControlUnauthorizedAccount),
        (guardian.sign(call, gas=1), SignedCallUnreadable),  # too little to begin with
        (guardian.sign(call, maxFeePerGas=10**9), SignedCallUnreadable),  # and no coin to pay it
    ):
        with pytest.raises(error):
            relay_signed(bank, raw, "guardian")
    assert batch_status(bank, june).status == "active"
    relay_signed(bank, guardian.sign(call), "guardian")  # none of them spent the number
    later = bank.chain.unsigned(StopIssue(reason="x"), guardian.address)
    assert later.nonce == call.nonce + 1
