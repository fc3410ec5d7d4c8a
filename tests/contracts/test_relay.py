"""Gasless: an account signs, a relayer pays; roles never pass the forwarder."""

import pytest

from tests.contracts.ledger_site import FOR_EVER, NOW


def test_an_account_acts_through_the_relayer_and_only_once_per_signature(site):
    batch_id = site.issue()
    retire = site.bank.functions.retire(batch_id, 10, b"\1" * 32, b"\2" * 32)
    call = site.relay("operator", site.bank, retire)
    receipt = site.do(call, "relayer")
    (said,) = site.events(receipt, site.bank, "CreditsRetired")
    assert said["holder"] == site.at["operator"]
    assert site.refused(call, "relayer")[0] == "ERC2771ForwarderInvalidSigner"


def test_an_old_request_is_refused(site):
    approve = site.bank.functions.setApprovalForAll(site.market.address, True)
    call = site.relay("operator", site.bank, approve, deadline=NOW - 1)
    assert site.refused(call, "relayer") == (
        "ERC2771ForwarderExpiredRequest",
        {"deadline": NOW - 1},
    )


@pytest.mark.parametrize("who", ["admin", "guardian", "registrar"])
def test_a_role_never_acts_through_the_forwarder(site, who):
    functions = site.bank.functions
    call = {
        "admin": functions.setLastMonth(FOR_EVER % 2**32 + 2**31),
        "guardian": functions.stopIssue("x"),
        "registrar": functions.enrolFleet(b"\7" * 32, site.at["driver"]),
    }[who]
    site.ask(call, who)  # directly it may
    assert site.refused(site.relay(who, site.bank, call), "relayer") == ("FailedCall", {})


def test_orders_and_money_can_be_relayed_too(site):
    cancel = site.relay("buyer", site.market, site.market.functions.cancelAll())
    receipt = site.do(cancel, "relayer")
    (said,) = site.events(receipt, site.market, "AllOrdersCancelled")
    assert said["maker"] == site.at["buyer"]
    approve = site.money.functions.approve(site.market.address, 77)
    site.do(site.relay("buyer", site.money, approve, nonce=1), "relayer")
    market, buyer = site.market.address, site.at["buyer"]
    assert site.ask(site.money.functions.allowance(buyer, market)) == 77
