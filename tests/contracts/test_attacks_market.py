"""Trades nobody signed for, dust, and payouts that call back."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonbank.units import price_ceil
from tests.contracts.ledger_site import BUY, GAS, NOW, SELL

DUST_FILLS = 10_000
REAL_DUST_FILLS = 200
SEVEN_TENTHS_OF_A_UNIT = 700_000  # units a tonne, for a gram


@pytest.fixture
def batch_id(site):
    number = site.issue()
    market = site.market.address
    site.do(site.bank.functions.setApprovalForAll(market, True), "operator")
    site.do(site.money.functions.mint(site.at["buyer"], 10**9), "minter")
    site.do(site.money.functions.approve(market, 10**9), "buyer")
    return number


def signed(site, order, who):
    return order, site.sign_order(order, who)


def test_nobody_settles_outside_the_signed_price(site, batch_id):
    ask = site.order("operator", SELL, batch_id, priceUnitsPerT=80_000_000)
    bid = site.order("buyer", BUY, batch_id, priceUnitsPerT=70_000_000)
    settle = site.market.functions.settle
    call = settle(*signed(site, ask, "operator"), *signed(site, bid, "buyer"), batch_id, 10)
    assert site.refused(call, "stranger") == (
        "PricesDoNotCross",
        {"sellPriceUnitsPerT": 80_000_000, "buyPriceUnitsPerT": 70_000_000},
    )
    raised = bid | {"priceUnitsPerT": 90_000_000}
    forged = settle(
        *signed(site, ask, "operator"), raised, site.sign_order(bid, "buyer"), batch_id, 10
    )
    assert site.refused(forged, "stranger")[0] == "BadOrderSignature"


def test_backdating_worsens_only_ones_own_price(site, batch_id):
    ask = site.order("operator", SELL, batch_id, priceUnitsPerT=70_000_000, signedAt=NOW - 50)
    bid = site.order("buyer", BUY, batch_id, priceUnitsPerT=90_000_000)
    paid = {}
    for signed_at in (NOW - 10, NOW - 1000):
        dated = bid | {"signedAt": signed_at}
        call = site.market.functions.settle(
            *signed(site, ask, "operator"), *signed(site, dated, "buyer"), batch_id, 10
        )
        paid[signed_at] = site.ask(call)
    assert paid == {NOW - 10: 700, NOW - 1000: 900}


def test_nothing_fills_after_cancel_whichever_way_it_is_taken(site, batch_id):
    ask = signed(site, site.order("operator", SELL, batch_id), "operator")
    bid = signed(site, site.order("buyer", BUY, batch_id), "buyer")
    site.do(site.market.functions.cancel([site.hash_of(ask[0])]), "operator")
    market = site.market.functions
    ways = (
        market.fill(*ask, batch_id, 10),
        market.fillAndRetire(*ask, batch_id, 10, bytes(32), bytes(32)),
        market.settle(*ask, *bid, batch_id, 10),
    )
    for call in ways:
        assert site.refused(call, "buyer") == (
            "OrderIsCancelled",
            {"orderHash": site.hash_of(ask[0])},
        )
    receipt = site.do(market.settleMany([(*ask, *bid, batch_id, 10)]), "stranger")
    assert site.events(receipt, site.market, "ManySettled") == [{"settled": 0, "skipped": 1}]
    assert site.held("operator", batch_id) == 1000


@settings(max_examples=10, deadline=None)
@given(price=st.integers(0, 2**128 - 1), seed=st.integers(0, 2**32))
def test_ten_thousand_dust_fills_cost_what_one_fill_costs(price, seed):
    """The arithmetic alone: `Prices.ofFill` telescopes, whatever the sizes (halmos: for all)."""
    sizes = Random(seed)
    filled_g = paid_units = 0
    for _ in range(DUST_FILLS):
        amount_g = sizes.randint(1, 3)
        paid_units += price_ceil(filled_g + amount_g, price) - price_ceil(filled_g, price)
        filled_g += amount_g
    assert paid_units == -(-price * filled_g // 10**6)


def test_hundreds_of_real_dust_fills_cost_what_one_fill_costs(site, batch_id):
    """One gram at a time on the chain; ten thousand of them would say no more and take minutes."""
    order = site.order("operator", SELL, batch_id, priceUnitsPerT=SEVEN_TENTHS_OF_A_UNIT)
    bid = site.order("buyer", BUY, batch_id, priceUnitsPerT=SEVEN_TENTHS_OF_A_UNIT)
    trade = (*signed(site, order, "operator"), *signed(site, bid, "buyer"), batch_id, 1)
    for _ in range(REAL_DUST_FILLS // 50):
        call = site.market.functions.settleMany([trade] * 50)
        call.transact({"from": site.at["stranger"], "gas": GAS, "gasPrice": 10**10})
    assert site.held("buyer", batch_id) == REAL_DUST_FILLS
    assert 10**9 - site.paid("buyer") == REAL_DUST_FILLS * 7 // 10
    # A dust fill pays at most a unit, of which the floored fee is nothing: that is its whole gain.
    assert site.paid("operator") == REAL_DUST_FILLS * 7 // 10
