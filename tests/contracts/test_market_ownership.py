"""`transferOwnership`, `acceptOwnership`, `renounceOwnership`: the market changes hands.

Ownable2Step as it is: what is ours is the fee that goes with it.
"""

from tests.contracts.getters import watched

NOBODY = "0x" + "0" * 40


def transfer(site, who):
    return site.market.functions.transferOwnership(site.at[who])


def unowned(site, who):
    return "OwnableUnauthorizedAccount", {"account": site.at[who]}


def test_only_the_owner_gives_it_away_and_only_who_was_named_takes_it(site):
    market = site.market.functions
    for call in (transfer(site, "buyer"), market.renounceOwnership(), market.acceptOwnership()):
        assert site.refused(call, "buyer") == unowned(site, "buyer")
    site.do(transfer(site, "stranger"), "admin")
    for who in ("admin", "buyer"):
        assert site.refused(market.acceptOwnership(), who) == unowned(site, who)


def test_it_changes_hands_in_two_steps_and_the_fee_with_it(site):
    market = site.market.functions
    with watched(site) as changed:
        receipt = site.do(transfer(site, "stranger"), "admin")
    assert changed == {"pendingOwner": site.at["stranger"]}
    both = {"previousOwner": site.at["admin"], "newOwner": site.at["stranger"]}
    assert site.events(receipt, site.market, "OwnershipTransferStarted") == [both]

    with watched(site) as changed:
        receipt = site.do(market.acceptOwnership(), "stranger")
    assert changed == {"owner": site.at["stranger"], "pendingOwner": NOBODY}
    assert site.events(receipt, site.market, "OwnershipTransferred") == [both]
    set_fee = market.setFee(7, site.at["fee_box"])
    assert site.refused(set_fee, "admin") == unowned(site, "admin")
    site.do(set_fee, "stranger")


def test_without_an_owner_the_fee_stays_for_ever(site):
    with watched(site) as changed:
        receipt = site.do(site.market.functions.renounceOwnership(), "admin")
    assert changed == {"owner": NOBODY}
    assert site.events(receipt, site.market, "OwnershipTransferred") == [
        {"previousOwner": site.at["admin"], "newOwner": NOBODY}
    ]
    set_fee = site.market.functions.setFee(7, site.at["fee_box"])
    assert site.refused(set_fee, "admin") == unowned(site, "admin")
