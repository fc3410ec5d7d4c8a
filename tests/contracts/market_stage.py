"""A market that is open: batches to trade, buyers with money, orders with their signatures."""

from collections.abc import Iterator
from typing import Any

from eth_abi import encode
from eth_account import Account
from eth_utils import keccak

from tests.contracts.ledger_site import FOR_EVER, NOW, SELL, Site

RICH = 10**12
FOR, WHY = b"A city".ljust(32, b"\0"), b"Its buses".ljust(32, b"\0")
NO_HASH = bytes(32)
VINTAGE_2039 = keccak(encode(["string", "uint256"], ["AMS-III.C/16", 2039]))
PERMIT = {
    "owner": "address",
    "spender": "address",
    "value": "uint256",
    "nonce": "uint256",
    "deadline": "uint256",
}

Signed = tuple[dict[str, Any], bytes]
Refused = tuple[str, dict[str, Any]]


def opened(site: Site, **claim: Any) -> int:
    """Issue 1,000 g to the operator; operator and driver let the market move, two are rich."""
    number = site.issue(**claim)
    market = site.market.address
    for who in ("operator", "driver"):
        site.do(site.bank.functions.setApprovalForAll(market, True), who)
    for who in ("buyer", "driver"):
        site.do(site.money.functions.mint(site.at[who], RICH), "minter")
        site.do(site.money.functions.approve(market, RICH), who)
    return number


def for_sale(site: Site) -> tuple[dict[str, Any], bytes, int]:
    """Return a signed sell order and its batch; the buyer has money and allowed nothing."""
    batch_id = opened(site)
    site.do(site.money.functions.approve(site.market.address, 0), "buyer")
    return *signed(site, site.order("operator", SELL, batch_id)), batch_id


def signed(site: Site, order: dict[str, Any], who: str | None = None) -> Signed:
    """Return an order with its maker's signature, or another's."""
    names = {address: name for name, address in site.at.items()}
    return order, site.sign_order(order, who or names[order["maker"]])


def settle(site: Site, sell: Any, buy: Any, batch_id: int, amount_g: int) -> Any:
    """Put two orders together, signed unless they are."""
    sell, buy = (one if isinstance(one, tuple) else signed(site, one) for one in (sell, buy))
    return site.market.functions.settle(*sell, *buy, batch_id, amount_g)


def steps(
    site: Site, maker: str, side: int, batch_id: int, *, other_side: bool = True
) -> Iterator[tuple[Signed, int, Refused]]:
    """Give an order of which everything is wrong, and mend what was refused, step by step.

    Each step is the signed order, the grams to ask for, and the refusal, `timeless`.
    """
    order = site.order(
        maker,
        1 - side if other_side else side,
        0,
        amountG=5,
        maxFeeBp=99,
        minFillG=20,
        signedAt=FOR_EVER,
        validUntil=NOW - 1,
    )
    thief = "stranger" if maker != "stranger" else "relayer"
    key = site.hash_of(order)
    yield (
        signed(site, order, thief),
        0,
        (
            "BadOrderSignature",
            {"orderHash": key, "maker": site.at[maker]},
        ),
    )
    if other_side:
        yield signed(site, order), 0, ("WrongSide", {"orderHash": key, "side": 1 - side})
    order |= {"side": side}
    for both in ({}, {"batchId": 7, "classId": VINTAGE_2039}):
        key = site.hash_of(order | both)
        site.do(site.market.functions.cancel([key]), maker)
        yield signed(site, order | both), 0, ("BatchOrClass", {"orderHash": key})
    order |= {"batchId": 7}
    key = site.hash_of(order)
    site.do(site.market.functions.cancel([key]), maker)
    yield signed(site, order), 0, ("OrderIsCancelled", {"orderHash": key})
    order |= {"salt": 2}
    late = {"orderHash": site.hash_of(order), "signedAt": FOR_EVER}
    yield signed(site, order), 0, ("OrderFromFuture", late)
    order |= {"signedAt": NOW - 100}
    over = {"orderHash": site.hash_of(order), "validUntil": NOW - 1}
    yield signed(site, order), 0, ("OrderExpired", over)
    order |= {"validUntil": FOR_EVER}
    wrong = {"orderHash": site.hash_of(order), "batchId": batch_id}
    yield signed(site, order), 0, ("WrongBatch", wrong)
    order |= {"batchId": batch_id}
    dear = {"orderHash": site.hash_of(order), "feeBps": 100, "maxFeeBp": 99}
    yield signed(site, order), 0, ("FeeTooHigh", dear)
    order |= {"maxFeeBp": 100}
    yield signed(site, order), 0, ("ZeroAmount", {})
    large = {"orderHash": site.hash_of(order), "amountG": 10, "restG": 5}
    yield signed(site, order), 10, ("FillTooLarge", large)
    order |= {"amountG": 15}
    small = {"orderHash": site.hash_of(order), "amountG": 10, "minFillG": 20}
    yield signed(site, order), 10, ("FillTooSmall", small)


def class_steps(site: Site, maker: str, side: int) -> Iterator[tuple[Signed, int, Refused]]:
    """As `steps`, where an order names a class."""
    month_s = 30 * 86_400
    order = site.order(maker, side, 0, classId=keccak(text="other"), minAgeS=month_s, maxFeeBp=99)
    wrong = {"classId": order["classId"], "batchClassId": VINTAGE_2039}
    yield signed(site, order), 0, ("WrongClass", {"orderHash": site.hash_of(order)} | wrong)
    order |= {"classId": VINTAGE_2039}
    # The hour of issue is rounded up, so within its first hour a batch has no age.
    young = {"orderHash": site.hash_of(order), "ageS": 0, "minAgeS": month_s}
    yield signed(site, order), 0, ("BatchTooYoung", young)
    order |= {"minAgeS": 0}
    dear = {"orderHash": site.hash_of(order), "feeBps": 100, "maxFeeBp": 99}
    yield signed(site, order), 0, ("FeeTooHigh", dear)


def timeless(refusal: Refused) -> Refused:
    """Leave out the time of a block that is not there yet."""
    return refusal[0], {name: value for name, value in refusal[1].items() if name != "blockTime"}


def traded(site: Site, batch_id: int, amount_g: int, paid: int, fee: int, **who: Any) -> Any:
    """Return the event of a trade; the operator sells to the buyer unless told otherwise."""
    return {
        "sellHash": NO_HASH,
        "buyHash": NO_HASH,
        "batchId": batch_id,
        "seller": site.at["operator"],
        "buyer": site.at["buyer"],
        "money": site.money.address,
        "amountG": amount_g,
        "paidUnits": paid,
        "feeUnits": fee,
    } | who


def permit(
    site: Site, who: str = "buyer", units: int = 8000, deadline: int = FOR_EVER, nonce: int = 0
) -> tuple[Any, ...]:
    """Return the buyer's permit of money to the market, signed by somebody."""
    message = {
        "owner": site.at["buyer"],
        "spender": site.market.address,
        "value": units,
        "nonce": nonce,
        "deadline": deadline,
    }
    made = Account.sign_typed_data(
        site.keys[who],
        domain_data={
            "name": "Settlement money",
            "version": "1",
            "chainId": site.chain_id,
            "verifyingContract": site.money.address,
        },
        message_types={"Permit": [{"name": n, "type": t} for n, t in PERMIT.items()]},
        message_data=message,
    )
    words = [number.to_bytes(32, "big") for number in (made.r, made.s)]
    return (units, deadline, made.v, *words)
