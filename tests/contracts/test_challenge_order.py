"""`challengeOrder`: two leaves that stand in the wrong order, whoever is between them."""

from tests.contracts.evidence_made import (
    ORDER,
    STARTS,
    TOTAL_G,
    disproves,
    leaf,
    refuses_strangers_to_the_bank,
    sealed,
    trips,
)


def order(batch, a, b, claim=None):
    proofs = (batch.proof(a), batch.proof(b))
    return batch.site.challenge.functions.challengeOrder(claim or batch.claim, *proofs)


def test_leaves_in_order_prove_nothing(site):
    batch = sealed(site)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert site.refused(order(batch, a, b), "stranger") == (
            "LeavesInOrder",
            {"batchId": batch.batch_id, "indexA": a, "indexB": b},
        )


def test_a_smaller_vehicle_is_always_before_whatever_its_time(site):
    leaves = [leaf(1, 600, 1200, 500, 500), leaf(2, 0, 600, 612, TOTAL_G)]
    batch = sealed(site, leaves, {0: 0b110})
    assert site.refused(order(batch, 0, 1), "stranger")[0] == "LeavesInOrder"


def test_two_numbers_make_a_pair_in_one_order_only(site):
    batch = sealed(site, [*trips()[:2], leaf(1, 0, 600, -88, TOTAL_G)])
    for a, b in ((2, 0), (1, 1)):
        assert site.refused(order(batch, a, b), "stranger") == (
            "IndicesNotAscending",
            {"indexA": a, "indexB": b},
        )


def test_the_batch_and_each_leaf_must_be_its_own(site):
    batch = sealed(site, [*trips()[:2], leaf(1, 0, 600, -88, TOTAL_G)])
    refuses_strangers_to_the_bank(batch, lambda claim: order(batch, 0, 2, claim))
    challenge = site.challenge.functions.challengeOrder
    first, last = batch.proof(0), batch.proof(2)
    others = ((first[0][0], STARTS + 1, *first[0][2:]), 0, first[2])
    for a, b, index in ((others, last, 0), (first, (others[0], 2, last[2]), 2)):
        assert site.refused(challenge(batch.claim, a, b), "stranger") == (
            "BadLeafProof",
            {"batchId": batch.batch_id, "index": index},
        )


def test_trips_that_share_a_second_disprove_also_with_one_between(site):
    long = leaf(1, 0, 5001, 500, 500)
    batch = sealed(site, [long, leaf(1, 5001, 5500, 700, 1200), leaf(1, 5000, 6000, -88, TOTAL_G)])
    disproves(batch, order(batch, 0, 2), ORDER, 0, 2)


def test_a_smaller_vehicle_behind_a_larger_one_disproves(site):
    batch = sealed(site, [leaf(2, 0, 600, 500, 500), leaf(1, 600, 1200, 612, TOTAL_G)], {0: 0b110})
    disproves(batch, order(batch, 0, 1), ORDER, 0, 1)
