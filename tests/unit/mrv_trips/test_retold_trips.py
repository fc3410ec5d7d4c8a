"""A drive told again with small changes falls; drives that resemble each other do not."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pyarrow as pa

from carbonbank.domain.trip import Trip
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.rules.frame import Frame
from carbonbank.mrv.rules.prints import Prints, kin_of, merged, prints_of
from carbonbank.mrv.trips import ValidTrips, validate
from tests.unit.mrv_trips.trips_made import NOW_AT, judged, made, raw_of

MONTH = timedelta(days=35)


def journeys(count: int = 10, **changes) -> list[Trip]:
    """Trips at odd times, each of its own length and duration, that no instrument metered."""
    return [
        made(
            300 * n + 37 * n * n % 101,
            12 + 5 * n,
            **{"distance_m": 9_000 + 4_111 * n, "source_record_id": f"j{n}"} | changes,
        )
        for n in range(count)
    ]


def told_again(trips: list[Trip], by: timedelta = MONTH, **changes) -> list[Trip]:
    """Tell trips again: clocks off by up to 44 s, distances by up to 0.8 %."""
    told = []
    for n, trip in enumerate(trips):
        off, longer = timedelta(seconds=(29 * n) % 89 - 44), timedelta(seconds=(7 * n) % 31 - 15)
        changed = replace(
            trip,
            start_at=trip.start_at + by + off,
            end_at=trip.end_at + by + off + longer,
            distance_m=trip.distance_m * (992 + 4 * (n % 5)) // 1_000,
            source_record_id=f"again-{trip.source_record_id}",
        )
        told.append(replace(changed, **changes))
    return told


def found(valid: ValidTrips) -> Counter[str]:
    return Counter(issue.code for issue in valid.issues)


def fallen(valid: ValidTrips) -> list[int]:
    return [issue.row for issue in valid.issues]


def test_a_row_told_again_weeks_later_falls_whatever_seconds_and_metres_were_changed():
    valid = judged(*journeys(), *told_again(journeys()))
    assert found(valid) == {"retold_trips": 10}
    assert fallen(valid) == list(range(12, 22))
    assert "10 alike; trip j0" in valid.issues[0].value


def test_a_row_of_more_trips_than_vote_is_found():
    random = Random(2_500)
    busy = [
        made(
            20 * n,
            random.randint(300, 900) / 60,
            distance_m=random.randint(3_000, 9_000),
            source_record_id=f"b{n}",
        )
        for n in range(2_500)
    ]
    valid = judged(*busy, *told_again(busy))
    assert found(valid) == {"retold_trips": 2_500}


def test_a_row_whose_distances_are_all_longer_by_a_factor_falls():
    longer = [replace(t, distance_m=t.distance_m * 109 // 100) for t in told_again(journeys())]
    assert found(judged(*journeys(), *longer)) == {"retold_trips": 10}


def test_distances_that_grow_each_by_another_share_are_other_drives():
    other = [
        replace(t, distance_m=t.distance_m * (100 + 5 * (n % 4)) // 100)
        for n, t in enumerate(told_again(journeys()))
    ]
    assert found(judged(*journeys(), *other)) == {}


def test_a_row_among_its_originals_falls():
    assert found(judged(*journeys(), *told_again(journeys(), timedelta(minutes=117)))) == {
        "retold_trips": 10
    }


def test_energies_that_agree_within_two_per_cent_tell_nothing_apart_and_others_do():
    trips = [replace(t, energy_battery_wh=t.distance_m // 6) for t in journeys()]
    again = told_again(trips)
    near = [replace(t, energy_battery_wh=t.energy_battery_wh * 101 // 100) for t in again]
    far = [replace(t, energy_battery_wh=t.energy_battery_wh * 103 // 100) for t in again]
    assert found(judged(*trips, *near)) == {"retold_trips": 10}
    assert found(judged(*trips, *far)) == {}


def test_an_odometer_that_moved_on_between_them_tells_two_drives():
    reads = [(50_000_000 + 60_000 * n, 50_050_000 + 60_000 * n) for n in range(20)]
    trips = [
        replace(trip, odometer_start_m=start_m, odometer_end_m=end_m)
        for trip, (start_m, end_m) in zip(
            [*journeys(), *told_again(journeys())], reads, strict=True
        )
    ]
    assert "retold_trips" not in found(judged(*trips))
    assert "not_told_apart" not in found(judged(*trips))


def test_a_clone_falls_although_its_name_comes_first():
    more = [made(9_000 + 170 * n, 33, distance_m=21_000 + 900 * n) for n in range(4)]
    clone = told_again(journeys(), timedelta(0), vehicle_id="a-clone")
    valid = judged(*clone, *journeys(), *more)
    assert found(valid) == {"retold_trips": 10}
    assert fallen(valid) == list(range(2, 12))
    assert "of vehicle v1" in valid.issues[0].value


def test_of_a_copy_that_counts_already_the_other_telling_falls():
    raw = raw_of([*journeys(), *told_again(journeys())])
    valid = validate(raw, CAR, NOW_AT, np.arange(20) >= 10)
    assert fallen(valid) == list(range(2, 12))


def test_seven_that_go_along_beside_others_are_a_coincidence():
    others = [
        made(60 * 24 * day + 170 * n, 33, distance_m=21_000 + (900 + day) * n)
        for day in (9, 40)
        for n in range(5)
    ]
    assert found(judged(*journeys(7), *told_again(journeys(7)), *others)) == {}


def test_few_trips_that_are_all_of_a_month_are_not_told_apart():
    valid = judged(*journeys(3), *told_again(journeys(3)))
    assert found(valid) == {"not_told_apart": 3}
    assert fallen(valid) == [5, 6, 7]
    assert found(judged(*journeys(1), *told_again(journeys(1)))) == {}


def test_a_commuter_who_leaves_within_minutes_is_no_copy():
    """Out and back on forty days, as people leave and roads are."""
    dice = Random(7)
    ways = [
        made(
            1440 * day + hour * 60 + dice.gauss(0, 5),
            28 * dice.gauss(1, 0.07),
            distance_m=round(18_000 * dice.gauss(1, 0.01)),
            source_record_id=f"{day}-{hour}",
        )
        for day in range(40)
        for hour in (0, 9)
    ]
    assert found(judged(*ways)) == {}


def test_two_shuttles_side_by_side_are_no_copies():
    shuttles = [
        made(60 * n, 20, vehicle_id=name, distance_m=12_000 + 10 * n)
        for name in ("v1", "v2")
        for n in range(30)
    ]
    assert "retold_trips" not in found(judged(*shuttles))
    assert "not_told_apart" not in found(judged(*shuttles))


# --- the shift of a copy -------------------------------------------------------------------------


def of_vehicle(trips: list[Trip], name: str, minutes: float) -> list[Trip]:
    by = timedelta(minutes=minutes)
    return [
        replace(
            trip,
            vehicle_id=name,
            start_at=trip.start_at + by,
            end_at=trip.end_at + by,
            source_record_id=f"{name}-{trip.source_record_id}",
        )
        for trip in trips
    ]


def a_fleet(single: timedelta) -> list[Trip]:
    """Two vehicles told again whole, and one of a single trip told again at a shift of its own."""
    one, two = of_vehicle(journeys(), "v1", 0), of_vehicle(journeys(19)[10:], "v2", 95)
    three = of_vehicle(journeys(1), "v3", 400)
    return [*one, *two, *three, *told_again(one), *told_again(two), *told_again(three, single)]


def test_at_the_shift_of_other_copies_a_single_trip_falls():
    valid = judged(*a_fleet(MONTH))
    assert found(valid) == {"retold_trips": 19, "not_told_apart": 1}


def test_at_another_shift_and_where_the_fleet_is_not_whole_a_single_trip_stands():
    assert found(judged(*a_fleet(MONTH + timedelta(minutes=9)))) == {"retold_trips": 19}
    valid = validate(raw_of(a_fleet(MONTH)), CAR, NOW_AT, whole_fleet=False)
    assert found(valid) == {"retold_trips": 19}


def test_one_vehicle_told_again_makes_no_shift_of_a_fleet():
    one, three = of_vehicle(journeys(), "v1", 0), of_vehicle(journeys(1), "v3", 400)
    told = judged(*one, *three, *told_again(one), *told_again(three))
    assert found(told) == {"retold_trips": 10}


# --- prints --------------------------------------------------------------------------------------


def prints(trips: list[Trip], **rest) -> tuple[Prints, list[str]]:
    frame = Frame(raw_of(trips).table)
    return prints_of(frame, **rest), frame.vehicle_names


def test_prints_find_a_clone_and_nobody_else():
    other = [made(311 * n, 17 + n, vehicle_id="v3", distance_m=8_000 + 700 * n) for n in range(10)]
    clone = told_again(journeys(), timedelta(0), vehicle_id="v2")
    taken, names = prints([*journeys(), *clone, *other])
    assert [(names[a], names[b]) for a, b in kin_of(taken)] == [("v1", "v2")]


def test_rows_of_prints_find_a_shifted_clone_that_metered_nothing():
    shifted = of_vehicle(journeys(), "v2", 60 * 24 * 3 + 11)
    assert kin_of(prints([*journeys(), *shifted])[0]) == []
    assert kin_of(prints([*journeys(), *shifted], with_rows=True)[0]) == [(0, 1)]


def test_prints_of_two_halves_are_those_of_the_whole():
    trips = [made(97 * n, 11 + n % 37, distance_m=5_000 + 77 * n) for n in range(200)]
    whole = prints(trips, kept=16)[0]
    halves = [prints(part, kept=16)[0] for part in (trips[::2], trips[1::2])]
    joined = Prints(
        **{
            name: np.concatenate([getattr(one, name) for one in halves])
            for name in ("vehicle", "month", "kind", "value")
        }
    )
    assert columns(merged(joined, 16)) == columns(whole)
    assert len(whole.value) == 16 * len(np.unique(whole.month))


def test_prints_of_impossible_dates_are_those_of_their_vehicle():
    far = [
        replace(trip, vehicle_id=name, start_at=at, end_at=at + timedelta(minutes=9))
        for trip in journeys(1)
        for name in ("v1", "v2")
        for at in (datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC))
    ]
    taken = merged(prints(far)[0], 16)
    assert set(taken.vehicle.tolist()) == {0, 1}
    assert kin_of(taken) == [(0, 1)]


def columns(taken: Prints) -> pa.Table:
    names = ("vehicle", "month", "kind", "value")
    return pa.table({name: getattr(taken, name) for name in names})
