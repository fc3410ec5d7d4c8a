"""Griefing: a stranger puts every kind of challenge to an honest batch, and nothing stops."""

import pytest

from tests.contracts.evidence_made import sealed
from tests.contracts.ledger_site import ACTIVE, payout_tree


@pytest.fixture
def honest(site):
    """Return sound evidence with two payouts that tile the drivers' grams."""
    payouts = [(0, site.at["driver"], 0, 200), (1, site.at["driver_b"], 200, 100)]
    root, proofs = payout_tree(payouts)
    parts = {"operatorG": 700, "driversG": 300, "payoutRoot": root}
    batch = sealed(site, **parts)
    return batch, payouts, proofs


def false_challenges(site, batch, payouts, proofs):
    challenge, claim, leaf = site.challenge.functions, batch.claim, batch.proof
    words = list(batch.words), list(batch.words.values())
    range_of = (claim, payouts[0], proofs[0])
    return {
        "LeavesInOrder": challenge.challengeOrder(claim, leaf(0), leaf(1)),
        "LeafInTime": challenge.challengeTime(claim, leaf(0)),
        "VehicleIsClaimed": challenge.challengeVehicle(claim, leaf(0), *words),
        "PayoutsApart": challenge.challengePayouts(*range_of, payouts[1], proofs[1]),
        "PayoutInRange": challenge.challengePayoutRange(*range_of),
        "SameBatch": challenge.challengeDoubleCredit(claim, leaf(0), claim, leaf(1)),
    }


def false_totals(site, batch):
    challenge, claim, leaf = site.challenge.functions, batch.claim, batch.proof
    return [
        challenge.challengeFirstTotal(claim, leaf(0)),
        challenge.challengeRunningTotal(claim, leaf(0), leaf(1)),
        challenge.challengeLastTotal(claim, leaf(2)),
    ]


def test_false_challenges_of_every_kind_stop_nothing(site, honest):
    batch, payouts, proofs = honest
    for refusal, call in false_challenges(site, batch, payouts, proofs).items():
        assert site.refused(call, "stranger")[0] == refusal
        sent = call.transact({"from": site.at["stranger"], "gas": 1_000_000, "gasPrice": 10**10})
        assert site.web3.eth.get_transaction_receipt(sent)["status"] == 0
    for call in false_totals(site, batch):
        assert site.refused(call, "stranger")[0] == "TotalHolds"
    assert batch.status == ACTIVE
    retire = site.bank.functions.retire(batch.batch_id, 700, bytes(32), bytes(32))
    site.do(retire, "operator")


def test_a_leaf_of_ones_own_making_stops_nothing(site, honest):
    batch, _, _ = honest
    leaf, index, path = batch.proof(0)
    forged = (leaf[0], leaf[1], leaf[1], *leaf[3:])  # a trip that ends when it starts
    call = site.challenge.functions.challengeTime(batch.claim, (forged, index, path))
    assert site.refused(call, "stranger") == (
        "BadLeafProof",
        {"batchId": batch.batch_id, "index": 0},
    )


def test_nobody_stops_a_batch_past_the_challenge_contract(site, honest):
    batch, _, _ = honest
    for act in ("disprove", "freezeProven"):
        call = site.bank.functions[act](batch.batch_id, bytes(32))
        assert site.refused(call, "stranger")[0] == "AccessControlUnauthorizedAccount"


def test_a_count_that_is_not_the_trees_leaves_no_last_leaf_to_show(site):
    """So no proof stops it: its leaves can not be produced, and for that it is frozen."""
    batch = sealed(site, tripCount=4)
    last_total = site.challenge.functions.challengeLastTotal
    leaf, index, path = batch.proof(2)
    assert site.refused(last_total(batch.claim, (leaf, index, path)), "stranger") == (
        "NotLastLeaf",
        {"index": 2, "lastIndex": 3},
    )
    assert site.refused(last_total(batch.claim, (leaf, 3, path)), "stranger") == (
        "BadLeafProof",
        {"batchId": batch.batch_id, "index": 3},
    )
