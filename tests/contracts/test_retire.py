"""`retire` and `retireFrom`: grams are used up for ever, with a number, a reason and serials."""

import pytest

from tests.contracts.ledger_site import FROZEN

FOR = b"A city".ljust(32, b"\0")
WHY = b"Its buses of 2039".ljust(32, b"\0")


@pytest.fixture
def batch_id(site):
    return site.issue()


def retire(site, batch_id, amount_g):
    return site.bank.functions.retire(batch_id, amount_g, FOR, WHY)


def retire_from(site, batch_id, amount_g):
    return site.bank.functions.retireFrom(site.at["operator"], batch_id, amount_g, FOR, WHY)


def test_nobody_retires_for_a_holder_who_did_not_approve(site, batch_id):
    assert site.refused(retire_from(site, batch_id, 1), "stranger") == (
        "ERC1155MissingApprovalForAll",
        {"operator": site.at["stranger"], "owner": site.at["operator"]},
    )


def test_an_unknown_a_frozen_and_an_empty_retirement_are_refused(site, batch_id):
    assert site.refused(retire(site, 7, 0), "operator") == ("BatchNotFound", {"batchId": 7})
    assert site.refused(retire(site, batch_id, 0), "operator") == ("ZeroAmount", {})
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    assert site.refused(retire(site, batch_id, 0), "operator") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )


def test_nobody_retires_more_than_they_hold(site, batch_id):
    for sender, held in (("operator", 1000), ("stranger", 0)):
        assert site.refused(retire(site, batch_id, 1001), sender) == (
            "ERC1155InsufficientBalance",
            {
                "sender": site.at[sender],
                "balance": held,
                "needed": 1001,
                "tokenId": batch_id,
            },
        )


def test_a_retirement_burns_counts_and_takes_the_next_serials(site, batch_id):
    assert site.state()["retirements"] == 0

    first = site.do(retire(site, batch_id, 300), "operator")
    second = site.do(retire(site, batch_id, 700), "operator")

    assert site.held("operator", batch_id) == 0
    assert site.batch(batch_id)["retiredG"] == 1000
    assert site.batch(batch_id)["issuedG"] == 1112
    assert site.batch(batch_id)["heldG"] == 0
    assert site.state()["retirements"] == 2
    said = [site.events(r, site.bank, "CreditsRetired")[0] for r in (first, second)]
    assert said[0] == {
        "retirementId": 1,
        "batchId": batch_id,
        "holder": site.at["operator"],
        "amountG": 300,
        "fromSerial": 1,
        "toSerial": 300,
        "beneficiary": FOR,
        "purpose": WHY,
    }
    assert [said[1][k] for k in ("retirementId", "fromSerial", "toSerial")] == [2, 301, 1000]


def test_an_approved_account_retires_for_the_holder(site, batch_id):
    approve = site.bank.functions.setApprovalForAll(site.at["buyer"], True)
    site.do(approve, "operator")
    receipt = site.do(retire_from(site, batch_id, 5), "buyer")
    (said,) = site.events(receipt, site.bank, "CreditsRetired")
    assert (said["holder"], said["amountG"]) == (site.at["operator"], 5)
    assert site.held("operator", batch_id) == 995
