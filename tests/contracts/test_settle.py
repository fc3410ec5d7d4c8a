"""`settle`: two signed orders, one price, credits against money in one transaction."""

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.ledger_site import BUY, DAY, FOR_EVER, FROZEN, NOW, SELL

RICH = 10**12


@pytest.fixture
def batch_id(site):
    """Return a batch of which the operator holds 1,000 g, with everybody's approvals given."""
    number = site.issue()
    market = site.market.address
    for who in ("operator", "driver"):
        site.do(site.bank.functions.setApprovalForAll(market, True), who)
    for who in ("buyer", "driver"):
        site.do(site.money.functions.mint(site.at[who], RICH), "minter")
        site.do(site.money.functions.approve(market, RICH), who)
    return number


def settle(site, sell, buy, batch_id, amount_g, sell_signature=None, buy_signature=None):
    names = {address: name for name, address in site.at.items()}
    return site.market.functions.settle(
        sell,
        sell_signature or site.sign_order(sell, names[sell["maker"]]),
        buy,
        buy_signature or site.sign_order(buy, names[buy["maker"]]),
        batch_id,
        amount_g,
    )


def pair(site, batch_id, **changes):
    """Return a sell order of the operator and a buy order, each with the changes named for it."""
    sell = {k[5:]: v for k, v in changes.items() if k.startswith("sell_")}
    buy = {k[4:]: v for k, v in changes.items() if k.startswith("buy_")}
    return (
        site.order("operator", SELL, batch_id) | sell,
        site.order("buyer", BUY, batch_id) | buy,
    )


def test_an_order_binds_only_who_signed_it_here(site, batch_id):
    sell, buy = pair(site, batch_id)
    stranger = site.sign_order(sell, "stranger")
    call = settle(site, sell, buy, batch_id, 10, sell_signature=stranger)
    assert site.refused(call, "stranger") == (
        "BadOrderSignature",
        {"orderHash": site.hash_of(sell), "maker": site.at["operator"]},
    )
    signature = site.sign_order(buy, "buyer")
    for name, value in (("priceUnitsPerT", 10**9), ("amountG", 10**6), ("maxFeeBp", 501)):
        call = settle(site, sell, buy | {name: value}, batch_id, 10, buy_signature=signature)
        assert site.refused(call, "stranger")[0] == "BadOrderSignature"


def test_the_order_hash_is_the_eip712_struct_hash(site, batch_id):
    sell, _ = pair(site, batch_id)
    assert site.ask(site.market.functions.hashOf(sell)) == site.hash_of(sell)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"sell_side": BUY}, "WrongSide"),
        ({"buy_side": SELL}, "WrongSide"),
        ({"sell_batchId": 0}, "BatchOrClass"),
        ({"buy_classId": b"\1" * 32}, "BatchOrClass"),
        ({"sell_signedAt": FOR_EVER}, "OrderFromFuture"),
        ({"buy_validUntil": NOW - 1}, "OrderExpired"),
        ({"buy_batchId": 7}, "WrongBatch"),
        ({"sell_maxFeeBp": 99}, "FeeTooHigh"),
        ({"buy_maxFeeBp": 99}, "FeeTooHigh"),
        ({"sell_amountG": 9}, "FillTooLarge"),
        ({"buy_minFillG": 11}, "FillTooSmall"),
        ({"buy_money": "0x" + "11" * 20}, "MoneyMismatch"),
        ({"sell_priceUnitsPerT": 80_000_001}, "PricesDoNotCross"),
    ],
)
def test_what_an_order_says_is_kept(site, batch_id, changes, refusal):
    sell, buy = pair(site, batch_id, **changes)
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger")[0] == refusal


def test_nothing_and_trades_with_oneself_are_refused(site, batch_id):
    sell, buy = pair(site, batch_id)
    assert site.refused(settle(site, sell, buy, batch_id, 0), "stranger") == ("ZeroAmount", {})
    own = site.order("operator", BUY, batch_id)
    assert site.refused(settle(site, sell, own, batch_id, 10), "stranger") == (
        "SelfTrade",
        {"account": site.at["operator"]},
    )


def test_grams_go_one_way_and_money_the_other_with_the_fee_floored(site, batch_id):
    # 33 g at 80.5 units a gram: 2656.5, rounded up 2657; 1 % of it 26.57, rounded down 26.
    sell, buy = pair(site, batch_id, sell_priceUnitsPerT=80_500_000, buy_priceUnitsPerT=81_000_000)
    receipt = site.do(settle(site, sell, buy, batch_id, 33), "stranger")

    assert (site.held("operator", batch_id), site.held("buyer", batch_id)) == (967, 33)
    assert site.paid("buyer") == RICH - 2657
    assert (site.paid("operator"), site.paid("fee_box")) == (2631, 26)
    for order in (sell, buy):
        fill = site.ask(site.market.functions.fillOf(order["maker"], site.hash_of(order)))
        assert tuple(fill) == (33, 2657, False)
    (said,) = site.events(receipt, site.market, "CreditsTraded")
    assert said == {
        "sellHash": site.hash_of(sell),
        "buyHash": site.hash_of(buy),
        "batchId": batch_id,
        "seller": site.at["operator"],
        "buyer": site.at["buyer"],
        "money": site.money.address,
        "amountG": 33,
        "paidUnits": 2657,
        "feeUnits": 26,
    }


@pytest.mark.parametrize(
    ("sell_signed_at", "buy_signed_at", "paid"),
    [(NOW - 9, NOW - 5, 700), (NOW - 5, NOW - 9, 900), (NOW - 5, NOW - 5, 700)],
)
def test_the_older_order_sets_the_price_and_the_sell_order_at_a_tie(
    site, batch_id, sell_signed_at, buy_signed_at, paid
):
    sell, buy = pair(
        site,
        batch_id,
        sell_priceUnitsPerT=70_000_000,
        buy_priceUnitsPerT=90_000_000,
        sell_signedAt=sell_signed_at,
        buy_signedAt=buy_signed_at,
    )
    assert site.ask(settle(site, sell, buy, batch_id, 10)) == paid


def test_splitting_a_fill_never_changes_what_is_paid_in_total(site, batch_id):
    # 0.7 units a gram: alone each gram would cost a whole unit, ten of them cost seven.
    sell, buy = pair(site, batch_id, sell_priceUnitsPerT=700_000)
    paid = []
    for _ in range(10):
        call = settle(site, sell, buy, batch_id, 1)
        paid.append(site.ask(call))
        site.do(call, "stranger")
    assert paid == [1, 1, 1, 0, 1, 1, 0, 1, 1, 0]
    assert site.paid("buyer") == RICH - 7


def test_a_buyers_limit_holds_over_many_sellers(site, batch_id):
    # Each one-gram fill of a new sell order rounds 0.7 up; the buyer's own limit for n grams is
    # ceil(0.7 n) and is never passed.
    buy = site.order("buyer", BUY, batch_id, priceUnitsPerT=700_000)
    for salt in range(1, 6):
        sell = site.order("operator", SELL, batch_id, priceUnitsPerT=700_000, salt=salt)
        site.do(settle(site, sell, buy, batch_id, 1), "stranger")
        assert RICH - site.paid("buyer") == -(-7 * salt // 10)


def test_a_fill_is_at_least_the_least_or_the_whole_rest(site, batch_id):
    sell, buy = pair(site, batch_id, sell_amountG=150, sell_minFillG=100)
    assert site.refused(settle(site, sell, buy, batch_id, 60), "stranger") == (
        "FillTooSmall",
        {"orderHash": site.hash_of(sell), "amountG": 60, "minFillG": 100},
    )
    site.do(settle(site, sell, buy, batch_id, 100), "stranger")
    assert site.refused(settle(site, sell, buy, batch_id, 51), "stranger") == (
        "FillTooLarge",
        {"orderHash": site.hash_of(sell), "amountG": 51, "restG": 50},
    )
    site.do(settle(site, sell, buy, batch_id, 50), "stranger")


def test_a_class_order_takes_any_grown_batch_of_its_class_and_no_other(site, batch_id):
    vintage = keccak(encode(["string", "uint256"], ["AMS-III.C/16", 2039]))
    other = keccak(encode(["string", "uint256"], ["AMS-III.C/16", 2038]))
    week = {"buy_batchId": 0, "buy_minAgeS": 7 * DAY}
    sell, buy = pair(site, batch_id, **week, buy_classId=other)
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger") == (
        "WrongClass",
        {"orderHash": site.hash_of(buy), "classId": other, "batchClassId": vintage},
    )
    sell, buy = pair(site, batch_id, **week, buy_classId=vintage)
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger")[0] == "BatchTooYoung"
    site.travel(NOW + 7 * DAY + 7200)
    site.tester.mine_block()
    site.do(settle(site, sell, buy, batch_id, 10), "stranger")


def test_orders_over_a_frozen_batch_are_dead_and_live_again_after(site, batch_id):
    sell, buy = pair(site, batch_id)
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )
    assert site.paid("buyer") == RICH
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    site.do(settle(site, sell, buy, batch_id, 10), "stranger")


def test_no_credits_without_money_and_no_money_without_credits(site, batch_id):
    sell, buy = pair(site, batch_id)
    site.do(site.money.functions.approve(site.market.address, 5), "buyer")
    refused, _ = site.refused(settle(site, sell, buy, batch_id, 10), "stranger")
    assert refused == "ERC20InsufficientAllowance"
    site.do(site.money.functions.approve(site.market.address, RICH), "buyer")
    site.do(site.bank.functions.setApprovalForAll(site.market.address, False), "operator")
    refused, _ = site.refused(settle(site, sell, buy, batch_id, 10), "stranger")
    assert refused == "ERC1155MissingApprovalForAll"


# --- cancel, fill, fee --------------------------------------------------------------------------


def test_a_maker_cancels_an_order_and_nobody_elses(site, batch_id):
    sell, buy = pair(site, batch_id)
    cancel = site.market.functions.cancel([site.hash_of(sell)])
    site.do(cancel, "stranger")
    site.do(settle(site, sell, buy, batch_id, 10), "stranger")
    receipt = site.do(cancel, "operator")
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger") == (
        "OrderIsCancelled",
        {"orderHash": site.hash_of(sell)},
    )
    assert site.events(receipt, site.market, "OrderCancelled") == [
        {"maker": site.at["operator"], "orderHash": site.hash_of(sell)}
    ]
    # The grams filled before stay known.
    assert tuple(site.ask(site.market.functions.fillOf(sell["maker"], site.hash_of(sell)))) == (
        10,
        800,
        True,
    )


def test_cancel_all_kills_what_was_signed_up_to_now_and_nothing_later(site, batch_id):
    sell, buy = pair(site, batch_id)
    receipt = site.do(site.market.functions.cancelAll(), "buyer")
    now = site.web3.eth.get_block("latest")["timestamp"]
    assert site.ask(site.market.functions.cancelledUpTo(site.at["buyer"])) == now
    assert site.events(receipt, site.market, "AllOrdersCancelled") == [
        {"maker": site.at["buyer"], "signedUpTo": now}
    ]
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger")[0] == "OrderIsCancelled"
    site.travel(now + 100)
    site.tester.mine_block()
    later = buy | {"signedAt": now + 1}
    site.do(settle(site, sell, later, batch_id, 10), "stranger")


def test_the_sender_takes_a_sell_or_a_buy_order_at_its_price(site, batch_id):
    fill = site.market.functions.fill
    sell, buy = pair(site, batch_id, buy_maker=site.at["driver"], buy_priceUnitsPerT=90_000_000)
    receipt = site.do(fill(sell, site.sign_order(sell, "operator"), batch_id, 100), "buyer")
    (said,) = site.events(receipt, site.market, "CreditsTraded")
    assert (said["sellHash"], said["buyHash"]) == (site.hash_of(sell), bytes(32))
    assert (site.held("buyer", batch_id), site.paid("buyer")) == (100, RICH - 8000)

    receipt = site.do(fill(buy, site.sign_order(buy, "driver"), batch_id, 10), "operator")
    (said,) = site.events(receipt, site.market, "CreditsTraded")
    assert (said["sellHash"], said["buyHash"]) == (bytes(32), site.hash_of(buy))
    assert (said["paidUnits"], said["feeUnits"]) == (900, 9)
    assert site.held("driver", batch_id) == 10


def test_buy_and_retire_is_one_step(site, batch_id):
    sell, buy = pair(site, batch_id)
    signature = site.sign_order(sell, "operator")
    args = (batch_id, 100, b"A city".ljust(32, b"\0"), b"Buses".ljust(32, b"\0"))
    call = site.market.functions.fillAndRetire(sell, signature, *args)
    assert site.refused(call, "buyer")[0] == "ERC1155MissingApprovalForAll"
    site.do(site.bank.functions.setApprovalForAll(site.market.address, True), "buyer")
    wrong = site.market.functions.fillAndRetire(buy, site.sign_order(buy, "buyer"), *args)
    assert site.refused(wrong, "operator")[0] == "WrongSide"

    receipt = site.do(call, "buyer")
    (said,) = site.events(receipt, site.bank, "CreditsRetired")
    assert (said["holder"], said["amountG"]) == (site.at["buyer"], 100)
    assert (site.held("buyer", batch_id), site.held("operator", batch_id)) == (0, 900)
    assert site.paid("buyer") == RICH - 8000
    assert site.batch(batch_id)["retiredG"] == 100


def test_the_owner_sets_a_fee_under_the_cap(site):
    set_fee = site.market.functions.setFee
    box = site.at["fee_box"]
    assert site.refused(set_fee(0, box), "buyer") == (
        "OwnableUnauthorizedAccount",
        {"account": site.at["buyer"]},
    )
    assert site.refused(set_fee(0, "0x" + "0" * 40), "admin") == ("ZeroAddress", {})
    assert site.refused(set_fee(501, box), "admin") == (
        "FeeAboveCap",
        {"feeBps": 501, "maxBps": 500},
    )
    receipt = site.do(set_fee(7, box), "admin")
    assert site.ask(site.market.functions.feeBps()) == 7
    assert site.events(receipt, site.market, "FeeSet") == [{"feeBps": 7, "feeTo": box}]
