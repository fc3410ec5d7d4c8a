"""Transfers are plain ERC-1155, while the batch is Active."""

from tests.contracts.ledger_site import FROZEN


def send(site, batch_id, amount_g):
    return site.bank.functions.safeTransferFrom(
        site.at["operator"], site.at["buyer"], batch_id, amount_g, b""
    )


def send_batch(site, batch_ids, amounts_g):
    return site.bank.functions.safeBatchTransferFrom(
        site.at["operator"], site.at["buyer"], batch_ids, amounts_g, b""
    )


def test_only_the_holder_or_who_is_approved_moves_grams(site):
    batch_id = site.issue()
    assert site.refused(send(site, batch_id, 1), "stranger")[0] == "ERC1155MissingApprovalForAll"
    site.do(site.bank.functions.setApprovalForAll(site.at["stranger"], True), "operator")
    site.do(send(site, batch_id, 1), "stranger")
    assert site.held("buyer", batch_id) == 1


def test_grams_of_a_frozen_or_unknown_batch_do_not_move_alone_or_among_others(site):
    good, bad = site.issue({0: 0b10}), site.issue({0: 0b100})
    site.do(site.bank.functions.freeze(bad, "doubt"), "guardian")
    expected = ("BatchNotActive", {"batchId": bad, "status": FROZEN})
    assert site.refused(send(site, bad, 1), "operator") == expected
    assert site.refused(send_batch(site, [good, bad], [1, 1]), "operator") == expected
    assert site.refused(send(site, 7, 0), "operator") == ("BatchNotFound", {"batchId": 7})

    site.do(site.bank.functions.unfreeze(bad), "guardian")
    site.do(send_batch(site, [good, bad], [1, 2]), "operator")
    assert (site.held("buyer", good), site.held("buyer", bad)) == (1, 2)


def test_a_transfer_moves_exactly_its_grams_and_says_so(site):
    batch_id = site.issue()
    receipt = site.do(send(site, batch_id, 400), "operator")
    assert (site.held("operator", batch_id), site.held("buyer", batch_id)) == (600, 400)
    assert site.batch(batch_id)["heldG"] == 1000
    (said,) = site.events(receipt, site.bank, "TransferSingle")
    assert said["operator"] == said["from"] == site.at["operator"]
    assert (said["to"], said["id"], said["value"]) == (site.at["buyer"], batch_id, 400)


def test_one_unit_is_a_gram_and_six_decimals_make_a_tonne(site):
    assert site.ask(site.bank.functions.decimals()) == 6
