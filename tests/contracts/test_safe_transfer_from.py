"""`safeTransferFrom`: plain ERC-1155, while the batch is Active."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FROZEN

NOBODY = "0x" + "0" * 40


@pytest.fixture
def batch_id(site):
    return site.issue()


def send(site, batch_id, amount_g, to=None):
    to = site.at["buyer"] if to is None else to
    return site.bank.functions.safeTransferFrom(site.at["operator"], to, batch_id, amount_g, b"")


def test_it_is_refused_in_the_order_of_the_checks(site, batch_id):
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    assert site.refused(send(site, 7, 1001, NOBODY), "stranger") == (
        "ERC1155MissingApprovalForAll",
        {"operator": site.at["stranger"], "owner": site.at["operator"]},
    )
    assert site.refused(send(site, 7, 1001, NOBODY), "operator") == (
        "BatchNotFound",
        {"batchId": 7},
    )
    assert site.refused(send(site, batch_id, 1001, NOBODY), "operator") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": FROZEN},
    )
    site.do(site.bank.functions.unfreeze(batch_id), "guardian")
    assert site.refused(send(site, batch_id, 1001, NOBODY), "operator") == (
        "ERC1155InvalidReceiver",
        {"receiver": NOBODY},
    )
    assert site.refused(send(site, batch_id, 1001), "operator") == (
        "ERC1155InsufficientBalance",
        {"sender": site.at["operator"], "balance": 1000, "needed": 1001, "tokenId": batch_id},
    )
    # A contract that does not say that it takes credits gets none.
    assert site.refused(send(site, batch_id, 1, site.market.address), "operator") == (
        "ERC1155InvalidReceiver",
        {"receiver": site.market.address},
    )


def test_a_transfer_moves_exactly_its_grams_and_says_so(site, batch_id):
    with watched(site, it=batch_id) as changed:
        receipt = site.do(send(site, batch_id, 400), "operator")
    assert changed == {"it balanceOf.operator": 600, "it balanceOf.buyer": 400}
    assert site.events(receipt, site.bank, "TransferSingle") == [
        {
            "operator": site.at["operator"],
            "from": site.at["operator"],
            "to": site.at["buyer"],
            "id": batch_id,
            "value": 400,
        }
    ]


def test_who_is_approved_moves_grams_in_the_own_name(site, batch_id):
    site.do(site.bank.functions.setApprovalForAll(site.at["stranger"], True), "operator")
    with watched(site, it=batch_id) as changed:
        receipt = site.do(send(site, batch_id, 1), "stranger")
    assert changed == {"it balanceOf.operator": 999, "it balanceOf.buyer": 1}
    (said,) = site.events(receipt, site.bank, "TransferSingle")
    assert said["operator"] == site.at["stranger"]


def test_nothing_and_to_oneself_changes_nothing(site, batch_id):
    with watched(site, it=batch_id) as changed:
        site.do(send(site, batch_id, 0), "operator")
        site.do(send(site, batch_id, 1000, site.at["operator"]), "operator")
    assert changed == {}


def test_one_unit_is_a_gram_and_six_decimals_make_a_tonne(site):
    assert site.ask(site.bank.functions.decimals()) == 6
