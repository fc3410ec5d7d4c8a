"""Payment by permit: it is tried, and then the allowance decides."""

import pytest
from eth_account import Account

from tests.contracts.ledger_site import FOR_EVER, NOW, SELL

RICH = 10**12
FOR, WHY = b"for".ljust(32, b"\0"), b"why".ljust(32, b"\0")
PERMIT = {
    "owner": "address",
    "spender": "address",
    "value": "uint256",
    "nonce": "uint256",
    "deadline": "uint256",
}


@pytest.fixture
def sold(site):
    """Return a signed sell order of a batch, and a buyer who has money and allowed nothing."""
    batch_id = site.issue()
    market = site.market.address
    site.do(site.bank.functions.setApprovalForAll(market, True), "operator")
    site.do(site.bank.functions.setApprovalForAll(market, True), "buyer")
    site.do(site.money.functions.mint(site.at["buyer"], RICH), "minter")
    order = site.order("operator", SELL, batch_id)
    return order, site.sign_order(order, "operator"), batch_id


def permit(site, who="buyer", units=8000, deadline=FOR_EVER, nonce=0):
    message = {
        "owner": site.at["buyer"],
        "spender": site.market.address,
        "value": units,
        "nonce": nonce,
        "deadline": deadline,
    }
    signed = Account.sign_typed_data(
        site.keys[who],
        domain_data={
            "name": "Settlement money",
            "version": "1",
            "chainId": site.chain_id,
            "verifyingContract": site.money.address,
        },
        message_types={"Permit": [{"name": n, "type": t} for n, t in PERMIT.items()]},
        message_data=message,
    )
    words = [number.to_bytes(32, "big") for number in (signed.r, signed.s)]
    return (units, deadline, signed.v, *words)


def test_a_permit_pays_where_nothing_was_allowed(site, sold):
    fill = site.market.functions.fill(*sold, 100)
    assert site.refused(fill, "buyer")[0] == "ERC20InsufficientAllowance"
    site.do(site.market.functions.fillWithPermit(*sold, 100, permit(site)), "buyer")
    assert (site.held("buyer", sold[2]), site.paid("buyer")) == (100, RICH - 8000)
    market = site.market.address
    assert site.ask(site.money.functions.allowance(site.at["buyer"], market)) == 0


def test_a_permit_used_by_somebody_before_is_no_failure(site, sold):
    words = permit(site)
    spent = site.money.functions.permit(site.at["buyer"], site.market.address, *words)
    site.do(spent, "stranger")
    site.do(site.market.functions.fillWithPermit(*sold, 100, words), "buyer")
    assert site.held("buyer", sold[2]) == 100


@pytest.mark.parametrize("changes", [{"who": "stranger"}, {"deadline": NOW - 1}, {"nonce": 1}])
def test_a_permit_that_does_not_count_leaves_the_decision_to_the_allowance(site, sold, changes):
    call = site.market.functions.fillWithPermit(*sold, 100, permit(site, **changes))
    assert site.refused(call, "buyer")[0] == "ERC20InsufficientAllowance"
    site.do(site.money.functions.approve(site.market.address, 8000), "buyer")
    site.do(call, "buyer")
    assert site.paid("buyer") == RICH - 8000


def test_a_permit_of_too_little_pays_nothing(site, sold):
    call = site.market.functions.fillWithPermit(*sold, 100, permit(site, units=7999))
    # 7,920 units go to the seller first; 79 are then left for a fee of 80.
    assert site.refused(call, "buyer") == (
        "ERC20InsufficientAllowance",
        {"spender": site.market.address, "allowance": 79, "needed": 80},
    )


def test_a_permit_pays_for_what_is_retired_at_once(site, sold):
    words = permit(site)
    call = site.market.functions.fillAndRetireWithPermit(*sold, 100, FOR, WHY, words)
    receipt = site.do(call, "buyer")
    (retired,) = site.events(receipt, site.bank, "CreditsRetired")
    assert (retired["holder"], retired["amountG"]) == (site.at["buyer"], 100)
    assert (site.held("buyer", sold[2]), site.paid("buyer")) == (0, RICH - 8000)


def test_nobody_pays_with_the_permit_of_another(site, sold):
    call = site.market.functions.fillWithPermit(*sold, 100, permit(site))
    assert site.refused(call, "stranger")[0] == "ERC20InsufficientAllowance"
