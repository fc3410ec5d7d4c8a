"""What `domain/challenge.py` finds in evidence, put to the contract itself.

SEAL_A: nothing that the service can seal is challengeable. And every defect that is planted is
found, its proof is accepted, and the same proof with any one value changed is not.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from eth_utils import keccak, to_checksum_address
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from carbonbank.domain.challenge import (
    Challenge,
    Evidence,
    Kind,
    contradictions,
    double_credits,
    held_evidence,
)
from carbonbank.domain.claim import BatchClaim, batch_id, vehicle_words, vehicles_hash
from carbonbank.domain.evidence import (
    LeafRow,
    TripLeaf,
    build_leaves,
    cut_overlaps,
    encode_leaf,
    leaf_file,
)
from carbonbank.domain.merkle import evidence_root
from carbonbank.domain.payout import Payout, Shares, payout_tree, split_batch
from tests.contracts.evidence_made import ENDS, STARTS
from tests.contracts.ledger_site import (
    CLAIM_FIELDS,
    DAY,
    DECEMBER,
    DISPROVEN,
    FLEET,
    FOR_EVER,
    FROZEN,
    METHOD,
    NOVEMBER,
    Refusal,
)

DRIVERS = [to_checksum_address(keccak(text=f"driver {n}")[:20]) for n in range(4)]
ONCE_A_SITE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

rows = st.lists(
    st.builds(
        lambda vehicle, start, lasts, grams, tag: LeafRow(
            vehicle_index=vehicle,
            start_at=start,
            end_at=start + lasts,
            reduction_g=grams,
            record_hash=keccak(tag),
        ),
        st.sampled_from([1, 2, 3, 255, 256, 70_000]),
        st.one_of(st.integers(STARTS, STARTS + 3000), st.integers(ENDS - 3000, ENDS - 1)),
        st.one_of(st.integers(0, 900), st.just(DAY), st.just(DAY + 1)),
        st.integers(-1000, 10_000),
        st.binary(min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=24,
)
shares = st.lists(st.integers(-500, 5000), max_size=4)


@contextmanager
def untouched(site) -> Iterator[None]:
    """Whatever is done inside has not happened."""
    snapshot = site.tester.take_snapshot()
    yield
    site.tester.revert_to_snapshot(snapshot)


def held(
    site: Any,
    leaves: list[TripLeaf],
    payouts: tuple[Payout, ...],
    amounts_g: tuple[int, int, int],
    month: int = DECEMBER,
    vehicles: list[int] | None = None,
) -> Evidence:
    """Sign whatever is given."""
    named = {leaf.vehicle_index for leaf in leaves} if vehicles is None else set(vehicles)
    words = vehicle_words(sorted(named))
    claim = BatchClaim(
        fleet_id=FLEET,
        operator=site.at["operator"],
        verifier=site.at["verifier"],
        valid_until=FOR_EVER,
        methodology_id=METHOD,
        month=month,
        trip_count=len(leaves),
        evidence_root=evidence_root(map(encode_leaf, leaves)),
        report_hash=keccak(text="report"),
        payout_root=payout_tree(payouts).root,
        operator_g=amounts_g[0],
        drivers_g=amounts_g[1],
        buffer_g=amounts_g[2],
        vehicles_hash=vehicles_hash(*words),
    )
    return held_evidence(claim, leaf_file(leaves), payouts, *words)


def sealed(
    site: Any, offered: list[LeafRow], drivers_g: list[int], month_end: int = ENDS, **more: Any
) -> tuple[Evidence, list[TripLeaf]]:
    """Seal what was offered the way the service does."""
    leaves = build_leaves(cut_overlaps(offered, month_end=month_end)[0])
    assume(leaves and leaves[-1].running_g > 0)
    parts = dict(zip(DRIVERS, drivers_g, strict=False))
    split = split_batch(leaves[-1].running_g, Shares(drivers_bps=4000, buffer_bps=1000), parts)
    amounts_g = split.operator_g, split.drivers_g, split.buffer_g
    return held(site, leaves, split.payouts, amounts_g, **more), leaves


def issue(site: Any, evidence: Evidence) -> int:
    """Issue on the chain."""
    claim = dict(zip(CLAIM_FIELDS, vars_of(evidence.claim), strict=True))
    words = dict(zip(evidence.word_index, evidence.bits, strict=True))
    site.do(site.issue_call(claim, words), "issuer")
    return batch_id(evidence.claim)


def vars_of(claim: BatchClaim) -> list[Any]:
    return [getattr(claim, name) for name in BatchClaim.__slots__]


def send(site: Any, challenge: Challenge, arguments: Any = None) -> Any:
    function = site.challenge.functions[challenge.function]
    return function(*(challenge.arguments if arguments is None else arguments))


# --- what can be sealed holds ---------------------------------------------------------------------


@settings(max_examples=150, deadline=None, suppress_health_check=ONCE_A_SITE)
@given(rows, shares)
def test_nothing_that_can_be_sealed_contradicts_itself(deployed_site, offered, drivers_g):
    evidence, _ = sealed(deployed_site, offered, drivers_g)
    assert list(contradictions(evidence)) == []


@settings(max_examples=100, deadline=None, suppress_health_check=ONCE_A_SITE)
@given(rows, rows)
def test_two_months_that_are_sealed_after_one_another_share_no_second(deployed_site, one, two):
    december, first = sealed(deployed_site, one, [])
    ends: dict[int, int] = {}
    for leaf in first:
        ends[leaf.vehicle_index] = max(leaf.end_at, ends.get(leaf.vehicle_index, 0))
    shifted = [
        replace(row, start_at=row.start_at + ENDS - STARTS, end_at=row.end_at + ENDS - STARTS)
        for row in two
    ]
    kept, _ = cut_overlaps(shifted, month_end=2 * ENDS - STARTS, previous_end=ends)
    leaves = build_leaves(kept)
    assume(leaves and leaves[-1].running_g > 0)
    january = held(deployed_site, leaves, (), (leaves[-1].running_g, 0, 0), month=DECEMBER + 1)
    assert list(double_credits(december, january)) == []


# --- what is planted is found and accepted --------------------------------------------------------


def steady(count: int = 6) -> list[TripLeaf]:
    """Trips of the vehicles 1 and 2, 200 g each."""
    return build_leaves(
        LeafRow(
            vehicle_index=1 + 2 * n // count,
            start_at=STARTS + 1000 * n,
            end_at=STARTS + 1000 * n + 900,
            reduction_g=200,
            record_hash=keccak(text=f"trip {n}"),
        )
        for n in range(count)
    )


def summed(leaves: list[Any]) -> list[TripLeaf]:
    """Add up the running totals as they stand, in whatever order the leaves are."""
    total_g, made = 0, []
    for leaf in leaves:
        total_g += leaf.reduction_g
        made.append(replace(leaf, running_g=total_g))
    return made


PAID = (
    Payout(index=0, account=DRIVERS[0], from_g=0, amount_g=100),
    Payout(index=1, account=DRIVERS[1], from_g=100, amount_g=200),
    Payout(index=2, account=DRIVERS[2], from_g=300, amount_g=100),
)
Plant = Callable[[list[TripLeaf], Any], list[TripLeaf]]


def swapped(leaves: list[TripLeaf], data: Any) -> list[TripLeaf]:
    a = data.draw(st.integers(0, len(leaves) - 2))
    b = data.draw(st.integers(a + 1, len(leaves) - 1))
    leaves[a], leaves[b] = leaves[b], leaves[a]
    return summed(leaves)


def twice(leaves: list[TripLeaf], data: Any) -> list[TripLeaf]:
    at = data.draw(st.integers(0, len(leaves) - 1))
    again = replace(leaves[at], record_hash=keccak(text="salted again"))
    leaves.insert(data.draw(st.integers(at, len(leaves) - 1)) + 1, again)
    return summed(leaves)


def shifted(leaves: list[TripLeaf], data: Any) -> list[TripLeaf]:
    at = data.draw(st.integers(0, len(leaves) - 1))
    start = data.draw(st.sampled_from([0, STARTS - 1, ENDS, 2**63, 2**64 - 2]))
    leaves[at] = replace(leaves[at], start_at=start, end_at=start + 1)
    return leaves


def turned(leaves: list[TripLeaf], data: Any) -> list[TripLeaf]:
    at = data.draw(st.integers(0, len(leaves) - 1))
    back_s = data.draw(st.integers(0, 900))
    leaves[at] = replace(leaves[at], end_at=leaves[at].start_at - back_s)
    return leaves


def late(leaves: list[TripLeaf], data: Any) -> list[TripLeaf]:
    end = ENDS + DAY + data.draw(st.integers(1, 10**9))
    leaves[-1] = replace(leaves[-1], end_at=end)
    return leaves


def stranger(leaves: list[TripLeaf], data: Any) -> list[TripLeaf]:
    at = data.draw(st.integers(0, len(leaves) - 1))
    number = data.draw(st.sampled_from([0, 3, 255, 256 + 1, 2**32 - 1]))
    leaves[at] = replace(leaves[at], vehicle_index=number)
    return leaves


def gifted(leaves: list[TripLeaf], data: Any) -> list[TripLeaf]:
    start = data.draw(st.integers(1, len(leaves) - 1))
    extra_g = data.draw(st.integers(1, 10**12) | st.integers(-(10**12), -1))
    for at in range(start, len(leaves)):
        leaves[at] = replace(leaves[at], running_g=leaves[at].running_g + extra_g)
    return leaves


def gifted_first(leaves: list[TripLeaf], data: Any) -> list[TripLeaf]:
    extra_g = data.draw(st.integers(1, 10**12) | st.integers(-(10**12), -1))
    return [replace(leaf, running_g=leaf.running_g + extra_g) for leaf in leaves]


PLANTS: dict[Plant, Kind] = {
    swapped: Kind.ORDER,
    twice: Kind.ORDER,
    shifted: Kind.TIME,
    turned: Kind.TIME,
    late: Kind.TIME,
    stranger: Kind.VEHICLE,
    gifted: Kind.RUNNING_TOTAL,
    gifted_first: Kind.FIRST_TOTAL,
}


def accepted(site: Any, evidence: Evidence, wanted: Kind) -> None:
    """Each contradiction found stops the batch by itself; one at least is of the kind planted."""
    with untouched(site):
        number = issue(site, evidence)
        found = list(contradictions(evidence))
        assert wanted in {one.kind for one in found}
        assert len({one.proof_id for one in found}) == len(found)
        for one in found[:4]:
            with untouched(site):
                receipt = site.do(send(site, one), "stranger")
                assert site.batch(number)["status"] == DISPROVEN
                (said,) = site.events(receipt, site.bank, "BatchDisproven")
                assert said == {"batchId": number, "proofId": one.proof_id}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_defect_of_the_leaves_is_found_and_disproves(deployed_site, plant, data):
    leaves = plant(steady(data.draw(st.integers(2, 9))), data)
    total_g = max(leaves[-1].running_g, 10)
    amounts_g = total_g - total_g // 5, 0, total_g // 5
    accepted(
        deployed_site, held(deployed_site, leaves, (), amounts_g, vehicles=[1, 2]), PLANTS[plant]
    )


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(extra_g=st.integers(-1000, 10**12).filter(bool))
def test_a_total_that_was_not_earned_is_found_and_disproves(deployed_site, extra_g):
    evidence = held(deployed_site, steady(), (), (900 + extra_g + 1000, 0, 10**12))
    accepted(deployed_site, evidence, Kind.LAST_TOTAL)


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (replace(PAID[1], index=0), Kind.PAYOUTS),
        (replace(PAID[1], from_g=99), Kind.PAYOUTS),
        (replace(PAID[1], amount_g=201), Kind.PAYOUTS),
        (replace(PAID[1], from_g=399), Kind.PAYOUTS),
        (replace(PAID[1], from_g=400, amount_g=1), Kind.PAYOUT_RANGE),
        (replace(PAID[1], from_g=2**64, amount_g=0), Kind.PAYOUT_RANGE),
    ],
)
def test_a_defect_of_the_payouts_is_found_and_disproves(deployed_site, bad, kind):
    payouts = PAID[0], bad, PAID[2]
    accepted(deployed_site, held(deployed_site, steady(), payouts, (600, 400, 200)), kind)


def test_sound_payouts_and_one_that_stands_twice_are_no_contradiction(deployed_site):
    for payouts in (PAID, (*PAID, PAID[1])):
        evidence = held(deployed_site, steady(), payouts, (600, 400, 200))
        assert list(contradictions(evidence)) == []


def two_months(site: Any, over_s: int) -> tuple[Evidence, Evidence]:
    """November ends so many seconds into the first trip of December."""
    first = replace(steady(2)[0], start_at=STARTS - 5, end_at=STARTS + over_s, reduction_g=1200)
    november = held(site, summed([first]), (), (1000, 0, 200), month=NOVEMBER, vehicles=[1])
    return november, held(site, steady(), (), (1000, 0, 200))


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(over_s=st.integers(1, DAY))
def test_double_credits_are_found_and_freeze_both(deployed_site, over_s):
    site = deployed_site
    november, december = two_months(site, over_s)
    # Trips of vehicle 1 begin every 1,000 s, three of them.
    found = list(double_credits(november, december))
    assert len(found) == min(3, 1 + (over_s - 1) // 1000)
    assert [one.proof_id for one in double_credits(december, november)] == [
        one.proof_id for one in found
    ]
    with untouched(site):
        numbers = issue(site, november), issue(site, december)
        for one in (found[0], next(double_credits(december, november))):
            with untouched(site):
                site.do(send(site, one), "stranger")
                assert [site.batch(n)["status"] for n in numbers] == [FROZEN, FROZEN]
    assert list(double_credits(two_months(site, 0)[0], december)) == []


# --- one value changed ----------------------------------------------------------------------------


def one_changed(value: Any) -> Iterator[Any]:
    """Yield every form of nested values with exactly one of them changed."""
    if isinstance(value, tuple | list):
        for at, part in enumerate(value):
            for other in one_changed(part):
                yield type(value)([*value[:at], other, *value[at + 1 :]])
    elif isinstance(value, bytes):
        yield bytes([value[0] ^ 1]) + value[1:]
    elif isinstance(value, str):
        yield DRIVERS[3]
    else:
        yield value + 1 if value < 2**31 else value - 1


def every_kind(site: Any) -> Iterator[tuple[list[Evidence], Challenge]]:
    trips = steady()
    plain, paid = (1000, 0, 200), (600, 400, 200)
    gift = [replace(trip, running_g=trip.running_g + 7) for trip in trips]
    cases = {
        Kind.ORDER: (summed([trips[1], trips[0], *trips[2:]]), (), plain, [1, 2]),
        Kind.TIME: ([*trips[:5], replace(trips[5], end_at=ENDS + 2 * DAY)], (), plain, [1, 2]),
        Kind.VEHICLE: ([*trips[:5], replace(trips[5], vehicle_index=3)], (), plain, [1, 2]),
        Kind.FIRST_TOTAL: (gift, (), plain, [1, 2]),
        Kind.RUNNING_TOTAL: ([*trips[:5], replace(trips[5], reduction_g=9)], (), plain, [1, 2]),
        Kind.LAST_TOTAL: (trips, (), (1007, 0, 200), [1, 2]),
        Kind.PAYOUTS: (trips, (PAID[0], replace(PAID[1], from_g=99)), paid, [1, 2]),
        Kind.PAYOUT_RANGE: (trips, PAID, (601, 399, 200), [1, 2]),
    }  # fmt: skip
    for kind, (leaves, payouts, amounts_g, vehicles) in cases.items():
        evidence = held(site, leaves, payouts, amounts_g, vehicles=vehicles)
        yield [evidence], next(one for one in contradictions(evidence) if one.kind is kind)
    months = two_months(site, 60)
    yield list(months), next(double_credits(*months))


@pytest.mark.parametrize("kind", Kind)
def test_a_proof_with_any_one_value_changed_is_refused(site, kind):
    batches, challenge = next(one for one in every_kind(site) if one[1].kind is kind)
    for evidence in batches:
        issue(site, evidence)
    site.ask(send(site, challenge))
    changed = list(one_changed(challenge.arguments))
    assert len(changed) > 18
    for arguments in changed:
        with pytest.raises(Refusal):
            site.ask(send(site, challenge, arguments))
