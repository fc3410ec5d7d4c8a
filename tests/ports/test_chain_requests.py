"""Acts that an account signs with its own key: the relayer pays, the chain counts them once."""

import time
from typing import Any

import pytest
from eth_account import Account as Key
from eth_account.messages import encode_typed_data

from carbonbank.domain.commands import AllowMoney, MintMoney, Retire
from carbonbank.domain.signed_call import UnsignedRequest
from carbonbank.errors import (
    ERC2771ForwarderExpiredRequest,
    ERC2771ForwarderInvalidSigner,
    NonceAhead,
    NonceSpent,
)
from tests.ports.chain_fixtures import Corner, new_id
from tests.ports.test_chain_acts import said
from tests.ports.test_chain_refusals import refused


class Own:
    """Somebody with a key that neither the bank nor the test's signer has."""

    def __init__(self) -> None:
        self.key = Key.from_key(new_id("own key"))
        self.address = self.key.address

    def sign(self, request: UnsignedRequest) -> bytes:
        shown = encode_typed_data(full_message=request.typed_data)
        return bytes(self.key.sign_message(shown).signature)


def in_a_while() -> int:
    return int(time.time()) + 300


def allow(own: Own, units: int = 5) -> AllowMoney:
    return AllowMoney(owner=own.address, amount_units=units)


def test_what_an_own_key_signed_is_relayed_once(corner: Corner) -> None:
    own, deadline = Own(), in_a_while()
    request = corner.chain.request(allow(own), deadline)
    assert (request.account, request.nonce, request.to) == (
        own.address, 0, corner.chain.identity.money,
    )  # fmt: skip
    assert corner.chain.call_in_words(request.to, request.data).startswith(
        "SettlementToken.approve("
    )
    signature = own.sign(request)
    receipt = corner.chain.submit_request(allow(own), 0, deadline, signature)
    assert said(receipt) == ["Approval", "ExecutedForwardRequest"]
    assert {(one.actor, one.nonce) for one in receipt.events} == {(own.address, 0)}
    head = corner.chain.head()
    with pytest.raises(NonceSpent):
        corner.chain.submit_request(allow(own), 0, deadline, signature)
    assert corner.chain.head() == head
    assert corner.chain.request(allow(own), deadline).nonce == 1


def test_a_transaction_tells_which_request_it_relayed(corner: Corner) -> None:
    own, deadline = Own(), in_a_while()
    signature = own.sign(corner.chain.request(allow(own), deadline))
    tx_hash = corner.chain.submit_request(allow(own), 0, deadline, signature).tx_hash
    assert corner.chain.relayed_in(tx_hash, allow(own), 0, deadline, signature)
    for other in (
        (tx_hash, allow(own, 6), 0, deadline, signature),
        (tx_hash, allow(own), 0, deadline + 1, signature),
        (tx_hash, allow(own), 0, deadline, signature[::-1]),
        ("0x" + "12" * 32, allow(own), 0, deadline, signature),
    ):
        assert not corner.chain.relayed_in(*other)


def test_nothing_but_what_was_signed_is_done(corner: Corner) -> None:
    own, other, deadline = Own(), Own(), in_a_while()
    request = corner.chain.request(allow(own), deadline)
    signature = own.sign(request)
    wrong: list[tuple[Any, ...]] = [
        (allow(own, 6), 0, deadline, signature),
        (allow(own), 1, deadline, signature),
        (allow(own), 0, deadline + 1, signature),
        (allow(other), 0, deadline, signature),
        (allow(own), 0, deadline, other.sign(request)),
        (allow(own), 0, deadline, signature[:-1]),
        (allow(own), 0, deadline, b""),
    ]
    for asked in wrong:
        with pytest.raises(ERC2771ForwarderInvalidSigner):
            corner.chain.submit_request(*asked)
    corner.chain.submit_request(allow(own), 0, deadline, signature)


def test_a_request_waits_for_its_turn_and_has_an_end(corner: Corner) -> None:
    own, deadline = Own(), in_a_while()
    request = corner.chain.request(allow(own), deadline)
    later = dict(request.typed_data)
    later["message"] = request.typed_data["message"] | {"nonce": "1"}
    signature = bytes(own.key.sign_message(encode_typed_data(full_message=later)).signature)
    with pytest.raises(NonceAhead):
        corner.chain.submit_request(allow(own), 1, deadline, signature)
    over = int(time.time()) - 10
    ended = corner.chain.request(allow(own), over)
    with pytest.raises(ERC2771ForwarderExpiredRequest):
        corner.chain.submit_request(allow(own), 0, over, own.sign(ended))
    corner.chain.submit_request(allow(own), 0, deadline, own.sign(request))
    with pytest.raises(NonceSpent):  # what was done is said before what came too late
        corner.chain.submit_request(allow(own), 0, over, own.sign(ended))


def test_what_the_contract_would_refuse_is_neither_offered_nor_sent(corner: Corner) -> None:
    own = Own()
    retire = Retire(
        holder=own.address, batch_id=1, amount_g=1, beneficiary=bytes(32), purpose=bytes(32)
    )
    with refused("BatchNotFound", batch_id=1):
        corner.chain.request(retire, in_a_while())
    mint = MintMoney(account=own.address, amount_units=7)
    corner.chain.submit(mint, "role/treasurer")
    assert corner.chain.money_units(own.address) == 7
