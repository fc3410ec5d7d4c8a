"""`disprove`: a challenge stops a batch until it is corrected; nothing else starts it again."""

import pytest

from tests.contracts.books import disproven, issued, lively, payouts
from tests.contracts.getters import watched
from tests.contracts.ledger_site import CANCELLED, DAY, DISPROVEN, NOW, payout_tree
from tests.contracts.refusals import unauthorized

PROOF, OTHER, THIRD = (bytes([n]) * 32 for n in (1, 2, 3))


def disprove(site, batch_id, proof=PROOF):
    return site.bank.functions.disprove(batch_id, proof)


def test_it_is_refused_in_the_order_of_the_checks(site):
    batch_id = disproven(site, issued(site, 1), PROOF)
    for sender in ("admin", "guardian", "issuer", "stranger"):
        refusal = unauthorized(site, sender, "CHALLENGER")
        assert site.refused(disprove(site, 7), sender) == refusal
    assert site.refused(disprove(site, 7), "challenger") == ("BatchNotFound", {"batchId": 7})
    # A settled proof comes before what the batch is: it says that the matter is done with.
    settled = ("ProofSettled", {"proofId": PROOF})
    assert site.refused(disprove(site, batch_id), "challenger") == settled
    assert site.refused(disprove(site, batch_id, OTHER), "challenger") == (
        "BatchNotDisprovable",
        {"batchId": batch_id, "status": DISPROVEN},
    )
    site.do(site.bank.functions.correct(batch_id, 1, [], "one gram"), "guardian")
    assert site.refused(disprove(site, batch_id), "challenger") == settled
    disproven(site, batch_id, OTHER)
    assert site.refused(disprove(site, batch_id), "challenger") == settled
    site.do(site.bank.functions.cancel(batch_id, "wrong"), "guardian")
    assert site.refused(disprove(site, batch_id), "challenger") == settled
    assert site.refused(disprove(site, batch_id, THIRD), "challenger") == (
        "BatchNotDisprovable",
        {"batchId": batch_id, "status": CANCELLED},
    )


def test_it_remembers_the_proof_and_changes_no_gram(site):
    batch_id = lively(site, 1)
    with watched(site, it=batch_id) as changed:
        receipt = site.do(disprove(site, batch_id), "challenger")
    assert changed == {"it.status": DISPROVEN}
    assert site.events(receipt, site.bank, "BatchDisproven") == [
        {"batchId": batch_id, "proofId": PROOF}
    ]


def test_a_frozen_batch_is_disproven_and_no_time_and_no_guardian_unfreezes_it(site):
    batch_id = issued(site, 1)
    site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    site.do(disprove(site, batch_id), "challenger")
    shown = site.batch(batch_id)
    assert (shown["status"], shown["frozenSince"], shown["frozenUntil"]) == (DISPROVEN, 0, 0)
    site.travel(NOW + 40 * DAY)
    site.tester.mine_block()
    for sender in ("guardian", "stranger"):
        assert site.refused(site.bank.functions.unfreeze(batch_id), sender) == (
            "BatchNotFrozen",
            {"batchId": batch_id, "status": DISPROVEN},
        )
    assert site.refused(site.bank.functions.freeze(batch_id, "again"), "guardian") == (
        "BatchNotActive",
        {"batchId": batch_id, "status": DISPROVEN},
    )


@pytest.mark.parametrize("end", [DISPROVEN, CANCELLED])
def test_nothing_of_a_batch_that_is_not_active_moves(site, end):
    batch_id = disproven(site, lively(site, 1), PROOF)
    bank, at = site.bank.functions, site.at
    if end == CANCELLED:
        site.do(bank.cancel(batch_id, "wrong"), "guardian")
    pair = payouts(site)
    proof = payout_tree(pair)[1][1]
    site.do(bank.setApprovalForAll(at["stranger"], True), "operator")
    acts = [
        (bank.safeTransferFrom(at["operator"], at["buyer"], batch_id, 1, b""), "operator"),
        (bank.safeBatchTransferFrom(at["operator"], at["buyer"], [batch_id], [1], b""), "operator"),
        (bank.retire(batch_id, 1, bytes(32), bytes(32)), "operator"),
        (bank.retireFrom(at["operator"], batch_id, 1, bytes(32), bytes(32)), "stranger"),
        (bank.claim(batch_id, pair[1], proof), "stranger"),
        (bank.claimMany(batch_id, pair[1:], [proof]), "stranger"),
    ]
    for act, sender in acts:
        assert site.refused(act, sender) == (
            "BatchNotActive",
            {"batchId": batch_id, "status": end},
        )
