"""`fillAndRetire`: who buys from a sell order retires what it bought, in one step."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import BUY, SELL
from tests.contracts.market_stage import FOR, RICH, WHY, opened, signed, steps, timeless, traded


@pytest.fixture
def batch_id(site):
    return opened(site)


def fill_and_retire(site, order, batch_id, amount_g):
    return site.market.functions.fillAndRetire(*order, batch_id, amount_g, FOR, WHY)


def test_it_is_refused_in_the_order_of_the_checks(site, batch_id):
    """The seller is the sender at first; the buyer let nobody retire."""
    for order, amount_g, refusal in steps(site, "operator", SELL, batch_id):
        assert (
            timeless(site.refused(fill_and_retire(site, order, batch_id, amount_g), "operator"))
            == refusal
        )
    call = fill_and_retire(site, signed(site, site.order("operator", SELL, batch_id)), batch_id, 10)
    assert site.refused(call, "operator") == ("SelfTrade", {"account": site.at["operator"]})
    site.do(site.money.functions.approve(site.market.address, 5), "buyer")
    assert site.refused(call, "buyer")[0] == "ERC20InsufficientAllowance"
    site.do(site.money.functions.approve(site.market.address, RICH), "buyer")
    assert site.refused(call, "buyer") == (
        "ERC1155MissingApprovalForAll",
        {"operator": site.market.address, "owner": site.at["buyer"]},
    )


def test_a_buy_order_is_not_bought_from(site, batch_id):
    order = site.order("buyer", BUY, batch_id)
    assert site.refused(fill_and_retire(site, signed(site, order), batch_id, 10), "operator") == (
        "WrongSide",
        {"orderHash": site.hash_of(order), "side": BUY},
    )


def test_it_is_paid_for_and_retired_and_nobody_holds_it(site, batch_id):
    site.do(site.bank.functions.setApprovalForAll(site.market.address, True), "buyer")
    order = site.order("operator", SELL, batch_id)
    call = fill_and_retire(site, signed(site, order), batch_id, 100)
    assert site.ask(call, "buyer") == [8000, 1]
    with watched(site, it=batch_id, order=order) as changed:
        receipt = site.do(call, "buyer")
    assert changed == {
        "it.retiredG": 100,
        "it.heldG": 900,
        "it balanceOf.operator": 900,
        "order.filledG": 100,
        "order.paidUnits": 8000,
        "money.buyer": RICH - 8000,
        "money.operator": 7920,
        "money.fee_box": 80,
        "allowance.buyer.market": RICH - 8000,
        "state.retirements": 1,
    }
    assert site.events(receipt, site.market, "CreditsTraded") == [
        traded(site, batch_id, 100, 8000, 80, sellHash=site.hash_of(order))
    ]
    assert site.events(receipt, site.bank, "CreditsRetired") == [
        {
            "retirementId": 1,
            "batchId": batch_id,
            "holder": site.at["buyer"],
            "amountG": 100,
            "fromSerial": 1,
            "toSerial": 100,
            "beneficiary": FOR,
            "purpose": WHY,
        }
    ]
