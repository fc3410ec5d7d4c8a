"""Recordings of Car Scanner: times without a date, one value a line."""

from datetime import UTC, datetime

import pytest

from carbonbank.errors import DayNotNamed, UnknownOption, VehicleNotNamed, ZoneNotNamed
from carbonbank.intake import ReadOptions, read_trips
from carbonbank.intake.reader import FileReader
from carbonbank.mrv.trips import to_trips
from tests.unit.intake.vendor_samples import CAR_SCANNER

KNOWN = {"vehicle_id": "van-1", "zone": "Europe/Zagreb", "day": "2024-05-06"}
LINES = CAR_SCANNER.decode().splitlines()


def read(*lines: str, **changes):
    text = "\n".join(lines or LINES).encode()
    return read_trips(text, "made.csv", options=ReadOptions(**{**KNOWN, **changes}))


def found(raw):
    return [(issue.row, issue.code) for issue in raw.issues]


def test_seconds_count_from_local_midnight_and_run_past_the_next():
    raw = read()
    (trip,) = to_trips(raw.table)
    assert raw.format == trip.source == "car_scanner_log"
    # 86,398 s are 23:59:58; Zagreb is two hours ahead of UTC in May.
    assert trip.start_at == datetime(2024, 5, 6, 21, 59, 58, tzinfo=UTC)
    assert trip.end_at == datetime(2024, 5, 6, 22, 0, 0, tzinfo=UTC)
    assert (trip.distance_m, trip.distance_source) == (15, "wheel")  # (10 + 5) m/s / 2 x 2 s
    assert found(raw) == [(7, "zero_gps_fix")]
    assert raw.rows_read == 6


def test_without_the_cars_speed_the_receiver_counts():
    gps = [line.replace("Vehicle speed", "Speed (GPS)") for line in LINES if "99" not in line]
    (trip,) = to_trips(read(*gps).table)
    assert (trip.distance_m, trip.distance_source) == (15, "gps")


def test_without_any_speed_there_is_no_trip():
    raw = read(*LINES[:2])
    assert raw.table.num_rows == 0
    assert found(raw) == [(0, "speed_missing")]


def test_four_columns_without_positions_and_miles():
    raw = read("SECONDS;PID;VALUE;UNITS", "0.5;Vehicle speed;36;mph", "1.5;Vehicle speed;36;mph")
    (trip,) = to_trips(raw.table)
    assert (trip.distance_m, trip.start_cell) == (16, None)  # 16.09344 m/s for 1 s


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("86398.4", "soon", "unreadable_value"),
        ("86398.4", "172800", "impossible_date"),
        ('"36";"km/h"', '"36";"knots"', "unreadable_value"),
        ('"36"', '"NaN"', "unreadable_value"),
        ('"36"', '"255"', "sample_out_of_range"),
    ],
)
def test_a_sample_that_does_not_hold_is_dropped_with_its_line(old, new, code):
    assert (3, code) in found(read(*[line.replace(old, new) for line in LINES]))


def test_day_zone_and_vehicle_are_the_callers():
    for option, error in (
        ("day", DayNotNamed), ("zone", ZoneNotNamed), ("vehicle_id", VehicleNotNamed)
    ):  # fmt: skip
        with pytest.raises(error):
            read(**{option: None})
    for day in ("yesterday", "2024-02-30", "9999-12-31", "0001-01-01"):
        with pytest.raises(UnknownOption):
            read(day=day)
    assert FileReader().read(CAR_SCANNER, "x", dict(KNOWN)).table.num_rows == 1
