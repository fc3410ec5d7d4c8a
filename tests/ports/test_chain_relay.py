"""What others sign: a call is handed out unsigned, and taken back signed, once."""

from typing import Any

import pytest

from carbonbank.domain.chain_facts import BatchStatus, Receipt
from carbonbank.domain.claim import batch_id
from carbonbank.domain.commands import FreezeBatch, UnfreezeBatch
from carbonbank.domain.hashing import keccak256
from carbonbank.domain.signed_call import UnsignedCall
from carbonbank.errors import NonceAhead, NonceSpent, SignedCallUnreadable
from tests.ports.chain_fixtures import Corner
from tests.ports.test_chain_acts import said
from tests.ports.test_chain_refusals import refused

GUARDIAN = "role/guardian"


def signed(corner: Corner, call: UnsignedCall, key: str = GUARDIAN, **changes: Any) -> bytes:
    transaction: dict[str, Any] = {
        "type": 2,
        "chainId": call.chain_id,
        "nonce": call.nonce,
        "to": call.to,
        "value": 0,
        "data": call.data,
        "gas": call.gas,
        "maxFeePerGas": call.max_fee_per_gas,
        "maxPriorityFeePerGas": call.max_priority_fee_per_gas,
    }
    return corner.signer.sign_transaction(key, transaction | changes)


@pytest.fixture
def number(corner: Corner) -> int:
    corner.prepare()
    return batch_id(corner.issued().claim)


def freezing(corner: Corner, number: int) -> UnsignedCall:
    command = FreezeBatch(batch_id=number, reason="a doubt")
    return corner.chain.unsigned(command, corner.at(GUARDIAN))


def shown(receipt: Receipt) -> tuple[str, list[str]]:
    return receipt.tx_hash, said(receipt)


def test_a_prepared_call_is_signed_elsewhere_and_relayed_once(corner: Corner, number: int) -> None:
    chain, call = corner.chain, freezing(corner, number)
    assert (call.chain_id, call.to, call.sender) == (
        chain.identity.chain_id, chain.identity.bank, corner.at(GUARDIAN),
    )  # fmt: skip
    assert chain.call_in_words(call.to, call.data) == (
        f"CarbonBank.freeze(batchId={number}, reason='a doubt')"
    )
    raw = signed(corner, call)
    told = chain.read_signed(raw)
    assert (told.sender, told.nonce, told.contract, told.function) == (
        corner.at(GUARDIAN), call.nonce, "bank", "freeze",
    )  # fmt: skip
    receipt = chain.relay(raw)
    assert shown(receipt) == (told.tx_hash, ["BatchFrozen"])
    (event,) = receipt.events
    assert (event.actor, event.nonce) == (corner.at(GUARDIAN), call.nonce)
    assert told.tx_hash == "0x" + keccak256(raw).hex()
    assert chain.batch(number).status is BatchStatus.FROZEN
    head = chain.head()
    assert chain.relay(raw) == receipt
    assert chain.head() == head


def test_another_transaction_under_a_spent_or_a_later_number_is_refused(
    corner: Corner, number: int
) -> None:
    call = freezing(corner, number)
    corner.chain.relay(signed(corner, call))
    with pytest.raises(NonceSpent):
        corner.chain.relay(signed(corner, call, gas=call.gas + 1))
    with pytest.raises(NonceAhead):
        corner.chain.relay(signed(corner, call, nonce=call.nonce + 2))


def test_what_the_contract_would_refuse_is_neither_prepared_nor_sent(
    corner: Corner, number: int
) -> None:
    freeze = FreezeBatch(batch_id=number, reason="a doubt")
    with refused("AccessControlUnauthorizedAccount", account=corner.at("role/issuer")):
        corner.chain.unsigned(freeze, corner.at("role/issuer"))
    with refused("BatchNotFrozen", batch_id=number):
        corner.chain.unsigned(UnfreezeBatch(batch_id=number), corner.at(GUARDIAN))
    issuer, call = "role/issuer", freezing(corner, number)
    nonce = corner.chain.next_nonce(freeze, issuer)
    head = corner.chain.head()
    with refused("AccessControlUnauthorizedAccount", account=corner.at(issuer)):
        corner.chain.relay(signed(corner, call, issuer, nonce=nonce))
    assert corner.chain.head() == head


@pytest.mark.parametrize("wrong", ["nothing", "text", "old", "cut", "value", "creation"])
def test_what_is_no_such_transaction_is_not_read(corner: Corner, wrong: str) -> None:
    call = UnsignedCall(
        chain_id=corner.chain.identity.chain_id,
        sender=corner.at(GUARDIAN),
        nonce=0,
        to=corner.chain.identity.bank,
        data=b"",
        gas=100_000,
        max_fee_per_gas=0,
        max_priority_fee_per_gas=0,
    )
    legacy = {
        "chainId": 1, "nonce": 0, "to": call.to, "value": 0, "data": b"", "gas": 1, "gasPrice": 1,
    }  # fmt: skip
    raw = {
        "nothing": b"",
        "text": b"\x02 not a transaction",
        "old": corner.signer.sign_transaction(GUARDIAN, legacy),
        "cut": signed(corner, call)[:-1],
        "value": signed(corner, call, value=1),
        "creation": signed(corner, call, to=b""),
    }[wrong]
    with pytest.raises(SignedCallUnreadable):
        corner.chain.read_signed(raw)


def test_a_call_of_something_else_is_read_without_a_name(corner: Corner, number: int) -> None:
    call = freezing(corner, number)
    other = corner.chain.read_signed(signed(corner, call, to=corner.at("account/x")))
    assert (other.contract, other.function) == (None, None)
    unknown = corner.chain.read_signed(signed(corner, call, data=b"\1\2\3\4"))
    assert (unknown.contract, unknown.function) == (None, None)
