"""`challengeDoubleCredit`: one vehicle that drives in two batches at a time freezes both."""

import pytest
from eth_utils import keccak

from tests.contracts.evidence_made import DOUBLE, ENDS, STARTS, TOTAL_G, proof_id, sealed
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


def double_credit(a, b, claim_a=None, claim_b=None):
    return a.site.challenge.functions.challengeDoubleCredit(
        claim_a or a.claim, a.proof(0), claim_b or b.claim, b.proof(0)
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


def test_two_vehicles_may_drive_at_a_time(site):
    late, december = pair(site, STARTS, STARTS + 600, vehicle=2)
    assert site.refused(double_credit(late, december), "stranger") == (
        "OtherVehicle",
        {"vehicleIndexA": 1, "vehicleIndexB": 2},
    )


def test_it_takes_two_batches(site):
    late, _ = pair(site, STARTS, STARTS + 600)
    assert site.refused(double_credit(late, late), "stranger") == (
        "SameBatch",
        {"batchId": late.batch_id},
    )


def test_both_batches_and_both_leaves_must_be_their_own(site):
    late, december = pair(site, STARTS, STARTS + 600)
    for batch, place in ((late, "claim_a"), (december, "claim_b")):
        unknown = batch.claim | {"reportHash": keccak(text="other")}
        call = double_credit(late, december, **{place: unknown})
        number = site.bank.functions.batchIdOf(unknown).call()
        assert site.refused(call, "stranger") == ("BatchNotFound", {"batchId": number})
    challenge = site.challenge.functions.challengeDoubleCredit
    a, b = late.proof(0), december.proof(0)
    for first, second, batch in ((b, b, late), (a, a, december)):
        assert site.refused(challenge(late.claim, first, december.claim, second), "stranger") == (
            "BadLeafProof",
            {"batchId": batch.batch_id, "index": 0},
        )


@pytest.mark.parametrize(
    ("start", "end"),
    [(STARTS + 59, STARTS + 600), (STARTS, STARTS + 1), (STARTS - 600, STARTS + 60), (0, ENDS)],
)
def test_a_second_in_two_batches_freezes_both_for_thirty_days(site, start, end):
    late, december = pair(site, start, end)
    receipt = site.do(double_credit(late, december), "stranger")
    now = site.web3.eth.get_block("latest")["timestamp"]
    assert (late.status, december.status) == (FROZEN, FROZEN)
    (low, high) = sorted([late.batch_id, december.batch_id])
    fact = proof_id(DOUBLE, low, 0, high, 0)
    frozen = site.events(receipt, site.bank, "BatchFrozen")
    assert [(e["batchId"], e["until"]) for e in frozen] == [
        (late.batch_id, now + 30 * DAY),
        (december.batch_id, now + 30 * DAY),
    ]
    said = site.events(receipt, site.challenge, "BatchChallenged")
    assert [(e["batchId"], e["proofId"], e["kind"]) for e in said] == [
        (late.batch_id, fact, DOUBLE),
        (december.batch_id, fact, DOUBLE),
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
