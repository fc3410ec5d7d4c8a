"""`fillAndRetireWithPermit`: allow, buy and retire in one step."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import SELL
from tests.contracts.market_stage import (
    FOR,
    RICH,
    WHY,
    for_sale,
    permit,
    steps,
    timeless,
    traded,
)


@pytest.fixture
def sold(site):
    return for_sale(site)


def act(site, sold, amount_g, words):
    return site.market.functions.fillAndRetireWithPermit(*sold, amount_g, FOR, WHY, words)


def test_it_is_refused_in_the_order_of_the_checks(site, sold):
    for order, amount_g, refusal in steps(site, "operator", SELL, sold[2]):
        call = act(site, (*order, sold[2]), amount_g, permit(site))
        assert timeless(site.refused(call, "operator")) == refusal
    call = act(site, sold, 100, permit(site))
    assert site.refused(call, "operator") == ("SelfTrade", {"account": site.at["operator"]})
    of_another = act(site, sold, 100, permit(site, who="stranger"))
    assert site.refused(of_another, "buyer")[0] == "ERC20InsufficientAllowance"
    assert site.refused(call, "buyer") == (
        "ERC1155MissingApprovalForAll",
        {"operator": site.market.address, "owner": site.at["buyer"]},
    )


def test_a_permit_pays_for_what_is_retired_at_once(site, sold):
    order, _, batch_id = sold
    site.do(site.bank.functions.setApprovalForAll(site.market.address, True), "buyer")
    call = act(site, sold, 100, permit(site))
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
        "nonces.buyer": 1,
        "state.retirements": 1,
    }
    assert site.events(receipt, site.market, "CreditsTraded") == [
        traded(site, batch_id, 100, 8000, 80, sellHash=site.hash_of(order))
    ]
    (retired,) = site.events(receipt, site.bank, "CreditsRetired")
    assert (retired["holder"], retired["amountG"]) == (site.at["buyer"], 100)
    assert (retired["beneficiary"], retired["purpose"]) == (FOR, WHY)
