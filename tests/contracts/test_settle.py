"""`settle`: two signed orders, one price, credits against money in one transaction."""

import pytest
from eth_utils import keccak

from tests.contracts.getters import watched
from tests.contracts.ledger_site import BUY, DAY, FROZEN, NOW, SELL
from tests.contracts.market_stage import (
    RICH,
    VINTAGE_2039,
    class_steps,
    opened,
    settle,
    signed,
    steps,
    timeless,
    traded,
)


@pytest.fixture
def batch_id(site):
    return opened(site)


def pair(site, batch_id, **changes):
    """Return a sell order of the operator and a buy order, each with the changes named for it."""
    sell = {k[5:]: v for k, v in changes.items() if k.startswith("sell_")}
    buy = {k[4:]: v for k, v in changes.items() if k.startswith("buy_")}
    return (
        site.order("operator", SELL, batch_id) | sell,
        site.order("buyer", BUY, batch_id) | buy,
    )


def test_all_of_the_sell_order_comes_before_the_buy_order(site, batch_id):
    """Of both everything is wrong at first, and they name other money and cross no price."""
    own = site.order("operator", BUY, batch_id, money="0x" + "11" * 20, priceUnitsPerT=1)
    forged = signed(site, own, "stranger")
    for sell, amount_g, refusal in steps(site, "operator", SELL, batch_id):
        call = settle(site, sell, forged, batch_id, amount_g)
        assert timeless(site.refused(call, "stranger")) == refusal
    for sell, amount_g, refusal in class_steps(site, "operator", SELL):
        call = settle(site, sell, forged, batch_id, amount_g)
        assert site.refused(call, "stranger") == refusal

    sell = site.order("operator", SELL, batch_id)
    for buy, amount_g, refusal in steps(site, "operator", BUY, batch_id):
        if refusal[0] != "ZeroAmount":  # that is the sell order's refusal already
            call = settle(site, sell, buy, batch_id, amount_g or 1)
            assert timeless(site.refused(call, "stranger")) == refusal
    assert site.refused(settle(site, sell, own, batch_id, 10), "stranger") == (
        "MoneyMismatch",
        {"sellMoney": site.money.address, "buyMoney": own["money"]},
    )
    own |= {"money": site.money.address}
    assert site.refused(settle(site, sell, own, batch_id, 10), "stranger") == (
        "PricesDoNotCross",
        {"sellPriceUnitsPerT": 80_000_000, "buyPriceUnitsPerT": 1},
    )
    own |= {"priceUnitsPerT": 80_000_000}
    assert site.refused(settle(site, sell, own, batch_id, 10), "stranger") == (
        "SelfTrade",
        {"account": site.at["operator"]},
    )


def test_an_order_binds_only_who_signed_it_here(site, batch_id):
    sell, buy = pair(site, batch_id)
    signature = site.sign_order(buy, "buyer")
    for name, value in (("priceUnitsPerT", 10**9), ("amountG", 10**6), ("maxFeeBp", 501)):
        other = buy | {name: value}
        call = settle(site, sell, (other, signature), batch_id, 10)
        assert site.refused(call, "stranger") == (
            "BadOrderSignature",
            {"orderHash": site.hash_of(other), "maker": site.at["buyer"]},
        )


def test_the_order_hash_is_the_eip712_struct_hash(site, batch_id):
    sell, _ = pair(site, batch_id)
    assert site.ask(site.market.functions.hashOf(sell)) == site.hash_of(sell)


def test_no_seller_loses_more_than_a_unit_to_the_buyers_roundings(site, batch_id):
    """Three fills of 0.7 units, each rounded up, and a buyer's fourth costs nothing: the limit for
    four is 3. One such fill costs the seller under a unit; of the second it is 1.4, and refused."""
    price = {"priceUnitsPerT": 700_000}
    seller = site.order("operator", SELL, batch_id, **price, salt=100)
    for salt in (1, 2):
        buy = site.order("buyer", BUY, batch_id, **price, salt=salt)
        for other in (1, 2, 3):
            sell = site.order("operator", SELL, batch_id, **price, salt=10 * salt + other)
            site.do(settle(site, sell, buy, batch_id, 1), "stranger")
        call = settle(site, seller, buy, batch_id, 1)
        if salt == 1:
            assert site.ask(call) == 0
            site.do(call, "stranger")
    assert site.refused(call, "stranger") == (
        "PaidTooLittle",
        {"orderHash": site.hash_of(seller), "paidUnits": 0, "limitUnits": 2},
    )


def test_grams_go_one_way_and_money_the_other_with_the_fee_floored(site, batch_id):
    # 33 g at 80.5 units a gram: 2656.5, rounded up 2657; 1 % of it 26.57, rounded down 26.
    sell, buy = pair(site, batch_id, sell_priceUnitsPerT=80_500_000, buy_priceUnitsPerT=81_000_000)
    call = settle(site, sell, buy, batch_id, 33)
    assert site.ask(call) == 2657

    with watched(site, it=batch_id, sell=sell, buy=buy) as changed:
        receipt = site.do(call, "stranger")

    assert changed == {
        "it balanceOf.operator": 967,
        "it balanceOf.buyer": 33,
        "sell.filledG": 33,
        "sell.paidUnits": 2657,
        "buy.filledG": 33,
        "buy.paidUnits": 2657,
        "money.buyer": RICH - 2657,
        "money.operator": 2631,
        "money.fee_box": 26,
        "allowance.buyer.market": RICH - 2657,
    }
    hashes = {"sellHash": site.hash_of(sell), "buyHash": site.hash_of(buy)}
    assert site.events(receipt, site.market, "CreditsTraded") == [
        traded(site, batch_id, 33, 2657, 26, **hashes)
    ]


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
    other = {"buy_batchId": 0, "buy_classId": keccak(text="other"), "buy_minAgeS": 7 * DAY}
    sell, buy = pair(site, batch_id, **other)
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger") == (
        "WrongClass",
        {
            "orderHash": site.hash_of(buy),
            "classId": buy["classId"],
            "batchClassId": VINTAGE_2039,
        },
    )
    buy |= {"classId": VINTAGE_2039}
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger") == (
        "BatchTooYoung",
        {"orderHash": site.hash_of(buy), "ageS": 0, "minAgeS": 7 * DAY},
    )
    nothing = settle(site, sell, buy | {"minAgeS": 0}, 7, 10)
    assert site.refused(nothing, "stranger")[0] == "WrongBatch"  # the sell order's
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
