"""Logs of Torque Pro: headers that come again, values that are none, clocks without a zone."""

from datetime import UTC, datetime

import pytest

from carbonbank.errors import UnknownColumns, VehicleNotNamed, ZoneNotNamed
from carbonbank.intake import ReadOptions, read_trips
from carbonbank.mrv.trips import to_trips
from tests.unit.intake.vendor_samples import TORQUE

LISBON = ReadOptions(vehicle_id="van-1", zone="Europe/Lisbon")
LINES = TORQUE.decode().splitlines()


def read(*lines: str, options=LISBON):
    return read_trips("\n".join(lines).encode(), "trackLog.csv", options=options)


def found(raw):
    return [(issue.row, issue.code) for issue in raw.issues]


def test_a_log_is_a_trip_by_the_speed_of_the_wheel():
    raw = read(*LINES)
    (trip,) = to_trips(raw.table)
    assert raw.format == trip.source == "torque_log"
    # Lisbon is an hour ahead of UTC in May.
    assert trip.start_at == datetime(2024, 5, 6, 8, 0, 0, tzinfo=UTC)
    assert trip.end_at == datetime(2024, 5, 6, 8, 0, 4, tzinfo=UTC)
    # 1 s at 36 km/h are 10 m; from 36 to 18 km/h in 3 s (10 + 5) / 2 x 3 = 22.5 m.
    assert (trip.distance_m, trip.distance_source) == (32, "wheel")
    assert (trip.vehicle_id, trip.soc_start_bps) == ("van-1", None)
    assert trip.source_record_id == "trackLog.csv#1"
    assert found(raw) == [(7, "gap_bridged")]  # 3 s; the second sample of a second is no gap


def test_without_obd_the_receiver_counts():
    only_gps = [line.replace("Speed (OBD)(km/h)", "x").rpartition(",")[0] + ",-" for line in LINES]
    only_gps = [line.replace(",9.9,", ",10,") for line in only_gps]
    only_gps[0] = LINES[0]
    raw = read(*only_gps[:3], LINES[3].replace("-,-,-,-,36.0", "-9.14,38.72,10,1,-"))
    (trip,) = to_trips(raw.table)
    assert (trip.distance_m, trip.distance_source) == (10, "gps")  # 10 m/s for 1 s


def test_miles_are_converted_exactly():
    raw = read(LINES[0].replace("(km/h)", "(mph)"), *LINES[1:4])
    (trip,) = to_trips(raw.table)
    assert trip.distance_m == 16  # 36 mph = 57.936384 km/h = 16.09344 m/s for 1 s


def test_under_another_header_nothing_counts_until_the_first_comes_again():
    other = LINES[0].replace("Speed (OBD)(km/h)", "Engine RPM(rpm)")
    rpm = LINES[1].replace("09:00:00.100", "09:00:02.000").replace(",36", ",1800")
    raw = read(*LINES[:2], LINES[3], other, rpm, rpm, LINES[5], LINES[6])
    assert (4, "header_changed") in found(raw)
    (trip,) = to_trips(raw.table)
    assert trip.distance_m == 32


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("06-May", "31-Apr", "impossible_date"),
        ("06-May", "06-Mai", "impossible_date"),
        ("09:00:01", "25:00:01", "impossible_date"),
        ("36.0", "fast", "unreadable_value"),
        ("36.0", "-36.0", "unreadable_value"),
        ("36.0", "255", "sample_out_of_range"),
        ("2024,06-May-2024", "2024,06-May-2032", "clock_out_of_order"),
    ],
)
def test_a_sample_that_does_not_hold_is_dropped_with_its_line(old, new, code):
    bad = LINES[3].replace(old, new)
    raw = read(*LINES[:2], bad, LINES[6], LINES[6].replace("04.000", "05.000"))
    assert (3, code) in found(raw)
    assert len(to_trips(raw.table)) == 1


def test_zone_and_vehicle_are_the_callers():
    with pytest.raises(ZoneNotNamed):
        read(*LINES, options=ReadOptions(vehicle_id="van-1"))
    with pytest.raises(VehicleNotNamed):
        read(*LINES, options=ReadOptions(zone="UTC"))


def test_a_log_without_speed_is_of_no_format():
    with pytest.raises(UnknownColumns):
        read("GPS Time, Device Time, Longitude, Latitude, Altitude", "a,b,c,d,e")
