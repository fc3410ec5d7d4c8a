"""Each rule at its limit and one beyond; limits are the published ones, worked out by hand."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from carbonbank.domain.issue import Severity
from carbonbank.mrv.rules import BUS, CAR, MICROCAR
from carbonbank.mrv.trips import to_trips
from tests.unit.mrv_trips.trips_made import NOW_AT, at, codes, judged, made

INT64_MAX = 9_223_372_036_854_775_807
UINT32_MAX = 4_294_967_295


def test_an_honest_trip_passes():
    valid = judged(made())
    assert codes(valid) == []
    assert to_trips(valid.table) == [made()]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"end_at": at(0)}, "end_not_after_start"),
        ({"end_at": at(-1)}, "end_not_after_start"),
        ({"end_at": NOW_AT + timedelta(seconds=1)}, "future_date"),
        ({"start_at": datetime(2032, 2, 9, tzinfo=UTC),
          "end_at": datetime(2032, 2, 9, 1, tzinfo=UTC)}, "future_date"),
        ({"start_at": datetime(1989, 12, 31, 23, 59, 59, tzinfo=UTC)}, "date_too_early"),
        ({"distance_m": UINT32_MAX}, "distance_sentinel"),
        ({"distance_m": INT64_MAX}, "distance_sentinel"),
        ({"distance_m": -1}, "distance_sentinel"),
        # 130 km/h for half an hour is 65,000 m.
        ({"distance_m": 65_001}, "speed_too_high"),
        # 300 m/h for half an hour is 150 m; 20 km told in kilometres are 20.
        ({"distance_m": 149}, "speed_too_low"),
        ({"distance_m": 20}, "speed_too_low"),
        ({"soc_start_bps": 10_001, "soc_end_bps": 9_000}, "soc_out_of_range"),
        ({"soc_end_bps": -1}, "soc_out_of_range"),
        ({"soc_start_bps": 5_000, "soc_end_bps": 5_201}, "soc_rises"),
        ({"energy_grid_wh": -1}, "negative_value"),
        ({"fuel_ml": -1}, "negative_value"),
    ],
)  # fmt: skip
def test_a_bad_trip_is_quarantined_alone(changes, code):
    valid = judged(made(-60), made(**changes), made(60))
    assert codes(valid) == [(3, code)]
    issue = valid.issues[0]
    assert issue.severity is Severity.QUARANTINED
    assert issue.trip_source_record_id == "r0"
    assert issue.value
    assert issue.limit
    assert issue.hint
    assert to_trips(valid.table) == [made(-60), made(60)]


@pytest.mark.parametrize(
    "changes",
    [
        {"distance_m": 65_000},
        {"distance_m": 150},
        {"distance_m": 0},
        {"soc_start_bps": 10_000, "soc_end_bps": 0},
        {"soc_start_bps": 5_000, "soc_end_bps": 5_200},
        {"energy_grid_wh": 0},
    ],
)
def test_a_trip_at_the_limit_passes(changes):
    assert codes(judged(made(**changes))) == []


def test_a_trip_that_ends_now_passes_and_a_second_later_does_not():
    now = made(start_at=NOW_AT - timedelta(minutes=30), end_at=NOW_AT)
    late = replace(now, end_at=NOW_AT + timedelta(seconds=1))
    assert codes(judged(now)) == []
    assert codes(judged(late)) == [(2, "future_date")]


def test_a_programme_sets_its_own_limits():
    fast = made(distance_m=60_000)  # 120 km/h
    assert codes(judged(fast)) == []
    assert codes(judged(fast, rules=BUS)) == [(2, "speed_too_high")]
    assert codes(judged(fast, rules=replace(CAR, speed_kmh_max=119))) == [(2, "speed_too_high")]


def test_values_of_any_size_are_issues_not_exceptions():
    far = datetime(9999, 12, 31, tzinfo=UTC)
    valid = judged(
        made(distance_m=INT64_MAX - 1),
        made(60, energy_grid_wh=INT64_MAX, fuel_ml=INT64_MAX, soc_end_bps=INT64_MAX),
        made(120, start_at=far, end_at=far),
        made(180, energy_grid_wh=-INT64_MAX, odometer_start_m=-INT64_MAX, odometer_end_m=-5),
    )
    assert {row for row, _ in codes(valid)} == {2, 3, 4, 5}
    assert valid.table.num_rows == 0


# --- great circle --------------------------------------------------------------------------------


def test_a_distance_below_the_straight_line_falls():
    # Geohash u33 is around Berlin, u28 around Munich: some 500 km apart, cells about 150 km wide.
    cells = {"start_cell": "u33db", "end_cell": "u281z"}
    short = made(minutes=600, distance_m=300_000, **cells)
    honest = made(minutes=600, distance_m=590_000, **cells)
    assert codes(judged(short)) == [(2, "below_great_circle")]
    assert codes(judged(honest)) == []


def test_cells_that_are_no_geohash_say_nothing():
    assert codes(judged(made(start_cell="oil", end_cell="u281z"))) == []
    assert codes(judged(made(start_cell="8928308280fffff", end_cell="u33db"))) == []  # another kind
    assert codes(judged(made(start_cell="u33db", end_cell=None))) == []


# --- copies and overlaps -------------------------------------------------------------------------


def test_a_copy_counts_once():
    valid = judged(made(), made(source_record_id="z"), made(60))
    assert codes(valid) == [(3, "duplicate_trip")]
    assert valid.issues[0].severity is Severity.DROPPED
    assert to_trips(valid.table) == [made(), made(60)]


def test_copies_that_differ_wait_for_a_person():
    valid = judged(made(energy_grid_wh=3_000), made(energy_grid_wh=2_000), made(60))
    assert codes(valid) == [(2, "conflicting_copies"), (3, "conflicting_copies")]
    assert valid.issues[0].column == "energy_grid_wh"
    assert to_trips(valid.table) == [made(60)]


def test_the_same_times_of_two_vehicles_are_two_trips():
    assert codes(judged(made(), made(vehicle_id="v2"))) == []


def test_an_overlap_up_to_sixty_seconds_moves_the_later_start():
    valid = judged(made(29), made(0))  # the first row is the later trip; 60 s overlap
    assert codes(valid) == [(2, "overlap_mended")]
    assert valid.issues[0].severity is Severity.MENDED
    assert to_trips(valid.table) == [made(29, start_at=at(30)), made(0)]


def test_a_longer_overlap_keeps_the_later_trip_out():
    later = made(29, start_at=at(29) - timedelta(seconds=1))
    valid = judged(later, made(0))
    assert codes(valid) == [(2, "overlap")]
    assert to_trips(valid.table) == [made(0)]


def test_a_trip_inside_another_has_nothing_left():
    inside = made(29.5, minutes=0.25, distance_m=200)
    assert codes(judged(made(0), inside)) == [(3, "overlap")]


def test_what_is_kept_out_holds_no_time_against_others():
    # The second overlaps the first by 20 min and falls; the third overlaps the second alone.
    valid = judged(made(0), made(10, minutes=60), made(40))
    assert codes(valid) == [(3, "overlap")]
    assert to_trips(valid.table) == [made(0), made(40)]


# --- odometer ------------------------------------------------------------------------------------


def ridden(start: float, odometer_km: int, **changes):
    """20 km in half an hour with an odometer that agrees."""
    readings = {
        "odometer_start_m": odometer_km * 1_000,
        "odometer_end_m": odometer_km * 1_000 + 20_000,
    }
    return made(start, **{**readings, **changes})


def test_an_odometer_sentinel_is_set_aside_and_the_trip_counts():
    """The counter of a real car told 4294967.295 km for not available."""
    for reading in (0, UINT32_MAX, INT64_MAX, -7):
        valid = judged(ridden(0, 100, odometer_end_m=reading))
        assert codes(valid) == [(2, "odometer_sentinel")]
        (trip,) = to_trips(valid.table)
        assert (trip.odometer_start_m, trip.odometer_end_m) == (None, None)
        assert trip.distance_m == 20_000


def test_a_distance_from_a_sentinel_odometer_is_kept_out():
    valid = judged(ridden(0, 100, odometer_end_m=UINT32_MAX, distance_source="odometer"))
    assert codes(valid) == [(2, "odometer_unusable")]
    assert valid.table.num_rows == 0


def test_one_spike_costs_one_trip_its_odometer():
    """A real log jumps +636 km and back -584 km while its total is right."""
    trips = [ridden(0, 1_000), ridden(60, 1_020 + 636), ridden(120, 1_040), ridden(180, 1_060)]
    valid = judged(*trips)
    assert codes(valid) == [(3, "odometer_set_aside")]
    readings = [trip.odometer_start_m for trip in to_trips(valid.table)]
    assert readings == [1_000_000, None, 1_040_000, 1_060_000]


def test_a_spike_on_the_first_trip_is_found_by_the_later_ones():
    valid = judged(ridden(0, 5_000), ridden(60, 1_020), ridden(120, 1_040))
    assert codes(valid) == [(2, "odometer_set_aside")]


def test_a_rollback_up_to_five_kilometres_passes():
    assert codes(judged(ridden(0, 1_000), ridden(60, 1_015))) == []
    assert codes(judged(ridden(0, 1_000), ridden(60, 1_014, odometer_end_m=1_050_000))) == [
        (3, "odometer_set_aside")
    ]


def test_a_jump_that_lasts_is_flagged_once():
    valid = judged(ridden(0, 1_000), ridden(60, 9_000), ridden(120, 9_020), ridden(180, 9_040))
    assert codes(valid) == [(2, "trips_differ_from_odometer"), (3, "odometer_set_aside")]
    assert valid.table.num_rows == 4


def test_a_jump_is_held_against_the_time_that_passed():
    # From 12:30 to 16:30 at 120 km/h: 480 km and 5 km of slack, so 485 km at the end.
    jump = (3, "odometer_set_aside")
    assert jump not in codes(judged(ridden(0, 1_000), ridden(240, 1_020 + 465)))
    assert jump in codes(judged(ridden(0, 1_000), ridden(240, 1_020 + 466)))


def test_a_jump_is_held_against_a_thousand_kilometres_a_day():
    # Twenty hours from end to end: 2,400 km at 120 km/h, but one day only.
    jump = (3, "odometer_set_aside")
    assert jump not in codes(judged(ridden(0, 1_000), ridden(1_200, 1_020 + 980)))
    assert jump in codes(judged(ridden(0, 1_000), ridden(1_200, 1_020 + 981)))


def test_trips_that_exceed_their_odometer_are_kept_out():
    def month(distance_m):
        return [ridden(60 * n, 1_000 + 20 * n, distance_m=distance_m) for n in range(3)]

    assert codes(judged(*month(20_400))) == []  # + 2 %
    assert codes(judged(*month(20_500))) == [(2, "trips_differ_from_odometer")]
    assert codes(judged(*month(21_200))) == [(2, "trips_differ_from_odometer")]  # + 6 %
    valid = judged(*month(21_300))
    assert {code for _, code in codes(valid)} == {"trips_exceed_odometer"}
    assert valid.table.num_rows == 0


def test_trips_short_of_their_odometer_are_shown_and_count():
    valid = judged(*[ridden(60 * n, 1_000 + 20 * n, distance_m=15_000) for n in range(3)])
    assert codes(valid) == [(2, "trips_differ_from_odometer")]
    assert valid.table.num_rows == 3


# --- energy --------------------------------------------------------------------------------------


def windows(wh_each: int, count: int = 3, **changes):
    return [made(60 * n, energy_grid_wh=wh_each, **changes) for n in range(count)]


def test_energy_is_judged_over_fifty_kilometres():
    # 3 x 20 km: 8 kWh/100 km are 1,600 Wh a trip; 35 kWh/100 km are 7,000 Wh.
    assert codes(judged(*windows(1_600))) == []
    assert codes(judged(*windows(7_000))) == []
    low = judged(*windows(1_599))
    assert codes(low) == [(row, "energy_too_low") for row in (2, 3, 4)]
    assert low.table.num_rows == 0
    high = judged(*windows(7_001))
    assert codes(high) == [(2, "energy_too_high")]
    assert high.table.num_rows == 3
    assert codes(judged(*windows(1, count=2))) == []  # 40 km are no window


def test_the_rest_of_a_month_belongs_to_its_last_window():
    honest = windows(3_000)
    cheap = [made(60 * n, energy_grid_wh=0) for n in (3, 4)]
    # 9,000 Wh over 100 km pass together; six trips make two windows, and the second falls.
    assert codes(judged(*honest, *cheap)) == []
    fallen = judged(*honest, *cheap, made(300, energy_grid_wh=0))
    assert codes(fallen) == [(row, "energy_too_low") for row in (5, 6, 7)]


def test_energy_from_the_charge_needs_a_declared_capacity():
    # 6,100 Wh x 5 % = 305 Wh for 20 km: 1.5 kWh/100 km.
    trips = [made(60 * n, soc_start_bps=5_000, soc_end_bps=4_500) for n in range(3)]
    assert codes(judged(*trips)) == []
    assert len(codes(judged(*trips, rules=replace(MICROCAR, usable_battery_wh=6_100)))) == 3


def test_a_microcar_may_use_less_than_a_car():
    # 3 x 20 km with 1,200 Wh each: 6 kWh/100 km.
    assert codes(judged(*windows(1_200), rules=MICROCAR)) == []
    assert len(codes(judged(*windows(1_200)))) == 3


def charged(wh_each: int, drop_bps: int, count: int = 3, **changes):
    soc = {"soc_start_bps": 9_000, "soc_end_bps": 9_000 - drop_bps}
    return [made(60 * n, energy_battery_wh=wh_each, **soc, **changes) for n in range(count)]


def test_metered_energy_agrees_with_the_drop_of_the_charge():
    """50 kWh, 10 % a trip: 15,000 Wh; 3 points of reading; 30 % of (30 - 3) points: 9,450 Wh."""
    rules = replace(CAR, usable_battery_wh=50_000)
    assert codes(judged(*charged(3_150, 1_000), rules=rules)) == []
    low = judged(*charged(3_149, 1_000), rules=rules)
    assert codes(low) == [(row, "charge_exceeds_energy") for row in (2, 3, 4)]
    # 130 % of 33 points are 21,450 Wh, 7,150 Wh a trip; 35 kWh/100 km are 7,000.
    rules = replace(rules, energy_wh_per_100km_max=100_000)
    assert codes(judged(*charged(7_150, 1_000), rules=rules)) == []
    high = judged(*charged(7_151, 1_000), rules=rules)
    assert codes(high) == [(2, "energy_exceeds_charge")]
    assert high.table.num_rows == 3


def test_the_charge_balance_needs_a_capacity_and_both_readings():
    assert codes(judged(*charged(2_000, 1_000))) == []
    rules = replace(CAR, usable_battery_wh=50_000)
    assert codes(judged(*charged(2_000, 1_000, count=2), rules=rules)) == []  # 40 km
    alone = [replace(trip, soc_end_bps=None) for trip in charged(2_000, 1_000)]
    assert codes(judged(*alone, rules=rules)) == []


def test_one_trip_that_exceeds_its_odometer_falls_alone():
    """One row in another unit, 20 km told as 32, must not cost the vehicle its month."""
    trips = [ridden(60 * n, 1_000 + 20 * n) for n in range(6)]
    trips[2] = replace(trips[2], distance_m=32_187)
    valid = judged(*trips)
    assert codes(valid) == [(4, "trips_exceed_odometer")]
    assert valid.table.num_rows == 5


def test_trips_without_a_reading_that_exceed_the_odometer_of_the_others_fall_alone():
    trips = [ridden(120 * n, 1_000 + 20 * n) for n in range(6)]
    invented = made(270, distance_m=20_000, source_record_id="invented")
    valid = judged(*trips, invented)
    assert codes(valid) == [(8, "trips_exceed_odometer")]
    assert valid.table.num_rows == 6


def test_where_a_reading_was_set_aside_no_trip_is_proven_by_the_others():
    trips = [ridden(120 * n, 1_000 + 20 * n) for n in range(6)]
    trips[4] = replace(trips[4], odometer_start_m=1_030_000, odometer_end_m=1_050_000)
    invented = made(270, distance_m=20_000, source_record_id="invented")
    found = Counter(code for _, code in codes(judged(*trips, invented)))
    assert found == {"odometer_set_aside": 1, "trips_exceed_odometer": 7}


def test_a_real_spike_leaves_the_total_and_the_vehicle():
    """A real log jumped by +636 km and back by -584 km while its total was right to 0.01 %."""
    trips = [ridden(60 * n, 1_000 + 20 * n) for n in range(20)]
    trips += [ridden(1_200, 1_400 + 636, distance_m=52_000)]
    trips += [ridden(60 * n, 1_032 + 20 * n) for n in range(21, 40)]
    valid = judged(*trips)
    assert codes(valid) == [(22, "odometer_set_aside")]
    assert valid.table.num_rows == 40
