"""`CarbonMarket.cancel`: a maker ends orders by their hashes; those of another stay."""

from tests.contracts.getters import watched
from tests.contracts.ledger_site import BUY, SELL
from tests.contracts.market_stage import opened, settle, signed


def cancel(site, *orders):
    return site.market.functions.cancel([site.hash_of(order) for order in orders])


def pair(site, batch_id):
    return site.order("operator", SELL, batch_id), site.order("buyer", BUY, batch_id)


def test_a_maker_cancels_an_order_and_nobody_elses(site):
    batch_id = opened(site)
    sell, buy = pair(site, batch_id)
    with watched(site, it=batch_id, sell=sell, buy=buy) as changed:
        receipt = site.do(cancel(site, sell), "stranger")
    assert changed == {}
    assert site.events(receipt, site.market, "OrderCancelled") == [
        {"maker": site.at["stranger"], "orderHash": site.hash_of(sell)}
    ]
    site.do(settle(site, sell, buy, batch_id, 10), "stranger")

    with watched(site, it=batch_id, sell=sell, buy=buy) as changed:
        receipt = site.do(cancel(site, sell), "operator")

    assert changed == {"sell.cancelled": True}  # the grams filled before stay known
    assert site.events(receipt, site.market, "OrderCancelled") == [
        {"maker": site.at["operator"], "orderHash": site.hash_of(sell)}
    ]
    assert site.refused(settle(site, sell, buy, batch_id, 10), "stranger") == (
        "OrderIsCancelled",
        {"orderHash": site.hash_of(sell)},
    )


def test_many_are_cancelled_at_once_also_before_they_are_shown_and_twice(site):
    batch_id = site.issue()
    one, two = (site.order("operator", SELL, batch_id, salt=salt) for salt in (1, 2))
    with watched(site, one=one, two=two) as changed:
        receipt = site.do(cancel(site, one, two, one), "operator")
    assert changed == {"one.cancelled": True, "two.cancelled": True}
    said = site.events(receipt, site.market, "OrderCancelled")
    assert [e["orderHash"] for e in said] == [site.hash_of(o) for o in (one, two, one)]
    for order in (one, two):
        fill = site.market.functions.fill(*signed(site, order), batch_id, 10)
        assert site.refused(fill, "buyer")[0] == "OrderIsCancelled"


def test_none_is_nothing(site):
    with watched(site) as changed:
        receipt = site.do(cancel(site), "operator")
    assert (changed, receipt["logs"]) == ({}, [])
