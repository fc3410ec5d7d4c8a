"""One way is credited once: copies shifted in time or told under another vehicle fall."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from carbonbank.domain.trip import Trip
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import to_trips, validate
from tests.unit.mrv_trips.trips_made import NOW_AT, codes, judged, made, raw_of

COPIED_AT_20 = replace(CAR, copied_share_bps_min=2_000)


def ways(count: int = 4, **changes) -> list[Trip]:
    """Trips two hours apart, each of another length."""
    return [made(120 * n, distance_m=20_000 + 17 * n, **changes) for n in range(count)]


def again(trips: list[Trip], shift: timedelta = timedelta(0), **changes) -> list[Trip]:
    return [
        replace(
            trip,
            start_at=trip.start_at + shift,
            end_at=trip.end_at + shift,
            source_record_id=f"again-{trip.source_record_id}",
            **changes,
        )
        for trip in trips
    ]


def test_four_trips_told_again_the_next_day_fall_and_three_are_a_coincidence():
    day = timedelta(days=1)
    valid = judged(*ways(4), *again(ways(4), day))
    assert codes(valid) == [(row, "copied_trips") for row in (6, 7, 8, 9)]
    assert to_trips(valid.table) == ways(4)
    assert codes(judged(*ways(3), *again(ways(3), day))) == []


def test_a_copy_shifted_into_the_gaps_between_the_trips_falls():
    valid = judged(*ways(6), *again(ways(6), timedelta(minutes=40)))
    assert codes(valid) == [(row, "copied_trips") for row in range(8, 14)]


def test_a_copy_counts_once_however_often_it_is_told():
    copies = [trip for n in range(1, 31) for trip in again(ways(), timedelta(days=n))]
    valid = judged(*ways(), *copies)
    assert to_trips(valid.table) == ways()


def test_a_copy_is_found_behind_many_trips_that_the_charge_tells_apart():
    day = timedelta(days=1)
    charged = [ways(soc_start_bps=9_000 - 10 * n, soc_end_bps=8_000) for n in range(20)]
    days = [trip for n, trips in enumerate(charged) for trip in again(trips, n * day)]
    valid = judged(*days, *again(charged[0], 20 * day))
    assert codes(valid) == [(row, "copied_trips") for row in (82, 83, 84, 85)]


def test_a_trip_that_tells_no_charge_may_be_any_of_its_kind():
    silent = again(ways(), timedelta(days=1))
    assert codes(judged(*ways(soc_start_bps=9_000, soc_end_bps=8_000), *silent)) == [
        (row, "copied_trips") for row in (6, 7, 8, 9)
    ]


def test_a_cloned_vehicle_falls_and_the_first_by_name_stands():
    clone = again(ways(), vehicle_id="v2")
    valid = judged(*clone, *ways())
    assert codes(valid) == [(row, "copied_trips") for row in (2, 3, 4, 5)]
    assert "of vehicle v1" in valid.issues[0].value
    assert codes(judged(*ways(3), *again(ways(3), vehicle_id="v2"))) == []


def test_a_clone_shifted_by_minutes_falls():
    clone = again(ways(), timedelta(minutes=7), vehicle_id="v0")
    assert codes(judged(*ways(), *clone)) == [(row, "copied_trips") for row in (6, 7, 8, 9)]


def test_trips_that_measured_other_energy_are_no_copies():
    honest = again(ways(energy_grid_wh=3_000), timedelta(days=1), energy_grid_wh=3_100)
    assert codes(judged(*ways(energy_grid_wh=3_000), *honest)) == []


def test_a_shuttle_whose_trips_are_all_alike_is_no_copy():
    assert codes(judged(*(made(120 * n) for n in range(40)))) == []


def test_scattered_coincidences_are_no_copy():
    """Four of twenty trips of a day come back with one shift: 20 %, where copies are 30 %."""
    first = [made(70 * n, distance_m=20_000 + 13 * n) for n in range(20)]
    second = again(first, timedelta(days=2))
    other = [
        trip if n in {0, 6, 12, 19} else replace(trip, distance_m=trip.distance_m + 5)
        for n, trip in enumerate(second)
    ]
    assert codes(judged(*first, *other)) == []
    found = Counter(code for _, code in codes(judged(*first, *other, rules=COPIED_AT_20)))
    # Once it is known that two rows go together, what is a little otherwise in them falls too.
    assert found == {"copied_trips": 4, "retold_trips": 16}


def test_of_a_copy_that_counts_already_the_other_telling_falls():
    raw = raw_of([*ways(), *again(ways(), timedelta(days=1))])
    fixed = np.array([False] * 4 + [True] * 4)
    valid = validate(raw, CAR, NOW_AT, fixed)
    assert codes(valid) == [(row, "copied_trips") for row in (2, 3, 4, 5)]


# --- the hour that clocks show twice -------------------------------------------------------------


def at_utc(hour: int, minute: int = 10, day: int = 27) -> Trip:
    start_at = datetime(2024, 10, day, hour, minute, tzinfo=UTC)
    return made(start_at=start_at, end_at=start_at + timedelta(minutes=30))


def test_a_trip_in_the_hour_told_twice_counts_once():
    """On 27 October 2024 clocks in Berlin went from 03:00 back to 02:00 at 01:00 UTC."""
    told = [at_utc(0), replace(at_utc(1), source_record_id="z")]
    valid = judged(*told)
    assert codes(valid) == [(3, "hour_told_twice")]
    assert "Europe/Berlin" in valid.issues[0].limit
    assert to_trips(valid.table) == told[:1]


def test_an_hour_before_or_a_day_later_it_is_another_trip():
    before = [at_utc(23, 10, 26), replace(at_utc(0, 9), source_record_id="z")]
    assert codes(judged(*before)) == []
    assert codes(judged(at_utc(23, 10, 26), at_utc(0))) == []
    assert codes(judged(at_utc(0, day=28), at_utc(1, day=28))) == []


def test_a_programme_names_the_zone_of_its_clocks():
    told = [at_utc(0), at_utc(1)]
    assert codes(judged(*told, rules=replace(CAR, clock_zones=("America/New_York",)))) == []


def test_the_same_odometer_an_hour_later_is_the_same_trip():
    read = {"odometer_start_m": 50_000_000, "odometer_end_m": 50_020_000}
    assert codes(judged(made(0, **read), made(60, **read))) == [(3, "hour_told_twice")]


def metered(count: int = 4, **changes) -> list[Trip]:
    """Ways that metered what no other of them did."""
    return [
        replace(trip, energy_grid_wh=3_001 + 17 * n)
        for n, trip in enumerate(ways(count, **changes))
    ]


def mended(trips: list[Trip], shift: timedelta, **changes) -> list[Trip]:
    """Tell trips again, seconds and metres off, each by another amount."""
    off = [timedelta(seconds=11 * (n % 5)) for n in range(len(trips))]
    told = [again([trip], shift + by, **changes)[0] for trip, by in zip(trips, off, strict=True)]
    return [replace(trip, distance_m=trip.distance_m + 40 * n) for n, trip in enumerate(told, 1)]


def test_trips_that_metered_the_same_again_fall_whatever_else_was_changed():
    day = timedelta(days=1)
    valid = judged(*metered(), *mended(metered(), day))
    assert codes(valid) == [(row, "metered_twice") for row in (6, 7, 8, 9)]
    assert to_trips(valid.table) == metered()
    assert codes(judged(*metered(3), *mended(metered(3), day))) == []


def test_a_mended_clone_falls_and_the_first_by_name_stands_although_it_starts_later():
    clone = mended(metered(), timedelta(seconds=-25), vehicle_id="v2")
    valid = judged(*clone, *metered())
    assert codes(valid) == [(row, "metered_twice") for row in (2, 3, 4, 5)]


def test_the_same_energies_at_other_shifts_are_a_coincidence():
    """The way home of each day takes what it took, at a time of its own."""
    days = [timedelta(days=1, minutes=3 * n) for n in range(4)]
    other = [
        replace(again([trip], day)[0], distance_m=trip.distance_m + 40)
        for trip, day in zip(metered(), days, strict=True)
    ]
    assert codes(judged(*metered(), *other)) == []


def test_one_energy_however_often_is_no_print():
    """A shuttle that always takes 3,001 Wh: one reading that comes again is none of four."""
    trips = [made(120 * n, distance_m=20_000 + 40 * n, energy_grid_wh=3_001) for n in range(40)]
    assert codes(judged(*trips)) == []


def test_vehicles_of_a_part_of_a_fleet_are_not_held_against_each_other_by_energy():
    raw = raw_of([*metered(), *mended(metered(), timedelta(0), vehicle_id="v2")])
    valid = validate(raw, CAR, NOW_AT, whole_fleet=False)
    assert valid.issues == ()
    day = raw_of([*metered(), *mended(metered(), timedelta(days=1))])
    valid = validate(day, CAR, NOW_AT, whole_fleet=False)
    assert codes(valid) == [(row, "metered_twice") for row in (6, 7, 8, 9)]
