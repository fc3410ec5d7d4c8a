"""`challengeDoubleCredit`: one vehicle that drives in two batches at a time freezes both."""

import pytest
from eth_utils import keccak

from tests.contracts.evidence_made import DOUBLE, ENDS, STARTS, TOTAL_G, bent, proof_id, sealed
from tests.contracts.getters import watched
from tests.contracts.ledger_site import (
    ACTIVE,
    CANCELLED,
    DAY,
    DECEMBER,
    DISPROVEN,
    FROZEN,
    NOVEMBER,
)

LATE = (1, STARTS - 600, STARTS + 60, TOTAL_G, TOTAL_G, b"\x01" * 32)  # a trip of November


def with_trip(site, trip, month=DECEMBER, **claim):
    return sealed(site, [trip], month=month, **claim)


def pair(site, start, end, vehicle=1):
    """November's last trip, and one of December."""
    december = (vehicle, start, end, TOTAL_G, TOTAL_G, b"\x02" * 32)
    words = {0: 1 << vehicle}
    return with_trip(site, LATE, NOVEMBER), sealed(site, [december], words)


def double_credit(a, b):
    return a.site.challenge.functions.challengeDoubleCredit(
        a.claim, a.proof(0), b.claim, b.proof(0)
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [(STARTS + 60, STARTS + 600), (STARTS + 600, STARTS), (STARTS + 10, STARTS + 10)],
)
def test_trips_that_share_no_second_prove_nothing(site, start, end):
    late, december = pair(site, start, end)
    told = {"endAt": min(end, STARTS + 60), "startAt": start}
    for call in (double_credit(late, december), double_credit(december, late)):
        assert site.refused(call, "stranger") == ("TripsApart", told)


def test_it_is_refused_in_the_order_of_the_checks(site):
    """Of other vehicles at other times; each step mends what was refused."""
    late, december = pair(site, STARTS + 600, STARTS + 900, vehicle=2)
    challenge, bank = site.challenge.functions.challengeDoubleCredit, site.bank.functions
    a, b = late.proof(0), december.proof(0)
    unknown_a, unknown_b = (
        one.claim | {"reportHash": keccak(text="other")} for one in (late, december)
    )
    id_a, id_b = (int(bank.batchIdOf(one).call()) for one in (unknown_a, unknown_b))

    def refused(claim_a, claim_b, leaf_a, leaf_b):
        return site.refused(challenge(claim_a, leaf_a, claim_b, leaf_b), "stranger")

    assert refused(unknown_a, unknown_a, bent(a), bent(b)) == ("SameBatch", {"batchId": id_a})
    wrong = bent(a), bent(b)
    assert refused(unknown_a, unknown_b, *wrong) == ("BatchNotFound", {"batchId": id_a})
    assert refused(late.claim, unknown_b, *wrong) == ("BatchNotFound", {"batchId": id_b})
    for batch in (december, late):
        snapshot = site.tester.take_snapshot()
        site.do(bank.disprove(batch.batch_id, bytes(32)), "challenger")
        refusal = ("BatchNotActive", {"batchId": batch.batch_id, "status": DISPROVEN})
        assert refused(late.claim, december.claim, *wrong) == refusal
        site.tester.revert_to_snapshot(snapshot)
    for leaves, batch in ((wrong, late), ((a, bent(b)), december)):
        assert refused(late.claim, december.claim, *leaves) == (
            "BadLeafProof",
            {"batchId": batch.batch_id, "index": 0},
        )
    assert refused(late.claim, december.claim, a, b) == (
        "OtherVehicle",
        {"vehicleIndexA": 1, "vehicleIndexB": 2},
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [(STARTS + 59, STARTS + 600), (STARTS, STARTS + 1), (STARTS - 600, STARTS + 60), (0, ENDS)],
)
def test_a_second_in_two_batches_freezes_both_for_thirty_days(site, start, end):
    late, december = pair(site, start, end)
    low, high = sorted([late.batch_id, december.batch_id])
    fact = proof_id(DOUBLE, low, 0, high, 0)

    with watched(site, late=late.batch_id, december=december.batch_id) as changed:
        receipt = site.do(double_credit(late, december), "stranger")

    now = site.web3.eth.get_block("latest")["timestamp"]
    until = now + 30 * DAY
    assert changed == {
        f"{name}.{part}": value
        for name in ("late", "december")
        for part, value in (("status", FROZEN), ("frozenSince", now), ("frozenUntil", until))
    }
    ids = [late.batch_id, december.batch_id]
    reason = "proven: one vehicle, two batches, one time"
    assert site.events(receipt, site.bank, "BatchFrozen") == [
        {"batchId": number, "until": until, "reason": reason} for number in ids
    ]
    assert site.events(receipt, site.challenge, "BatchChallenged") == [
        {
            "batchId": number,
            "proofId": fact,
            "challenger": site.at["stranger"],
            "kind": DOUBLE,
            "first": 0,
            "second": 0,
        }
        for number in ids
    ]


def test_what_a_guardian_has_decided_is_not_frozen_again_by_the_same_proof(site):
    late, december = pair(site, STARTS, STARTS + 600)
    site.do(double_credit(late, december), "stranger")
    for batch in (late, december):
        site.do(site.bank.functions.unfreeze(batch.batch_id), "guardian")
    low, high = sorted([late.batch_id, december.batch_id])
    settled = ("ProofSettled", {"proofId": proof_id(DOUBLE, low, 0, high, 0)})
    for call in (double_credit(late, december), double_credit(december, late)):
        assert site.refused(call, "stranger") == settled
    assert (late.status, december.status) == (ACTIVE, ACTIVE)


def test_a_disproven_or_cancelled_batch_is_no_evidence(site):
    late, december = pair(site, STARTS, STARTS + 600)
    wrong = site.challenge.functions.challengeTime
    late_twice = with_trip(
        site,
        (2, ENDS, ENDS + 60, TOTAL_G, TOTAL_G, b"\x03" * 32),
        NOVEMBER - 1,
        vehiclesHash=december.claim["vehiclesHash"],
    )
    site.do(wrong(late_twice.claim, late_twice.proof(0)), "stranger")
    call = double_credit(late_twice, december)
    refusal = ("BatchNotActive", {"batchId": late_twice.batch_id, "status": DISPROVEN})
    assert site.refused(call, "stranger") == refusal
    site.do(site.bank.functions.cancel(late_twice.batch_id, "false"), "guardian")
    refusal = ("BatchNotActive", {"batchId": late_twice.batch_id, "status": CANCELLED})
    assert site.refused(call, "stranger") == refusal
    assert (late.status, december.status) == (ACTIVE, ACTIVE)
