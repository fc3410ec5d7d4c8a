"""Trades nobody signed for, dust, and payouts that call back."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonbank.units import price_ceil
from tests.contracts.ledger_site import BUY, GAS, NOW, SELL

SEVEN_TENTHS_OF_A_UNIT = 700_000  # units a tonne, for a gram
DUST_FILLS = 10_000
REAL_DUST_FILLS = 200
PRICES = (SEVEN_TENTHS_OF_A_UNIT, 999_999, 1_000_001, 10**12 + 7)


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


def test_nothing_fills_after_its_end_whichever_way_it_is_taken(site, batch_id):
    ask = signed(site, site.order("operator", SELL, batch_id, validUntil=NOW - 1), "operator")
    bid = signed(site, site.order("buyer", BUY, batch_id), "buyer")
    market = site.market.functions
    for call in (
        market.fill(*ask, batch_id, 10),
        market.fillAndRetire(*ask, batch_id, 10, bytes(32), bytes(32)),
        market.settle(*ask, *bid, batch_id, 10),
    ):
        name, fields = site.refused(call, "buyer")
        assert (name, fields["orderHash"]) == ("OrderExpired", site.hash_of(ask[0]))
    receipt = site.do(market.settleMany([(*ask, *bid, batch_id, 10)]), "stranger")
    assert site.events(receipt, site.market, "ManySettled") == [{"settled": 0, "skipped": 1}]


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
    """One gram at a time on the chain; what follows says that ten thousand go on like that."""
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


@pytest.mark.parametrize("price", PRICES)
def test_a_dust_fill_costs_the_same_whatever_was_filled_before_it_and_how(site, price):
    """The step from any of ten thousand fills to the next, as arithmetic has it.

    All the market knows of an order is what it filled and paid, and after one fill of n grams that
    is what it is after n of one gram. So the next costs the same, and by induction all of them do.
    """
    number = site.issue(operatorG=DUST_FILLS, bufferG=1200)
    for who, call in (
        ("operator", site.bank.functions.setApprovalForAll(site.market.address, True)),
        ("minter", site.money.functions.mint(site.at["buyer"], 10**18)),
        ("buyer", site.money.functions.approve(site.market.address, 10**18)),
    ):
        site.do(call, who)
    order = site.order("operator", SELL, number, priceUnitsPerT=price, amountG=DUST_FILLS)

    def fill(amount_g):
        return site.market.functions.fill(*signed(site, order, "operator"), number, amount_g)

    def known():
        told = site.ask(site.market.functions.fillOf(order["maker"], site.hash_of(order)))
        return tuple(told)

    def filled(*amounts_g):
        snapshot = site.tester.take_snapshot()
        for amount_g in amounts_g:
            site.do(fill(amount_g), "buyer")
        outcome = known(), site.paid("buyer"), site.ask(fill(1), "buyer")
        site.tester.revert_to_snapshot(snapshot)
        return outcome

    assert filled(1, 1, 1, 1) == filled(4) == filled(3, 1)
    for filled_g in (9, 10, 4999, DUST_FILLS - 1):
        whole = -(-price * filled_g // 10**6)
        more = -(-price * (filled_g + 1) // 10**6) - whole
        assert filled(filled_g) == ((filled_g, whole, False), 10**18 - whole, more)
