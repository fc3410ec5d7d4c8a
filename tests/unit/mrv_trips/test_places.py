"""Drivers in two vehicles, and vehicles where they can not be; limits worked out by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from carbonbank.mrv.rules import CAR
from carbonbank.mrv.rules.cells import cells_apart_m
from carbonbank.mrv.trips import to_trips
from tests.unit.mrv_trips.trips_made import at, codes, judged, made


def driven(start: float, vehicle: str, **changes):
    return made(start, vehicle_id=vehicle, driver_id="ann", **changes)


def test_a_driver_may_change_vehicles_within_sixty_seconds():
    assert codes(judged(driven(0, "v1"), driven(29, "v2"))) == []


def test_a_driver_in_two_vehicles_for_longer_is_in_the_first():
    later = driven(29, "v2", start_at=at(29) - timedelta(seconds=1))
    valid = judged(later, driven(0, "v1"), driven(60, "v1"))
    assert codes(valid) == [(2, "driver_in_two_vehicles")]
    assert "ann drives v1" in valid.issues[0].value
    assert len(to_trips(valid.table)) == 2
    assert codes(judged(later, driven(0, "v1"), rules=replace(CAR, driver_overlap_s_max=61))) == []


def test_a_short_trip_of_another_vehicle_does_not_hide_a_long_one():
    long = driven(0, "v1", minutes=120, distance_m=90_000)
    valid = judged(long, driven(30, "v2", minutes=1, distance_m=500), driven(90, "v3"))
    assert codes(valid) == [(4, "driver_in_two_vehicles")]


def test_no_driver_and_other_drivers_drive_at_once():
    assert codes(judged(made(), made(vehicle_id="v2"))) == []
    assert codes(judged(driven(0, "v1"), made(vehicle_id="v2", driver_id="ben"))) == []


# --- teleports -----------------------------------------------------------------------------------

BERLIN, MUNICH = "u33db", "u281z"
APART_M = cells_apart_m(BERLIN, MUNICH)


def parked(start: float, cell: str, **changes):
    return made(start, start_cell=cell, end_cell=cell, **changes)


def test_a_start_within_reach_at_300_kmh_passes_and_a_second_less_falls():
    # 5 km are free; the rest at 300 km/h is 83.33 m a second.
    needed_s = -(-(APART_M - 5_000) * 3_600 // 300_000)
    arrives = 30 + needed_s / 60
    assert codes(judged(parked(0, BERLIN), parked(arrives, MUNICH))) == []
    early = arrives - 1 / 60
    valid = judged(parked(0, BERLIN), parked(early, MUNICH), parked(early + 60, BERLIN))
    assert codes(valid) == [(3, "teleport")]


def test_one_wrong_place_costs_one_trip_wherever_it_stands():
    for wrong in range(5):
        trips = [parked(40 * n, MUNICH if n == wrong else BERLIN) for n in range(5)]
        assert codes(judged(*trips)) == [(2 + wrong, "teleport")]


def test_two_vehicles_under_one_id_do_not_both_count():
    trips = [parked(40 * n, BERLIN if n % 2 else MUNICH) for n in range(6)]
    fallen = {row for row, code in codes(judged(*trips)) if code == "teleport"}
    assert fallen in ({2, 4, 6}, {3, 5, 7})


def test_a_vehicle_that_stays_elsewhere_counts_again_with_time():
    trips = [parked(0, BERLIN), *(parked(40 * n, MUNICH) for n in range(1, 10))]
    fallen = codes(judged(parked(-40, BERLIN), *trips))
    assert fallen == [(4 + n, "teleport") for n in range(len(fallen))]
    assert len(fallen) == 3  # 430 km need 1.4 h


@pytest.mark.parametrize("cells", [{"start_cell": BERLIN}, {"end_cell": "no geohash"}, {}])
def test_unknown_places_say_nothing(cells):
    assert codes(judged(parked(0, MUNICH), made(40, **cells))) == []
