"""`retire`: grams are used up for ever, with a number, a reason and serials."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FROZEN

FOR = b"A city".ljust(32, b"\0")
WHY = b"Its buses of 2039".ljust(32, b"\0")
NOBODY = "0x" + "0" * 40


@pytest.fixture
def batch_id(site):
    return site.issue()


def retire(site, batch_id, amount_g):
    return site.bank.functions.retire(batch_id, amount_g, FOR, WHY)


def test_it_is_refused_in_the_order_of_the_checks(site, batch_id):
    assert site.refused(retire(site, 7, 0), "operator") == ("BatchNotFound", {"batchId": 7})
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    for amount_g in (0, 1001):
        assert site.refused(retire(site, batch_id, amount_g), "operator") == (
            "BatchNotActive",
            {"batchId": batch_id, "status": FROZEN},
        )
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.refused(retire(site, batch_id, 0), "stranger") == ("ZeroAmount", {})
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
    site.do(retire(site, site.issue({0: 0b100}), 5), "operator")  # number 1, of another batch
    said = []
    for changes in (
        {"it.retiredG": 300, "it.heldG": 700, "it balanceOf.operator": 700, "state.retirements": 2},
        {"it.retiredG": 1000, "it.heldG": 0, "it balanceOf.operator": 0, "state.retirements": 3},
    ):
        call = retire(site, batch_id, 700 if said else 300)
        assert site.ask(call, "operator") == changes["state.retirements"]
        with watched(site, it=batch_id) as changed:
            receipt = site.do(call, "operator")
        assert changed == changes
        said += site.events(receipt, site.bank, "CreditsRetired")
    assert said == [
        {
            "retirementId": number,
            "batchId": batch_id,
            "holder": site.at["operator"],
            "amountG": amount_g,
            "fromSerial": from_serial,
            "toSerial": to_serial,
            "beneficiary": FOR,
            "purpose": WHY,
        }
        for number, amount_g, from_serial, to_serial in ((2, 300, 1, 300), (3, 700, 301, 1000))
    ]
    assert site.events(receipt, site.bank, "TransferSingle") == [
        {
            "operator": site.at["operator"],
            "from": site.at["operator"],
            "to": NOBODY,
            "id": batch_id,
            "value": 700,
        }
    ]
