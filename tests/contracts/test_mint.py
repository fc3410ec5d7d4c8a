"""`SettlementToken.mint`: only a minter pays money in, and the admin is none."""

from tests.contracts.getters import watched
from tests.contracts.ledger_site import role

NOBODY = "0x" + "0" * 40


def mint(site, to, units=500):
    return site.money.functions.mint(to, units)


def test_it_is_refused_in_the_order_of_the_checks(site):
    call = mint(site, NOBODY)
    for sender in ("admin", "buyer"):
        assert site.refused(call, sender) == (
            "AccessControlUnauthorizedAccount",
            {"account": site.at[sender], "neededRole": role("MINTER")},
        )
    assert site.refused(call, "minter") == ("ERC20InvalidReceiver", {"receiver": NOBODY})


def test_the_money_is_there_and_nothing_else_changes(site):
    with watched(site) as changed:
        receipt = site.do(mint(site, site.at["buyer"]), "minter")
    assert changed == {"money.buyer": 500, "money totalSupply": 500}
    assert site.events(receipt, site.money, "Transfer") == [
        {"from": NOBODY, "to": site.at["buyer"], "value": 500}
    ]


def test_a_minter_does_not_act_through_the_forwarder(site):
    relayed = site.relay("minter", site.money, mint(site, site.at["minter"]))
    assert site.refused(relayed, "relayer") == ("FailedCall", {})
