"""`setFee`: the owner sets a fee under the cap, and who gets it."""

from tests.contracts.getters import watched

NOBODY = "0x" + "0" * 40


def set_fee(site, bps, to):
    return site.market.functions.setFee(bps, to)


def test_it_is_refused_in_the_order_of_the_checks(site):
    assert site.refused(set_fee(site, 501, NOBODY), "buyer") == (
        "OwnableUnauthorizedAccount",
        {"account": site.at["buyer"]},
    )
    assert site.refused(set_fee(site, 501, NOBODY), "admin") == ("ZeroAddress", {})
    assert site.refused(set_fee(site, 501, site.at["fee_box"]), "admin") == (
        "FeeAboveCap",
        {"feeBps": 501, "maxBps": 500},
    )


def test_it_stands_from_now_on_and_nothing_else_changes(site):
    to = site.at["stranger"]
    with watched(site) as changed:
        receipt = site.do(set_fee(site, 500, to), "admin")
    assert changed == {"feeBps": 500, "feeTo": to}
    assert site.events(receipt, site.market, "FeeSet") == [{"feeBps": 500, "feeTo": to}]


def test_the_owner_does_not_act_through_the_forwarder(site):
    relayed = site.relay("admin", site.market, set_fee(site, 7, site.at["fee_box"]))
    assert site.refused(relayed, "relayer") == ("FailedCall", {})
