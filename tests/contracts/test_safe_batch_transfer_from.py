"""`safeBatchTransferFrom`: grams of many batches move together, or none of them."""

import pytest

from tests.contracts.getters import watched
from tests.contracts.ledger_site import FROZEN

NOBODY = "0x" + "0" * 40


@pytest.fixture
def pair(site):
    return site.issue({0: 0b10}), site.issue({0: 0b100})


def send(site, batch_ids, amounts_g, to=None):
    to = site.at["buyer"] if to is None else to
    return site.bank.functions.safeBatchTransferFrom(
        site.at["operator"], to, list(batch_ids), amounts_g, b""
    )


def test_it_is_refused_in_the_order_of_the_checks(site, pair):
    good, bad = pair
    site.do(site.bank.functions.freeze(bad, "doubt"), "guardian")
    short = [1001]
    assert site.refused(send(site, [7, bad], short, NOBODY), "stranger") == (
        "ERC1155MissingApprovalForAll",
        {"operator": site.at["stranger"], "owner": site.at["operator"]},
    )
    assert site.refused(send(site, [7, bad], short, NOBODY), "operator") == (
        "BatchNotFound",
        {"batchId": 7},
    )
    assert site.refused(send(site, pair, short, NOBODY), "operator") == (
        "BatchNotActive",
        {"batchId": bad, "status": FROZEN},
    )
    site.do(site.bank.functions.unfreeze(bad), "guardian")
    assert site.refused(send(site, pair, short, NOBODY), "operator") == (
        "ERC1155InvalidReceiver",
        {"receiver": NOBODY},
    )
    assert site.refused(send(site, pair, short), "operator") == (
        "ERC1155InvalidArrayLength",
        {"idsLength": 2, "valuesLength": 1},
    )
    for ids, amounts, needed in ((pair, [1, 1001], 1001), ((good, bad, bad), [1, 600, 500], 500)):
        assert site.refused(send(site, ids, amounts), "operator") == (
            "ERC1155InsufficientBalance",
            {
                "sender": site.at["operator"],
                "balance": 1000 if needed == 1001 else 400,
                "needed": needed,
                "tokenId": bad,
            },
        )


def test_each_batch_moves_exactly_its_grams_in_one_event(site, pair):
    with watched(site, one=pair[0], two=pair[1]) as changed:
        receipt = site.do(send(site, pair, [1, 2]), "operator")
    assert changed == {
        "one balanceOf.operator": 999,
        "one balanceOf.buyer": 1,
        "two balanceOf.operator": 998,
        "two balanceOf.buyer": 2,
    }
    assert site.events(receipt, site.bank, "TransferBatch") == [
        {
            "operator": site.at["operator"],
            "from": site.at["operator"],
            "to": site.at["buyer"],
            "ids": list(pair),
            "values": [1, 2],
        }
    ]
