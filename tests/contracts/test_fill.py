"""`fill`: the sender takes a sell or a buy order at its price."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import BUY, FROZEN, SELL
from tests.contracts.market_stage import (
    NO_HASH,
    RICH,
    class_steps,
    opened,
    signed,
    steps,
    timeless,
    traded,
)


@pytest.fixture
def batch_id(site):
    return opened(site)


def fill(site, order, batch_id, amount_g):
    return site.market.functions.fill(*order, batch_id, amount_g)


@pytest.mark.parametrize(("maker", "side"), [("operator", SELL), ("buyer", BUY)])
def test_what_an_order_says_is_asked_in_this_order(site, batch_id, maker, side):
    """Everything is wrong at first, and the sender, its maker, would trade with itself."""
    for order, amount_g, refusal in steps(site, maker, side, batch_id, other_side=False):
        call = fill(site, order, batch_id, amount_g)
        assert timeless(site.refused(call, maker)) == refusal
    for order, amount_g, refusal in class_steps(site, maker, side):
        assert site.refused(fill(site, order, batch_id, amount_g), maker) == refusal
    last = signed(site, site.order(maker, side, batch_id))
    assert site.refused(fill(site, last, batch_id, 10), maker) == (
        "SelfTrade",
        {"account": site.at[maker]},
    )


def test_money_is_asked_for_before_the_credits(site, batch_id):
    order = signed(site, site.order("operator", SELL, batch_id))
    call = fill(site, order, batch_id, 10)
    site.do(site.money.functions.approve(site.market.address, 0), "buyer")
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    assert site.refused(call, "buyer") == (
        "ERC20InsufficientAllowance",
        {"spender": site.market.address, "allowance": 0, "needed": 792},
    )
    site.do(site.money.functions.approve(site.market.address, RICH), "buyer")
    site.do(site.bank.functions.setApprovalForAll(site.market.address, False), "operator")
    assert site.refused(call, "buyer") == (
        "ERC1155MissingApprovalForAll",
        {"operator": site.market.address, "owner": site.at["operator"]},
    )
    site.do(site.bank.functions.setApprovalForAll(site.market.address, True), "operator")
    assert site.refused(call, "buyer") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )


def test_the_sender_buys_from_a_sell_order(site, batch_id):
    order = site.order("operator", SELL, batch_id, priceUnitsPerT=80_500_000)
    call = fill(site, signed(site, order), batch_id, 33)
    # 33 g at 80.5 units: 2656.5, rounded up; 1 % of it is 26.57, rounded down.
    assert site.ask(call, "buyer") == 2657
    with watched(site, it=batch_id, order=order) as changed:
        receipt = site.do(call, "buyer")
    assert changed == {
        "it balanceOf.operator": 967,
        "it balanceOf.buyer": 33,
        "order.filledG": 33,
        "order.paidUnits": 2657,
        "money.buyer": RICH - 2657,
        "money.operator": 2631,
        "money.fee_box": 26,
        "allowance.buyer.market": RICH - 2657,
    }
    assert site.events(receipt, site.market, "CreditsTraded") == [
        traded(site, batch_id, 33, 2657, 26, sellHash=site.hash_of(order))
    ]


def test_the_sender_sells_to_a_buy_order(site, batch_id):
    order = site.order("driver", BUY, batch_id, priceUnitsPerT=90_000_000)
    with watched(site, it=batch_id, order=order) as changed:
        receipt = site.do(fill(site, signed(site, order), batch_id, 10), "operator")
    assert changed == {
        "it balanceOf.operator": 990,
        "it balanceOf.driver": 10,
        "order.filledG": 10,
        "order.paidUnits": 900,
        "money.driver": RICH - 900,
        "money.operator": 891,
        "money.fee_box": 9,
    }
    who = {"buyHash": site.hash_of(order), "sellHash": NO_HASH, "buyer": site.at["driver"]}
    assert site.events(receipt, site.market, "CreditsTraded") == [
        traded(site, batch_id, 10, 900, 9, **who)
    ]


def test_what_is_free_moves_no_money(site, batch_id):
    order = site.order("operator", SELL, batch_id, priceUnitsPerT=0)
    with watched(site, it=batch_id, order=order) as changed:
        site.do(fill(site, signed(site, order), batch_id, 1000), "buyer")
    assert changed == {
        "it balanceOf.operator": 0,
        "it balanceOf.buyer": 1000,
        "order.filledG": 1000,
    }


def test_who_fills_through_the_forwarder_is_who_signed(site, batch_id):
    order, signature = signed(site, site.order("operator", SELL, batch_id))
    taken = fill(site, (tuple(order.values()), signature), batch_id, 10)
    call = site.relay("buyer", site.market, taken)
    with watched(site, it=batch_id) as changed:
        site.do(call, "relayer")
    assert (changed["it balanceOf.buyer"], changed["money.buyer"]) == (10, RICH - 800)
