"""Sealing: one id for one content, everything inside in order, nothing left out unseen."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from carbonbank.audit.check import check_package
from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.evidence import leaves_of_file, precedes
from carbonbank.domain.records import ErasableKey, SealedBatch, StoredTrip, VehicleMonth
from carbonbank.errors import (
    BatchTotalNotPositive,
    Conflict,
    FieldInvalid,
    MonthStillOpen,
    NothingToSeal,
    ProgrammeTotalNotPositive,
)
from carbonbank.service.close_month import close_month
from carbonbank.service.export_package import export_package
from carbonbank.service.salt_key import salt_key
from carbonbank.units import month_start_at
from tests.stage import FLEET, JUNE, Stage, bank_on_fakes, trip

TRIPS = [
    trip("2024-06-03T08:00:00"),
    trip("2024-06-03T18:00:00", driver_id="ben"),
    trip("2024-06-04T08:00:00", vehicle_id="car-2", driver_id=None),
]


def metered(document: dict[str, Any]) -> None:
    """Energy at the charging point: then a trip can lose."""
    document["project"]["energy_source"] = "grid"
    del document["project"]["specific_energy_consumption"]
    document["rules"] = {"energy_wh_per_100km_max": 10**6, "energy_wh_per_100km_min": 0}


def claim_of(stage: Stage, batch: str) -> BatchClaim:
    (sealed,) = stage.all(SealedBatch, batch_id=batch)
    return from_text(BatchClaim, sealed.claim)


def test_sealing_again_gives_the_same_batch(stage: Stage) -> None:
    first = stage.sealed(TRIPS)
    again = stage.seal()
    assert (again.batch_id, again.repeated) == (first.batch_id, True)
    assert len(stage.all(SealedBatch)) == 1


def test_two_banks_from_the_same_keys_seal_the_same_demo_batch() -> None:
    assert Stage().sealed(TRIPS).batch_id == Stage().sealed(TRIPS).batch_id


def test_secrets_of_a_programme_that_is_no_demo_are_the_random_ones(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = iter([b"\1" * 32, b"\2" * 32])
    bank = bank_on_fakes()
    object.__setattr__(bank, "new_secret", lambda: next(made))
    with bank.store.begin() as session:
        first = salt_key(bank, session, "driver:f/a", demo=False)
        assert salt_key(bank, session, "driver:f/a", demo=False) == first == b"\1" * 32
        assert salt_key(bank, session, "driver:f/b", demo=False) == b"\2" * 32
        assert salt_key(bank, session, "driver:f/c", demo=True) not in {b"\1" * 32, b"\2" * 32}
        assert session.count(ErasableKey) == 3


def test_the_claim_names_who_is_paid_who_signs_and_until_when(stage: Stage) -> None:
    claim = claim_of(stage, stage.sealed(TRIPS).batch_id)
    assert claim.operator == stage.bank.signer.address("account/olga")
    assert claim.verifier == stage.verifier
    assert claim.valid_until == int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())
    assert claim.methodology_id.hex() == stage.methodology_id
    assert (claim.month, claim.trip_count) == (JUNE, 3)


def test_drivers_share_by_their_reductions_and_the_undriven_trip_dilutes(stage: Stage) -> None:
    sealed = stage.sealed(TRIPS)
    (batch,) = stage.all(SealedBatch)
    # Three equal trips: 60 % of the total in three parts, of which two have a driver.
    pool_g = sealed.total_g * 6000 // 10_000
    each_g = pool_g // 3
    values = [leaf["value"] for leaf in json.loads(batch.payouts)["values"]]
    assert sorted(int(v[3]) for v in values) == [each_g, each_g]
    wanted = {stage.bank.signer.address(f"account/{name}") for name in ("anna", "ben")}
    assert {v[1] for v in values} == wanted
    assert sealed.buffer_g == -(-sealed.total_g // 10)


def test_a_vehicle_with_trips_must_be_closed_with_the_others(stage: Stage) -> None:
    stage.offer(TRIPS)
    close_month(stage.bank, fleet=FLEET, month=JUNE, vehicle_id="car-1")
    with pytest.raises(MonthStillOpen) as refused:
        stage.seal()
    assert refused.value.vehicle_ids == ["car-2"]


def test_there_is_nothing_to_seal_without_closed_trips(stage: Stage) -> None:
    with pytest.raises(NothingToSeal):
        stage.seal()
    stage.offer([trip("2032-06-03T08:00:00"), TRIPS[0]])
    close_month(stage.bank, fleet=FLEET, month=JUNE + 1, vehicle_id="car-1")
    with pytest.raises(NothingToSeal):
        stage.seal(JUNE + 1)


def test_another_verifier_for_a_sealed_batch_is_a_conflict(stage: Stage) -> None:
    stage.sealed(TRIPS)
    with pytest.raises(Conflict, match=stage.verifier):
        stage.seal(verifier=stage.bank.signer.address("role/other"))
    with pytest.raises(FieldInvalid):
        stage.seal(verifier="0xnobody")


def test_a_month_that_loses_issues_nothing_and_stays_closed() -> None:
    stage = Stage(change=metered)
    with pytest.raises(BatchTotalNotPositive) as refused:
        stage.sealed([trip(energy_grid_wh=9_000)])
    # 15 km × 178.65377 g/km − 9 kWh × 520 g/kWh, floored
    assert refused.value.total_g == -2001
    assert [m.state for m in stage.all(VehicleMonth)] == ["closed"]
    assert stage.all(SealedBatch) == stage.all(ErasableKey) == []


def test_the_good_month_of_a_losing_programme_is_not_sealed() -> None:
    stage = Stage(change=metered)
    stage.offer([trip(energy_grid_wh=2_000), trip("2024-07-03T08:00:00", energy_grid_wh=9_000)])
    stage.close()
    with pytest.raises(ProgrammeTotalNotPositive) as refused:
        stage.seal()
    assert refused.value.total_g == 1639 - 2001


def test_a_vehicle_without_a_trip_that_counts_is_listed_with_its_reason(stage: Stage) -> None:
    sealed = stage.sealed([*TRIPS[:2], trip(vehicle_id="car-2", distance_m=4_294_967_295)])
    assert (sealed.vehicles, sealed.left_out) == (("car-1",), ("car-2",))
    (batch,) = stage.all(SealedBatch)
    (left_out,) = json.loads(batch.report)["left_out"]
    assert left_out == {"vehicle_id": "car-2", "trips": 1, "reason": "distance_sentinel"}
    states = {m.vehicle_id: m.state for m in stage.all(VehicleMonth)}
    assert states == {"car-1": "sealed", "car-2": "closed"}


def test_trips_across_a_month_are_cut_or_left_out_beside_sealed_ones(stage: Stage) -> None:
    stage.offer(
        [
            trip("2024-06-30T23:50:00", minutes=20),  # ends 00:10
            trip("2024-07-01T00:09:30", minutes=20),  # shares 30 s
            trip("2024-07-31T23:50:00", minutes=20, distance_m=9_000),  # ends 00:10
        ]
    )
    stage.offer([trip("2024-08-01T00:09:30", minutes=20)])
    for month in (JUNE, JUNE + 2, JUNE + 1):
        stage.close(month)
        stage.seal(month)
    leaves = {one.month: leaves_of_file(one.leaves) for one in stage.all(SealedBatch, fleet=FLEET)}
    (july,) = leaves[JUNE + 1]
    assert july.start_at == leaves[JUNE][0].end_at
    # The last of July ends inside the August that was sealed before it: it can not be cut.
    (out,) = [t for t in stage.all(StoredTrip) if t.state == "quarantined"]
    assert (out.month, out.reason) == (JUNE + 1, "overlap")


def test_discounts_of_poor_data_are_taken_and_recomputed() -> None:
    def by_odometer(document: dict[str, Any]) -> None:
        document["discounts"] = [
            {"measure": "odometer_share", "below_bps": 5_000, "discount_bps": 1_000}
        ]

    discounted = Stage(change=by_odometer)
    sealed = discounted.sealed(TRIPS)
    # Per trip 15 km at 178.65377 - 107.66132 g/km, less a tenth, floored.
    assert sealed.total_g == 3 * (15_000 * (178_653_770 - 107_661_320) * 9 // 10 // 10**9)
    checks = check_package(export_package(discounted.bank, sealed.batch_id))
    assert [check.name for check in checks if not check.ok] == []


MINUTES = st.integers(0, 45 * 24 * 60)
OFFERS = st.lists(
    st.tuples(
        MINUTES,  # after the first of June
        st.integers(1, 90),  # minutes it takes
        st.integers(-40, 90),  # seconds its start is off the full minute
        st.integers(100, 60_000),
        st.integers(0, 6_000),
        st.sampled_from(["car-1", "car-2"]),
        st.sampled_from(["anna", "ben", "stranger", None]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(offers=OFFERS, months=st.permutations([JUNE, JUNE + 1]), cut=st.integers(1, 24))
def test_no_sealed_batch_is_challengeable(
    offers: list[tuple[Any, ...]], months: list[int], cut: int
) -> None:
    """Order, months, running totals and shares hold in every batch that sealing can make."""
    stage = Stage(change=metered)
    first_at = month_start_at(JUNE).timestamp()
    trips = [
        trip(
            datetime.fromtimestamp(first_at + minute * 60 + off_s + 40, UTC).strftime(
                "%Y-%m-%dT%H:%M:%S"
            ),
            minutes=minutes,
            distance_m=distance_m,
            energy_grid_wh=wh,
            vehicle_id=vehicle_id,
            driver_id=driver_id,
            source_record_id=str(number),
        )
        for number, (minute, minutes, off_s, distance_m, wh, vehicle_id, driver_id) in enumerate(
            offers
        )
    ]
    for number, part in enumerate((trips[:cut], trips[cut:])):
        if part:
            stage.offer(part, f"{number}.csv")
    for month in months:
        driven = {t.vehicle_id for t in stage.all(StoredTrip, month=month)}
        for vehicle_id in driven:
            stage.close(month, vehicle_id)
        try:
            stage.seal(month)
        except (NothingToSeal, BatchTotalNotPositive, ProgrammeTotalNotPositive):
            continue
    ends: dict[int, list[tuple[int, int]]] = {}
    batches = stage.all(SealedBatch)
    event(f"{len(batches)} batches")
    for batch in batches:
        claim = from_text(BatchClaim, batch.claim)
        leaves = leaves_of_file(batch.leaves)
        month_start = month_start_at(batch.month).timestamp()
        month_end = month_start_at(batch.month + 1).timestamp()
        running_g = 0
        for number, leaf in enumerate(leaves):
            running_g += leaf.reduction_g
            assert leaf.running_g == running_g
            assert month_start <= leaf.start_at < month_end
            assert leaf.start_at < leaf.end_at <= month_end + 24 * 3600
            assert all(precedes(leaf, later) for later in leaves[number + 1 :])
            ends.setdefault(leaf.vehicle_index, []).append((leaf.start_at, leaf.end_at))
        assert running_g == claim.total_g > 0
        assert min(claim.operator_g, claim.drivers_g, claim.buffer_g) >= 0
        paid = [leaf["value"] for leaf in json.loads(batch.payouts)["values"]]
        at_g = 0
        for _, _, from_g, amount_g in sorted(paid, key=lambda value: int(value[2])):
            assert int(from_g) == at_g
            at_g += int(amount_g)
        assert at_g == claim.drivers_g
    # No vehicle drives twice at a time, across batches either.
    for spans in ends.values():
        ordered = sorted(spans)
        assert all(a[1] <= b[0] for a, b in pairwise(ordered))
