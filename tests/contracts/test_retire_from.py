"""`retireFrom`: who is approved retires for the holder."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FROZEN

FOR = b"A city".ljust(32, b"\0")
WHY = b"Its buses of 2039".ljust(32, b"\0")


@pytest.fixture
def batch_id(site):
    return site.issue()


def retire_from(site, batch_id, amount_g):
    return site.bank.functions.retireFrom(site.at["operator"], batch_id, amount_g, FOR, WHY)


def approve(site, approved):
    call = site.bank.functions.setApprovalForAll(site.at["buyer"], approved)
    site.do(call, "operator")


def test_it_is_refused_in_the_order_of_the_checks(site, batch_id):
    assert site.refused(retire_from(site, 7, 0), "buyer") == (
        "ERC1155MissingApprovalForAll",
        {"operator": site.at["buyer"], "owner": site.at["operator"]},
    )
    approve(site, True)
    assert site.refused(retire_from(site, 7, 0), "buyer") == ("BatchNotFound", {"batchId": 7})
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    assert site.refused(retire_from(site, batch_id, 0), "buyer") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.refused(retire_from(site, batch_id, 0), "buyer") == ("ZeroAmount", {})
    assert site.refused(retire_from(site, batch_id, 1001), "buyer") == (
        "ERC1155InsufficientBalance",
        {
            "sender": site.at["operator"],
            "balance": 1000,
            "needed": 1001,
            "tokenId": batch_id,
        },
    )
    approve(site, False)
    assert site.refused(retire_from(site, batch_id, 1), "buyer")[0] == (
        "ERC1155MissingApprovalForAll"
    )


def test_the_holders_grams_are_retired_in_the_holders_name(site, batch_id):
    approve(site, True)
    with watched(site, it=batch_id) as changed:
        receipt = site.do(retire_from(site, batch_id, 5), "buyer")
    assert changed == {
        "it.retiredG": 5,
        "it.heldG": 995,
        "it balanceOf.operator": 995,
        "state.retirements": 1,
    }
    assert site.events(receipt, site.bank, "CreditsRetired") == [
        {
            "retirementId": 1,
            "batchId": batch_id,
            "holder": site.at["operator"],
            "amountG": 5,
            "fromSerial": 1,
            "toSerial": 5,
            "beneficiary": FOR,
            "purpose": WHY,
        }
    ]


def test_a_holder_needs_nobodys_approval_for_the_own_grams(site, batch_id):
    receipt = site.do(retire_from(site, batch_id, 5), "operator")
    assert len(site.events(receipt, site.bank, "CreditsRetired")) == 1
