"""Python and Solidity agree on random cases: ids, hashes, classes, roundings, errors, events.

Leaves and trees of evidence are in `test_evidence`, months from 1970 to 2200 there and in
`test_months`, the ids of proofs in `test_contradictions`; names and types of every error and event
in `tests/parity/test_abi_twins.py`.
"""

import random
import re
from dataclasses import fields
from keyword import iskeyword
from typing import Any

import pytest
from eth_abi import encode
from eth_tester.exceptions import TransactionFailed
from eth_utils import keccak, to_checksum_address

from carbonbank.chain.abi import errors, events, snake
from carbonbank.chain.reverts import ledger_error
from carbonbank.domain.claim import BatchClaim, batch_id, vehicle_words, vehicles_hash
from carbonbank.domain.events import EVENTS
from carbonbank.domain.order import Order, Side, class_id, order_struct_hash
from carbonbank.domain.payout import Payout, payout_tree
from carbonbank.units import buffer_g_ceil, fee_floor, price_ceil
from tests.contracts.ledger_site import CLAIM_FIELDS, DECEMBER, ORDER_FIELDS, SELL

CASES = range(40)


def value_of(kind: str, dice: random.Random, parts: Any = ()) -> Any:
    """Return a random value of an ABI type, often the least or the largest."""
    if kind.endswith("[]"):
        return tuple(value_of(kind[:-2], dice, parts) for _ in range(dice.randrange(4)))
    if kind == "tuple":
        return tuple(value_of(one["type"], dice, one.get("components", ())) for one in parts)
    if number := re.fullmatch(r"uint(\d+)", kind):
        bits = int(number[1])
        return dice.choice([0, 2**bits - 1, dice.getrandbits(bits), dice.getrandbits(bits // 2)])
    if number := re.fullmatch(r"int(\d+)", kind):
        half = 2 ** (int(number[1]) - 1)
        return dice.choice([-half, half - 1, dice.randrange(-half, half)])
    if kind == "address":
        return to_checksum_address(dice.randbytes(20))
    if size := re.fullmatch(r"bytes(\d+)", kind):
        return dice.randbytes(int(size[1]))
    if kind == "bytes":
        return dice.randbytes(dice.randrange(100))
    texts = {"string": ["", "words", "Grüße, 東京", "x" * 100], "bool": [True, False]}
    return dice.choice(texts[kind])


def by_name(shape: dict[str, str], dice: random.Random) -> dict[str, Any]:
    return {name: value_of(kind, dice) for name, kind in shape.items()}


def twin_of(value: dict[str, Any]) -> dict[str, Any]:
    return {snake(name): one for name, one in value.items()}


@pytest.mark.parametrize("seed", CASES)
def test_batch_ids(site, seed):
    claim = by_name(CLAIM_FIELDS, random.Random(seed))
    expected = site.ask(site.bank.functions.batchIdOf(claim))
    assert batch_id(BatchClaim(**twin_of(claim))) == expected


@pytest.mark.parametrize("seed", CASES)
def test_order_hashes(site, seed):
    order = by_name(ORDER_FIELDS, random.Random(seed)) | {"side": seed % 2}
    twin = Order(**twin_of(order) | {"side": Side(seed % 2)})
    assert order_struct_hash(twin) == site.ask(site.market.functions.hashOf(order))


@pytest.mark.parametrize("seed", range(8))
def test_vehicle_words_and_their_hash(site, seed):
    dice = random.Random(seed)
    top = dice.choice([300, 2**16, 2**32])
    words = vehicle_words([dice.randrange(top) for _ in range(dice.randrange(1, 40))])
    claim = site.claim(vehiclesHash=bytes(32))
    call = site.bank.functions.issue(claim, *words, site.sign_claim(claim))
    assert site.refused(call, "issuer") == (
        "VehiclesHashMismatch",
        {"vehiclesHash": bytes(32), "actualHash": vehicles_hash(*words)},
    )


@pytest.mark.parametrize(
    ("label", "demo", "month"),
    [
        ("AMS-III.C/16", True, DECEMBER),
        ("", False, DECEMBER - 11),
        ("x" * 31, False, DECEMBER - 12),
        ("Grüße, 東京", False, 2020 * 12),
    ],
)
def test_classes(site, label, demo, month):
    method = keccak(text=label + str(demo))
    site.do(site.bank.functions.certifyMethodology(method, label, 0, demo), "certifier")
    number = site.issue(methodologyId=method, month=month)
    whole = "DEMO " + label if demo else label
    assert site.ask(site.bank.functions.classOf(number)) == class_id(whole, month // 12)


@pytest.mark.parametrize("seed", range(8))
def test_the_buffer_that_is_needed(site, seed):
    dice = random.Random(seed)
    bps = dice.choice([0, 1, 333, 9_999, 10_000])
    method, operator_g = keccak(text=str(seed)), dice.randrange(1, 2 ** dice.randrange(1, 48))
    site.do(site.bank.functions.certifyMethodology(method, "any", bps, False), "certifier")
    needed_g = buffer_g_ceil(operator_g, bps)
    call = site.issue_call(site.claim(methodologyId=method, operatorG=operator_g, bufferG=0))
    if needed_g == 0:
        site.ask(call, "issuer")
    else:
        assert site.refused(call, "issuer") == (
            "BufferTooSmall",
            {"bufferG": 0, "neededG": needed_g},
        )


@pytest.mark.parametrize("seed", range(8))
def test_prices_and_fees(site, seed):
    dice = random.Random(seed)
    number = site.issue(operatorG=10**12, bufferG=2 * 10**11)
    market, price = site.market, dice.randrange(10**9)
    fee_bps, amount_g = dice.randrange(501), dice.randrange(1, 10**12)
    site.do(market.functions.setFee(fee_bps, site.at["fee_box"]), "admin")
    site.do(site.bank.functions.setApprovalForAll(market.address, True), "operator")
    site.do(site.money.functions.mint(site.at["buyer"], 10**18), "minter")
    site.do(site.money.functions.approve(market.address, 10**18), "buyer")
    order = site.order("operator", SELL, number, amountG=10**12, priceUnitsPerT=price)
    call = market.functions.fill(order, site.sign_order(order, "operator"), number, amount_g)
    (told,) = site.events(site.do(call, "buyer"), market, "CreditsTraded")
    paid = price_ceil(amount_g, price)
    assert (told["paidUnits"], told["feeUnits"]) == (paid, fee_floor(paid, fee_bps))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_payout_trees(site, size):
    """What Python builds, the contract pays: every payout by its own proof, and all of the pool."""
    dice = random.Random(size)
    from_g, payouts = 0, []
    for _ in range(size):
        amount_g = dice.randrange(1, 10 ** dice.randrange(1, 12))
        index = dice.choice([dice.randrange(600), dice.getrandbits(255)])
        account = to_checksum_address(dice.randbytes(20))
        payouts.append(Payout(index=index, account=account, from_g=from_g, amount_g=amount_g))
        from_g += amount_g
    tree = payout_tree(payouts)
    number = site.issue(driversG=from_g, payoutRoot=tree.root, bufferG=from_g // 9 + 112)
    told = [(one.index, one.account, one.from_g, one.amount_g) for one in payouts]
    proofs = [tree.proof(place) for place in range(size)]
    site.do(site.bank.functions.claimMany(number, told, proofs), "stranger")
    accounts = [one.account for one in payouts]
    held = site.ask(site.bank.functions.balanceOfBatch(accounts, [number] * size))
    assert held == [one.amount_g for one in payouts]
    assert site.batch(number)["claimableG"] == 0


@pytest.mark.parametrize("shape", errors().values(), ids=lambda shape: shape.name)
def test_an_error_arrives_with_all_its_values(shape):
    dice = random.Random(shape.name)
    for _ in range(5):
        values = [value_of(one["type"], dice, one.get("components", ())) for one in shape.inputs]
        data = shape.hash[:4] + encode([one["type"] for one in shape.inputs], values)
        error = ledger_error(TransactionFailed(f"execution reverted: {data!r}"), "any")
        assert error.code == shape.name
        assert list(error.fields.values()) == values


def encodable(one: Any) -> str:
    if not one["type"].startswith("tuple"):
        return str(one["type"])
    inner = ",".join(encodable(part) for part in one["components"])
    return f"({inner}){one['type'].removeprefix('tuple')}"


def plain(value: Any) -> Any:
    """Return a decoded struct as the tuple it was."""
    return tuple(plain(one) for one in value.values()) if isinstance(value, dict) else value


@pytest.mark.parametrize("shape", events().values(), ids=lambda shape: shape.name)
def test_an_event_arrives_with_all_its_values(shape):
    dice = random.Random(shape.name)
    for _ in range(5):
        values = [value_of(one["type"], dice, one.get("components", ())) for one in shape.inputs]
        pairs = list(zip(shape.inputs, values, strict=True))
        topics = [encode([encodable(i)], [v]) for i, v in pairs if i.get("indexed")]
        rest = [(encodable(i), v) for i, v in pairs if not i.get("indexed")]
        data = encode([kind for kind, _ in rest], [value for _, value in rest])
        found = shape.fields(data, tuple(topics))
        twin = EVENTS[shape.name](**{name + "_" * iskeyword(name): v for name, v in found.items()})
        assert [plain(getattr(twin, field.name)) for field in fields(twin)] == values
