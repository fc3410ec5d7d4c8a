"""`cancelAll`: everything that a maker signed up to now is dead, and nothing later."""

from tests.contracts.getters import watched
from tests.contracts.ledger_site import BUY, NOW, SELL
from tests.contracts.market_stage import opened, settle


def test_it_kills_what_was_signed_up_to_now_and_nothing_later(site):
    batch_id = opened(site)
    sell, buy = site.order("operator", SELL, batch_id), site.order("buyer", BUY, batch_id)
    with watched(site, it=batch_id, sell=sell, buy=buy) as changed:
        receipt = site.do(site.market.functions.cancelAll(), "buyer")
    now = site.web3.eth.get_block("latest")["timestamp"]
    assert changed == {"cancelledUpTo.buyer": now}
    assert site.events(receipt, site.market, "AllOrdersCancelled") == [
        {"maker": site.at["buyer"], "signedUpTo": now}
    ]
    for signed_at in (NOW - 100, now):
        dead = buy | {"signedAt": signed_at}
        assert site.refused(settle(site, sell, dead, batch_id, 10), "stranger") == (
            "OrderIsCancelled",
            {"orderHash": site.hash_of(dead)},
        )
    site.travel(now + 100)
    site.tester.mine_block()
    later = buy | {"signedAt": now + 1}
    site.do(settle(site, sell, later, batch_id, 10), "stranger")


def test_again_it_reaches_further(site):
    site.do(site.market.functions.cancelAll(), "buyer")
    site.travel(NOW + 1000)
    with watched(site) as changed:
        site.do(site.market.functions.cancelAll(), "buyer")
    now = site.web3.eth.get_block("latest")["timestamp"]
    assert now >= NOW + 1000
    assert changed == {"cancelledUpTo.buyer": now}
