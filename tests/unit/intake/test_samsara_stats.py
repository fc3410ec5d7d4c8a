"""History of Samsara's vehicle stats (shape of `/fleet/vehicles/stats/history`): trips of it."""

import random

import pytest

from carbonbank.domain.trip import iso_at
from carbonbank.errors import DistanceNotTold, InputError
from carbonbank.intake import read_trips
from carbonbank.mrv.trips import to_trips
from tests.unit.intake.test_damaged_files import damaged
from tests.unit.intake.vendor_samples import as_json


def series(*pairs):
    return [{"time": f"2024-05-06T{clock}Z", "value": value} for clock, value in pairs]


VEHICLE = {
    "id": "112",
    "name": "Van of J. Doe",
    "engineStates": series(("07:00:00", "On"), ("07:10:00", "Idle"), ("07:30:00", "Off"),
                           ("09:00:00", "On")),
    "obdOdometerMeters": series(("06:00:00", 0), ("07:00:00", 100_000), ("07:15:00", 110_000),
                                ("07:29:59.5", 120_500)),
    "evStateOfChargeMilliPercent": series(("07:00:10", 80_005), ("07:29:00", 71_999)),
    "evConsumedEnergyMicroWh": series(("06:59:00", 1_000_000_000), ("07:31:00", 4_000_000_001)),
}  # fmt: skip
HISTORY = {"data": [VEHICLE], "pagination": {"endCursor": "", "hasNextPage": False}}


def read(document):
    return read_trips(as_json(document), "history.json")


def test_a_trip_is_from_engine_on_to_off():
    raw = read(HISTORY)
    (trip,) = to_trips(raw.table)
    assert (trip.vehicle_id, iso_at(trip.start_at), iso_at(trip.end_at)) == (
        "112",
        "2024-05-06T07:00:00Z",
        "2024-05-06T07:30:00Z",
    )
    assert (trip.distance_m, trip.odometer_start_m, trip.odometer_end_m) == (
        20_500,
        100_000,
        120_500,
    )
    assert trip.energy_battery_wh == 3_001  # 3 000 000 001 micro-Wh, upward
    assert (trip.soc_start_bps, trip.soc_end_bps) == (8_001, 7_199)
    assert [i.code for i in raw.issues] == ["trip_ongoing"]  # the engine runs on at 09:00


def test_pages_of_one_vehicle_are_one_history():
    first = VEHICLE | {"obdOdometerMeters": VEHICLE["obdOdometerMeters"][:2]}
    second = {
        "id": "112",
        "engineStates": [],
        "obdOdometerMeters": VEHICLE["obdOdometerMeters"][2:],
    }
    assert [t.distance_m for t in to_trips(read({"data": [first, second]}).table)] == [20_500]


def test_a_trip_without_two_readings_is_left_out_and_told():
    bare = VEHICLE | {"obdOdometerMeters": VEHICLE["obdOdometerMeters"][:2]}
    raw = read({"data": [bare]})
    assert raw.table.num_rows == 0
    assert {i.code for i in raw.issues} == {"unreadable_value", "trip_ongoing"}


def test_energy_without_a_reading_on_each_side_is_not_known():
    inside = VEHICLE | {
        "evConsumedEnergyMicroWh": series(("07:10:00", 10**9), ("07:20:00", 2 * 10**9))
    }
    (trip,) = to_trips(read({"data": [inside]}).table)
    assert trip.energy_battery_wh is None


def test_the_stream_of_trips_tells_no_distance():
    trip = {
        "asset": {"id": "112"},
        "tripStartTime": "2024-05-06T07:00:00Z",
        "tripEndTime": "2024-05-06T07:30:00Z",
        "completionStatus": "completed",
    }
    with pytest.raises(DistanceNotTold) as caught:
        read({"data": [trip]})
    assert "obdOdometerMeters" in str(caught.value)


def test_damage_is_an_issue_or_a_typed_error():
    whole, rng, refused = as_json(HISTORY), random.Random(4), 0
    for _ in range(200):
        try:
            read_trips(damaged(whole, rng), "history.json")
        except InputError as error:
            refused += bool(str(error))
    assert refused > 0
