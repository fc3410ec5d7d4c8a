"""`settleOne`: one trade of `settleMany`, which only the market itself may ask for."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import BUY, SELL
from tests.contracts.market_stage import RICH, opened, signed, traded


def settle_one(site, sell, buy, batch_id, amount_g):
    return site.market.functions.settleOne(*sell, *buy, batch_id, amount_g)


@pytest.mark.parametrize("sender", ["stranger", "operator", "buyer", "admin"])
def test_it_is_refused_to_everybody_whatever_else_is_wrong(site, sender):
    batch_id = opened(site)
    sell, buy = site.order("operator", SELL, batch_id), site.order("buyer", BUY, batch_id)
    refusal = ("OnlyFromMarket", {"sender": site.at[sender]})
    good = settle_one(site, signed(site, sell), signed(site, buy), batch_id, 10)
    bad = settle_one(site, (sell, b""), (sell, b""), 7, 0)
    assert site.refused(good, sender) == site.refused(bad, sender) == refusal
    words = [tuple(one.values()) if isinstance(one, dict) else one for one in good.args]
    relayed = site.relay(sender, site.market, site.market.functions.settleOne(*words))
    assert site.refused(relayed, "relayer") == ("FailedCall", {})


def test_asked_by_the_market_it_is_a_settlement(site):
    """`settleMany` of one trade changes what `settle` would have changed."""
    batch_id = opened(site)
    sell, buy = site.order("operator", SELL, batch_id), site.order("buyer", BUY, batch_id)
    trade = (*signed(site, sell), *signed(site, buy), batch_id, 10)
    acts = {
        "settle": site.market.functions.settle(*trade),
        "settleMany": site.market.functions.settleMany([trade]),
    }
    told = []
    for act in acts.values():
        snapshot = site.tester.take_snapshot()
        with watched(site, it=batch_id, sell=sell, buy=buy) as changed:
            receipt = site.do(act, "stranger")
        told.append((changed, site.events(receipt, site.market, "CreditsTraded")))
        site.tester.revert_to_snapshot(snapshot)
    assert told[0] == told[1]
    changed, said = told[1]
    assert changed["money.buyer"] == RICH - 800
    hashes = {"sellHash": site.hash_of(sell), "buyHash": site.hash_of(buy)}
    assert said == [traded(site, batch_id, 10, 800, 8, **hashes)]
