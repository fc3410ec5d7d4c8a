"""The Chain port in time: sequence numbers, blocks, events in order, and what is signed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from carbonbank.domain.chain_facts import BlockRef
from carbonbank.domain.claim import CLAIM_TYPE, batch_id
from carbonbank.domain.commands import AllowMoney, MintMoney, Transfer
from carbonbank.domain.order import ORDER_TYPE, Side
from carbonbank.errors import NonceAhead, NonceSpent, RuleError
from tests.ports.chain_fixtures import Corner, Site, new_id


def test_a_sequence_number_is_used_once(corner: Corner) -> None:
    rich = corner.at(corner.new_account("rich"))
    command = MintMoney(account=rich, amount_units=5)
    nonce = corner.chain.next_nonce(command, "role/treasurer")
    corner.chain.submit(command, "role/treasurer", nonce)
    before = corner.chain.head()
    with pytest.raises(NonceSpent) as spent:
        corner.chain.submit(command, "role/treasurer", nonce)
    assert spent.value.fields == {
        "sender": corner.at("role/treasurer"),
        "nonce": nonce,
        "next_nonce": nonce + 1,
    }
    assert corner.chain.head() == before
    assert corner.chain.money_units(rich) == 5
    assert corner.chain.next_nonce(command, "role/treasurer") == nonce + 1


def test_an_accounts_acts_have_numbers_of_their_own(corner: Corner) -> None:
    owner = corner.new_account("owner")
    command = AllowMoney(owner=corner.at(owner), amount_units=5)
    for nonce in range(3):
        assert corner.chain.next_nonce(command, owner) == nonce
        receipt = corner.chain.submit(command, owner, nonce)
        assert {(e.actor, e.nonce) for e in receipt.events} == {(corner.at(owner), nonce)}
    with pytest.raises(NonceSpent):
        corner.chain.submit(command, owner, 1)
    with pytest.raises(NonceAhead):
        corner.chain.submit(command, owner, 4)
    assert corner.chain.next_nonce(command, owner) == 3


def test_a_refused_act_uses_no_number_and_mines_no_block(corner: Corner) -> None:
    owner = corner.new_account("owner")
    command = Transfer(
        sender=corner.at(owner),
        recipient=corner.at("account/x"),
        batch_id=int.from_bytes(new_id("batch"), "big"),
        amount_g=1,
    )
    before = corner.chain.head()
    with pytest.raises(RuleError):
        corner.chain.submit(command, owner, 0)
    assert corner.chain.head() == before
    assert corner.chain.next_nonce(command, owner) == 0


def test_acts_of_many_threads_all_happen(corner: Corner) -> None:
    keys = [corner.new_account("busy") for _ in range(4)]
    rich = corner.at(corner.new_account("rich"))

    def act(number: int) -> None:
        if number % 2:
            corner.chain.submit(MintMoney(account=rich, amount_units=1), "role/treasurer")
        else:
            key = keys[number % 4]
            corner.chain.submit(AllowMoney(owner=corner.at(key), amount_units=number), key)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(act, range(12)))
    assert corner.chain.money_units(rich) == 6
    probe = AllowMoney(owner=corner.at(keys[0]), amount_units=0)
    assert corner.chain.next_nonce(probe, keys[0]) == 3


def test_events_come_in_the_order_they_happened(corner: Corner) -> None:
    first = corner.chain.head().number + 1
    owner = corner.new_account("owner")
    receipts = [
        corner.certify(),
        corner.enrol_fleet(),
        corner.chain.submit(AllowMoney(owner=corner.at(owner), amount_units=5), owner),
        corner.enrol_vehicle(),
    ]
    last = corner.chain.head().number
    found = list(corner.chain.events(first, last))
    assert found == [event for receipt in receipts for event in receipt.events]
    places = [(event.block_number, event.log_index) for event in found]
    assert places == sorted(set(places))
    assert [event.name for event in found] == [
        "MethodologyCertified",
        "FleetEnrolled",
        "Approval",
        "ExecutedForwardRequest",
        "VehicleEnrolled",
    ]
    plain = found[0]
    assert plain.actor == corner.at("role/certifier")
    assert plain.contract == corner.chain.identity.bank
    assert list(corner.chain.events(last, last)) == list(receipts[-1].events)
    assert list(corner.chain.events(last + 1, last)) == []


def test_a_receipt_is_where_its_block_is(corner: Corner) -> None:
    receipt = corner.enrol_fleet()
    head = corner.chain.head()
    assert head == BlockRef(number=receipt.block_number, block_hash=receipt.block_hash)
    assert corner.chain.block(receipt.block_number) == head
    before = corner.chain.block(receipt.block_number - 1)
    assert before is not None
    assert before.block_hash != head.block_hash
    assert corner.chain.block(head.number + 1) is None
    assert len(bytes.fromhex(receipt.tx_hash.removeprefix("0x"))) == 32
    assert receipt.tx_hash.startswith("0x")
    assert receipt.gas_used > 0


def test_the_head_waits_for_its_confirmations(site: Site, corner: Corner) -> None:
    corner.certify()
    corner.enrol_fleet()
    newest = site.chain.head().number
    assert site.again(2).head() == site.chain.block(newest - 2)
    assert site.again(10**6).head() == site.chain.block(0)


def members(type_text: str) -> list[dict[str, str]]:
    """The EIP-712 members of `Name(type name,...)`."""
    inside = type_text[type_text.index("(") + 1 : -1]
    return [dict(zip(("type", "name"), part.split(" "), strict=True)) for part in inside.split(",")]


def typed_digest(corner: Corner, contract: str, type_text: str, value: Any) -> bytes:
    """The digest as eth-account computes it, from the type text alone."""
    primary, members_of = type_text[: type_text.index("(")], members(type_text)
    message = dict(zip([m["name"] for m in members_of], asdict(value).values(), strict=True))
    at = {"bank": corner.chain.identity.bank, "market": corner.chain.identity.market}[contract]
    signable = encode_typed_data(
        full_message={
            "domain": {
                "name": {"bank": "CarbonBank", "market": "CarbonMarket"}[contract],
                "version": "1",
                "chainId": corner.chain.identity.chain_id,
                "verifyingContract": at,
            },
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"},
                    {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                primary: members_of,
            },
            "primaryType": primary,
            "message": message,
        }
    )
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def test_a_claim_is_signed_as_eip712_says(corner: Corner) -> None:
    corner.enrol_fleet()
    corner.enrol_vehicle()
    claim = corner.batch(payouts=(("account/a", 250),)).claim
    assert corner.chain.claim_digest(claim) == typed_digest(corner, "bank", CLAIM_TYPE, claim)
    assert batch_id(claim) > 0


def test_an_order_is_signed_as_eip712_says(corner: Corner) -> None:
    order = corner.order("account/a", Side.BUY, 12345, class_id=new_id("class"))
    assert corner.chain.order_digest(order) == typed_digest(corner, "market", ORDER_TYPE, order)
