"""Laws of validation: order and splitting change nothing, and a second look finds nothing."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonbank.domain.trip import COLUMNS, Trip
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import (
    RAW_SCHEMA,
    TRIP_SCHEMA,
    RawTrips,
    concat,
    from_trips,
    to_trips,
    validate,
)
from tests.unit.mrv_trips.trips_made import NOON, NOW_AT, made, raw_of

odometers = st.none() | st.integers(0, 2_000_000) | st.just(2**32 - 1)


@st.composite
def trips(draw) -> Trip:
    start_at = NOON + timedelta(seconds=draw(st.integers(0, 40_000)))
    return made(
        vehicle_id=draw(st.sampled_from(["v1", "v2", "007"])),
        driver_id=draw(st.sampled_from([None, "d1"])),
        start_at=start_at,
        end_at=start_at + timedelta(seconds=draw(st.integers(-10, 7_200))),
        distance_m=draw(st.integers(-5, 300_000)),
        distance_source=draw(st.sampled_from(["odometer", "wheel", "gps"])),
        odometer_start_m=draw(odometers),
        odometer_end_m=draw(odometers),
        energy_grid_wh=draw(st.none() | st.integers(-5, 60_000)),
        soc_start_bps=draw(st.none() | st.integers(0, 10_000)),
        soc_end_bps=draw(st.none() | st.integers(0, 10_000)),
    )


def numbered(drawn: list[Trip]) -> list[Trip]:
    return [replace(trip, source_record_id=f"r{n}") for n, trip in enumerate(drawn)]


some_trips = st.lists(trips(), max_size=25).map(numbered)


def outcome(raw: RawTrips) -> tuple[set[Trip], list[tuple[str, str]]]:
    valid = validate(raw, CAR, NOW_AT)
    found = sorted((i.trip_source_record_id or "", i.code) for i in valid.issues)
    return set(to_trips(valid.table)), found


@settings(max_examples=100, deadline=None)
@given(some_trips, st.randoms(use_true_random=False), st.integers(0, 25))
def test_order_and_splitting_change_nothing(drawn, rng: random.Random, cut):
    shuffled = rng.sample(drawn, len(drawn))
    parts = [raw_of(shuffled[:cut]), raw_of(shuffled[cut:])]
    assert outcome(raw_of(shuffled)) == outcome(raw_of(drawn))
    assert outcome(concat(parts)) == outcome(raw_of(drawn))


@settings(max_examples=100, deadline=None)
@given(some_trips)
def test_accepted_trips_never_overlap(drawn):
    valid = to_trips(validate(raw_of(drawn), CAR, NOW_AT).table)
    valid.sort(key=lambda trip: (trip.vehicle_id, trip.start_at))
    for first, second in pairwise(valid):
        assert first.vehicle_id != second.vehicle_id or first.end_at <= second.start_at
    assert all(trip.start_at < trip.end_at <= NOW_AT for trip in valid)


@settings(max_examples=100, deadline=None)
@given(some_trips)
def test_every_trip_is_accepted_or_has_an_issue_that_keeps_it_out(drawn):
    valid = validate(raw_of(drawn), CAR, NOW_AT)
    accepted = {trip.source_record_id for trip in to_trips(valid.table)}
    out = {
        i.trip_source_record_id for i in valid.issues if i.severity in ("quarantined", "dropped")
    }
    assert accepted | out == {trip.source_record_id for trip in drawn}
    assert not accepted & out


def test_the_table_has_the_columns_of_a_trip_in_its_types():
    assert tuple(TRIP_SCHEMA.names) == COLUMNS
    assert TRIP_SCHEMA.field("start_at").type == pa.timestamp("s", "UTC")
    assert TRIP_SCHEMA.field("distance_m").type == pa.int64()
    assert TRIP_SCHEMA.field("vehicle_id").type == pa.string()
    assert RAW_SCHEMA.names == [*COLUMNS, "row"]


@settings(max_examples=50, deadline=None)
@given(some_trips)
def test_a_table_gives_the_same_trips_back(drawn):
    assert to_trips(from_trips(drawn)) == drawn


def test_no_file_at_all_is_no_trip():
    nothing = concat([])
    valid = validate(nothing, CAR, NOW_AT)
    assert valid.table.num_rows == 0
    assert valid.table.schema == RAW_SCHEMA
