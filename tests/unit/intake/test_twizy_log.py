"""The 17 real logs against an independent integral, and the rules of splitting by hand."""

import csv
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from carbonbank.domain.issue import Severity
from carbonbank.intake import INVENTED_DRIVER, ReadOptions, read_trips
from carbonbank.intake.shipped import shipped_files
from carbonbank.mrv.rules import MICROCAR
from carbonbank.mrv.trips import concat, to_trips, validate

SUMMARY = Path(__file__).parents[2] / "data/trips/rsk_twizy_trip_summary.csv"
NOW_AT = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = (
    "Date,Time,Soc,Speed,Mode,LAT,LON,ALT,GpsSpeed,Temperature,Humidity,Weather,WindSpeedAv,"
    "Traffic,SpeedLimit"
)


@pytest.fixture(scope="module")
def logs():
    options = ReadOptions(driver_pattern=INVENTED_DRIVER)
    return {name: read_trips(data, name, options=options) for name, data in shipped_files("twizy")}


@pytest.fixture(scope="module")
def summary():
    with SUMMARY.open() as lines:
        return {row["file"]: row for row in csv.DictReader(lines)}


def test_seventeen_files_are_seventeen_trips(logs, summary):
    assert set(logs) == set(summary)
    assert len(logs) == 17
    assert all(raw.table.num_rows == 1 for raw in logs.values())
    # The summary counts readable rows; what is missing from the file are its impossible dates.
    assert sum(raw.rows_read for raw in logs.values()) == 55_645


def test_distances_agree_with_an_independent_integral(logs, summary):
    for name, raw in logs.items():
        (trip,) = to_trips(raw.table)
        wheel_m = Decimal(summary[name]["dist_wheel_km"]) * 1_000
        assert abs(trip.distance_m - wheel_m) / wheel_m <= Decimal("0.002"), name
        assert trip.distance_source == "wheel"


def test_state_of_charge_agrees_to_the_last_digit(logs, summary):
    for name, raw in logs.items():
        (trip,) = to_trips(raw.table)
        assert trip.soc_start_bps == int(Decimal(summary[name]["soc_start"]) * 100)
        assert trip.soc_end_bps == int(Decimal(summary[name]["soc_end"]) * 100)


def test_clocks_are_moroccan_and_the_april_trips_fall_in_ramadan(logs, summary):
    """Morocco keeps UTC+1, and UTC+0 in Ramadan: in 2021 from 11 April to 16 May."""
    for name, raw in logs.items():
        (trip,) = to_trips(raw.table)
        offset_h = 0 if summary[name]["start"].startswith("2021-04") else 1
        for moment, column in ((trip.start_at, "start"), (trip.end_at, "end")):
            local = datetime.fromisoformat(summary[name][column]).replace(tzinfo=UTC)
            assert (local - moment).total_seconds() == 3_600 * offset_h, name


def test_defects_are_told_with_their_lines(logs, summary):
    found = Counter(issue.code for raw in logs.values() for issue in raw.issues)
    assert found == {
        "impossible_date": 170,
        "gap_bridged": 9,
        "zero_gps_fix": 4,
        "gps_out_of_range": 3,
        "gps_teleport": 2,
        "soc_outlier": 1,
    }
    for name, raw in logs.items():
        dates = [issue for issue in raw.issues if issue.code == "impossible_date"]
        assert len(dates) == int(summary[name]["bad_timestamps"])
        lines = dict(enumerate(dict(shipped_files("twizy"))[name].decode().splitlines(), start=1))
        assert all(lines[i.row].replace(",", " ").startswith(i.value) for i in dates)
        assert all(issue.severity is Severity.DROPPED for issue in dates)


def test_the_charge_outlier_falls_to_a_rule(logs):
    (outlier,) = [i for raw in logs.values() for i in raw.issues if i.code == "soc_outlier"]
    assert (outlier.row, outlier.value) == (2_506, "0.02 %")
    assert outlier in logs["T3_05_25_2021_04.csv"].issues


def test_the_teleport_is_told_and_moves_no_distance(logs):
    bad = [i for i in logs["T3_06_07_2021.csv"].issues if i.code == "gps_out_of_range"]
    assert [i.row for i in bad] == [1_096, 1_097, 1_098]
    assert "1555.633300" in bad[0].value


def test_no_honest_trip_is_kept_out(logs):
    raw = concat(list(logs.values()))
    valid = validate(raw, MICROCAR, NOW_AT)
    assert valid.table.num_rows == 17
    assert valid.issues == raw.issues
    trips = to_trips(valid.table)
    assert {trip.vehicle_id for trip in trips} == {"twizy-01"}
    assert {trip.driver_id for trip in trips} == {"invented-driver-of-twizy-01"}
    assert sum(trip.distance_m for trip in trips) == pytest.approx(507_410, rel=0.001)
    assert all(trip.source_record_id == f"{name}#1" for name, trip in zip(logs, trips, strict=True))


def test_a_vehicle_may_be_named_and_a_driver_left_out():
    name, data = shipped_files("twizy")[7]
    (trip,) = to_trips(read_trips(data, name, options=ReadOptions(vehicle_id="other")).table)
    assert (trip.vehicle_id, trip.driver_id) == ("other", None)


# --- logs made by hand ---------------------------------------------------------------------------


def line(second: int, *, speed="36.000000", soc="50.000000", date="7/1/2021", fix="34.0,-6.8"):
    clock = f"{10 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return f"{date},{clock},{soc},{speed},D,{fix},140,0,20,60,Clouds,2,0,40"


def read(*lines: str):
    return read_trips("\n".join([HEADER, *lines]).encode(), "made.csv")


def trips_of(*lines: str):
    return to_trips(read(*lines).table)


def test_both_ways_to_write_a_date_are_the_same_day():
    (short,) = trips_of(line(0), line(1))
    (long,) = trips_of(line(0, date="07/01/2021"), line(1, date="07/01/2021"))
    assert short.start_at == long.start_at == datetime(2021, 7, 1, 9, tzinfo=UTC)


def test_distance_is_the_trapezium_rounded_down():
    # 36 km/h are 10 m/s; from 36 to 18 km/h in one second 7.5 m: 10 + 7.5 = 17.5.
    (trip,) = trips_of(line(0), line(1), line(2, speed="18.0"))
    assert trip.distance_m == 17


def test_a_gap_up_to_a_minute_is_bridged():
    raw = read(line(0), line(60), line(61))
    assert to_trips(raw.table)[0].distance_m == 610
    assert [(i.row, i.code, i.value) for i in raw.issues] == [(3, "gap_bridged", "60 s")]
    assert raw.issues[0].trip_source_record_id == "made.csv#1"


def test_across_a_longer_gap_no_distance_is_counted_and_energy_is():
    raw = read(line(0), line(1), line(62, soc="48.0"), line(63, soc="48.0"))
    (trip,) = to_trips(raw.table)
    assert trip.distance_m == 20
    assert (trip.soc_start_bps, trip.soc_end_bps) == (5_000, 4_800)
    assert [i.code for i in raw.issues] == ["gap_not_counted"]


def test_a_recording_splits_beyond_five_minutes():
    assert len(trips_of(line(0), line(1), line(301), line(302))) == 1
    raw = read(line(0), line(1), line(302), line(303))
    assert [trip.source_record_id for trip in to_trips(raw.table)] == ["made.csv#1", "made.csv#2"]
    assert [(i.row, i.code) for i in raw.issues] == [(4, "recording_split")]


def test_a_recording_splits_at_a_charge_and_is_never_netted():
    """10 points down, 8 up in small steps, 10 down: 20 points were driven, not 12."""
    down = [line(s, soc=f"{60 - s}.0") for s in range(11)]
    up = [line(11 + s, soc=f"{51 + s}.0", speed="0.0") for s in range(8)]
    again = [line(19 + s, soc=f"{57 - s}.0") for s in range(10)]
    raw = read(*down, *up, *again)
    first, second = to_trips(raw.table)
    assert (first.soc_start_bps, first.soc_end_bps) == (6_000, 5_000)
    assert (second.soc_start_bps, second.soc_end_bps) == (5_800, 4_800)
    assert first.distance_m == 100
    assert first.end_at < second.start_at
    assert [i.code for i in raw.issues] == ["charge_split"]


def test_recuperation_up_to_two_points_is_no_charge():
    socs = ["50.0", "48.0", "50.0", "47.0"]
    (trip,) = trips_of(*[line(s, soc=soc) for s, soc in enumerate(socs)])
    assert trip.soc_end_bps == 4_700
    assert len(trips_of(*[line(s, soc=x) for s, x in enumerate(["50.0", "48.0", "50.02"])])) == 1


def test_the_drop_of_charge_is_never_understated():
    (trip,) = trips_of(line(0, soc="50.001"), line(1, soc="49.999"))
    assert (trip.soc_start_bps, trip.soc_end_bps) == (5_001, 4_999)


def test_a_clock_ahead_or_behind_loses_those_lines_alone():
    for wrong in ("7/1/2032", "7/1/2012"):
        raw = read(line(0), line(1), line(2, date=wrong), line(3), line(4))
        (trip,) = to_trips(raw.table)
        assert (trip.distance_m, trip.end_at.second) == (40, 4)
        assert [(i.row, i.code) for i in raw.issues] == [(4, "clock_out_of_order")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"date": "90/02/2032"}, "impossible_date"),
        ({"date": "03/00/2000"}, "impossible_date"),
        ({"date": "02/29/2021"}, "impossible_date"),
        ({"date": "1/1/99999999999"}, "impossible_date"),
        ({"speed": "fast"}, "unreadable_value"),
        ({"speed": "-1.0"}, "unreadable_value"),
        ({"soc": ""}, "unreadable_value"),
        ({"soc": "nan"}, "unreadable_value"),
        ({"speed": "200.1"}, "sample_out_of_range"),
        ({"soc": "100.1"}, "sample_out_of_range"),
    ],
)
def test_a_sample_that_does_not_hold_is_dropped_with_its_line(changes, code):
    raw = read(line(0), line(1), line(2, **changes), line(3))
    assert [(i.row, i.code) for i in raw.issues] == [(4, code)]
    assert to_trips(raw.table)[0].distance_m == 30


def test_a_time_that_no_clock_shows_is_dropped():
    raw = read(line(0), line(1), line(2).replace("10:00:02", "10:60:02"), line(3))
    assert [(i.row, i.code) for i in raw.issues] == [(4, "impossible_date")]


def test_a_log_without_a_single_good_sample_is_no_trip_and_no_exception():
    raw = read(line(0, date="90/02/2032"), line(1))
    assert raw.table.num_rows == 0
    assert [i.code for i in raw.issues] == ["impossible_date", "piece_too_short"]


def test_unreadable_positions_cost_the_cell_alone():
    (trip,) = trips_of(line(0, fix="x,y"), line(1, fix="0.0,0.0"))
    assert (trip.start_cell, trip.distance_m) == (None, 10)
