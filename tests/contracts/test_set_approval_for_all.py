"""`setApprovalForAll`: a holder lets another move and retire, until it is taken back."""

import pytest

from tests.contracts.getters import watched

NOBODY = "0x" + "0" * 40


def approve(site, whom, approved):
    return site.bank.functions.setApprovalForAll(whom, approved)


def test_nobody_is_no_one_to_trust(site):
    assert site.refused(approve(site, NOBODY, True), "operator") == (
        "ERC1155InvalidOperator",
        {"operator": NOBODY},
    )


@pytest.mark.parametrize("relayed", [False, True])
def test_the_market_is_trusted_by_who_says_so_and_by_nobody_else(site, relayed):
    market = site.market.address
    for nonce, approved in enumerate((True, False)):
        call, sender = approve(site, market, approved), "operator"
        if relayed:
            call, sender = site.relay("operator", site.bank, call, nonce), "relayer"
        with watched(site) as changed:
            receipt = site.do(call, sender)
        assert changed == {"isApprovedForAll.operator.market": approved}
        assert site.events(receipt, site.bank, "ApprovalForAll") == [
            {"account": site.at["operator"], "operator": market, "approved": approved}
        ]
