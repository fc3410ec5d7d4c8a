"""`fillWithPermit`: the permit is tried, and then the allowance decides."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import NOW, SELL
from tests.contracts.market_stage import RICH, for_sale, permit, steps, timeless, traded


@pytest.fixture
def sold(site):
    return for_sale(site)


def fill(site, sold, amount_g, words):
    return site.market.functions.fillWithPermit(*sold, amount_g, words)


def test_it_is_refused_in_the_order_of_the_checks_also_with_a_good_permit(site, sold):
    for order, amount_g, refusal in steps(site, "operator", SELL, sold[2], other_side=False):
        call = fill(site, (*order, sold[2]), amount_g, permit(site))
        assert timeless(site.refused(call, "operator")) == refusal
    call = fill(site, sold, 100, permit(site))
    assert site.refused(call, "operator") == ("SelfTrade", {"account": site.at["operator"]})


def test_a_permit_pays_where_nothing_was_allowed(site, sold):
    order, _, batch_id = sold
    assert site.refused(site.market.functions.fill(*sold, 100), "buyer")[0] == (
        "ERC20InsufficientAllowance"
    )
    call = fill(site, sold, 100, permit(site))
    assert site.ask(call, "buyer") == 8000
    with watched(site, it=batch_id, order=order) as changed:
        receipt = site.do(call, "buyer")
    assert changed == {
        "it balanceOf.operator": 900,
        "it balanceOf.buyer": 100,
        "order.filledG": 100,
        "order.paidUnits": 8000,
        "money.buyer": RICH - 8000,
        "money.operator": 7920,
        "money.fee_box": 80,
        "nonces.buyer": 1,
    }
    assert site.events(receipt, site.market, "CreditsTraded") == [
        traded(site, batch_id, 100, 8000, 80, sellHash=site.hash_of(order))
    ]


def test_a_permit_used_by_somebody_before_is_no_failure(site, sold):
    words = permit(site)
    spent = site.money.functions.permit(site.at["buyer"], site.market.address, *words)
    site.do(spent, "stranger")
    site.do(fill(site, sold, 100, words), "buyer")
    assert site.held("buyer", sold[2]) == 100


@pytest.mark.parametrize("changes", [{"who": "stranger"}, {"deadline": NOW - 1}, {"nonce": 1}])
def test_a_permit_that_does_not_count_leaves_the_decision_to_the_allowance(site, sold, changes):
    call = fill(site, sold, 100, permit(site, **changes))
    assert site.refused(call, "buyer")[0] == "ERC20InsufficientAllowance"
    site.do(site.money.functions.approve(site.market.address, 8000), "buyer")
    site.do(call, "buyer")
    assert site.paid("buyer") == RICH - 8000


def test_a_permit_of_too_little_pays_nothing(site, sold):
    call = fill(site, sold, 100, permit(site, units=7999))
    # 7,920 units go to the seller first; 79 are then left for a fee of 80.
    assert site.refused(call, "buyer") == (
        "ERC20InsufficientAllowance",
        {"spender": site.market.address, "allowance": 79, "needed": 80},
    )


def test_nobody_pays_with_the_permit_of_another(site, sold):
    call = fill(site, sold, 100, permit(site))
    assert site.refused(call, "stranger") == (
        "ERC20InsufficientAllowance",
        {"spender": site.market.address, "allowance": 0, "needed": 7920},
    )
