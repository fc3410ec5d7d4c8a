"""Trips of vendors, by their own names, each with its traps; expectations are made by hand."""

from datetime import UTC, datetime

import pytest

from carbonbank.errors import UnknownColumns, VehicleNotNamed
from carbonbank.intake import FORMATS, INVENTED_DRIVER, ReadOptions, read_trips
from carbonbank.intake.recognise import RECORD_FORMATS
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.rules.cells import cell_bounds
from carbonbank.mrv.trips import to_trips, validate
from tests.unit.intake import vendor_samples as made
from tests.unit.intake.vendor_samples import SAMPLES, as_csv, as_json, as_lines

NOW_AT = datetime(2026, 1, 1, tzinfo=UTC)
VAN = ReadOptions(vehicle_id="van-3")


def read(data: bytes, **options):
    return read_trips(data, "made", options=ReadOptions(**{"vehicle_id": "van-3", **options}))


def found(raw):
    return [(issue.row, issue.column, issue.code) for issue in raw.issues]


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_recognised_as_its_format_alone(name):
    raw = read(SAMPLES[name])
    assert raw.format == name
    assert set(raw.table["source"].to_pylist()) == {name}
    fields = set(raw.table.schema.names)
    assert not any(known.fits(fields) for known in RECORD_FORMATS)
    assert validate(raw, CAR, NOW_AT).table.num_rows == raw.table.num_rows


def test_every_record_format_has_a_sample():
    assert set(SAMPLES) == {known.name for known in RECORD_FORMATS}
    assert set(SAMPLES) < set(FORMATS)


# --- Traccar -------------------------------------------------------------------------------------


def test_traccar_distances_are_metres_and_durations_are_not_read():
    first, second = to_trips(read(SAMPLES["traccar_trips"]).table)
    assert (first.vehicle_id, first.driver_id) == ("12", "card-7")  # ids, never names
    assert (first.start_at, first.end_at) == (at(2024, 5, 6, 7), at(2024, 5, 6, 7, 30))
    assert (first.distance_m, first.distance_source) == (15_234, "gps")
    # 12,345,678.912 upward and 12,360,913.47 downward: no move is made longer.
    assert (first.odometer_start_m, first.odometer_end_m) == (12_345_679, 12_360_913)
    assert first.source_record_id == "12@2024-05-06T07:00:00Z"
    assert second.start_at == at(2024, 5, 6, 8)  # told as 10:00 of UTC+2
    assert (second.odometer_start_m, second.odometer_end_m) == (None, None)  # 0: not read
    assert second.fuel_ml is None


def test_traccar_positions_that_are_none_are_told_and_cost_the_cell_alone():
    raw = read(SAMPLES["traccar_trips"])
    first, second = to_trips(raw.table)
    south, north, west, east = cell_bounds(first.start_cell)
    assert south <= 33.5731 <= north
    assert west <= -7.5898 <= east
    assert (second.start_cell, second.end_cell) == (None, None)
    assert found(raw) == [
        (3, "endLat, endLon", "gps_out_of_range"),
        (3, "startLat, startLon", "zero_gps_fix"),
    ]


def test_a_trip_of_traccar_without_an_end_goes_on():
    record = {**made.TRACCAR[0], "endTime": None}
    assert found(read(as_json([record]))) == [(2, "endTime", "trip_ongoing")]


# --- Geotab --------------------------------------------------------------------------------------


def test_geotab_distances_are_kilometres_and_the_stay_is_no_trip():
    cut_again, last = to_trips(read(SAMPLES["geotab_trips"]).table)
    assert (cut_again.distance_m, last.distance_m) == (20_500, 1_000)  # 1.0009 km downward
    assert last.end_at == at(2024, 5, 8, 16, 6, 58)
    assert last.driver_id == "b232068EA"
    assert last.source_record_id == "b1@2024-05-08T16:01:58Z"


def test_of_trips_cut_again_the_highest_version_counts():
    raw = read(SAMPLES["geotab_trips"])  # versions 0x1ff and 0x200 of one device and start
    assert found(raw) == [(2, "version", "trip_recut")]
    assert raw.rows_read == 3
    turned = read(as_json(list(reversed(made.GEOTAB))))
    assert {t.distance_m for t in to_trips(turned.table)} == {20_500, 1_000}


def test_an_unknown_driver_of_geotab_is_no_driver():
    raw = read(as_json(made.GEOTAB[:1]), driver_pattern=INVENTED_DRIVER)
    (trip,) = to_trips(raw.table)
    assert trip.driver_id == "invented-driver-of-b1"
    assert trip.distance_m == 12_494  # 12.4944611 km
    south, north, west, east = cell_bounds(trip.end_cell)  # x is the longitude
    assert south <= 43.722164154052734 <= north
    assert west <= -79.54488372802734 <= east


def test_geotab_metres_where_kilometres_belong_fall_to_the_rule_of_speed():
    record = {**made.GEOTAB[2], "distance": 1000.9}
    valid = validate(read(as_json([record])), CAR, NOW_AT)
    assert [issue.code for issue in valid.issues] == ["speed_too_high"]


# --- TeslaMate -----------------------------------------------------------------------------------


def test_teslamate_times_are_utc_and_an_open_drive_is_told():
    raw = read(SAMPLES["teslamate_drives"])
    (drive,) = to_trips(raw.table)
    assert (drive.vehicle_id, drive.source_record_id) == ("1", "drive-41")
    assert (drive.start_at, drive.end_at) == (at(2024, 5, 6, 7), at(2024, 5, 6, 7, 31, 10))
    assert (drive.distance_m, drive.distance_source) == (25_543, "odometer")
    assert (drive.odometer_start_m, drive.odometer_end_m) == (20_123_457, 20_148_999)
    assert found(raw) == [(3, "end_date", "trip_ongoing")]


# --- MDS -----------------------------------------------------------------------------------------


def test_mds_times_are_milliseconds_and_distances_metres():
    (trip,) = to_trips(read(SAMPLES["mds_trips"]).table)
    # 1714978800 s is 6 May 2024 07:00:00 UTC; both ends go down to the second.
    assert (trip.start_at, trip.end_at) == (at(2024, 5, 6, 7), at(2024, 5, 6, 7, 30))
    assert trip.distance_m == 10_500
    assert trip.source_record_id == "1f943d59-ccc9-4d91-b6e2-0c5e771cbc49"


def test_mds_seconds_where_milliseconds_belong_are_too_early_for_any_programme():
    record = {**made.MDS["trips"][0], "start_time": 1714978800, "end_time": 1714980600}
    valid = validate(read(as_json({"version": "2.0.0", "trips": [record]})), CAR, NOW_AT)
    assert [issue.code for issue in valid.issues] == ["date_too_early"]


# --- Samsara -------------------------------------------------------------------------------------


def test_samsara_sentinels():
    raw = read(SAMPLES["samsara_trips"])
    first, second = to_trips(raw.table)
    assert {first.vehicle_id, second.vehicle_id} == {"van-3"}
    assert (first.driver_id, second.driver_id) == ("719", None)
    assert (first.odometer_start_m, first.odometer_end_m) == (210_430_450, 210_440_950)
    assert (second.odometer_start_m, second.odometer_end_m) == (None, None)
    assert (first.fuel_ml, second.fuel_ml) == (None, 750)
    assert found(raw) == [(4, "endMs", "trip_ongoing")]


def test_a_file_that_names_no_vehicle_needs_the_caller_to():
    with pytest.raises(VehicleNotNamed) as caught:
        read_trips(SAMPLES["samsara_trips"], "trips.json")
    assert caught.value.fields == {"filename": "trips.json", "format": "samsara_trips"}


# --- shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("records", [made.TRACCAR, made.GEOTAB, made.SAMSARA["trips"]])
def test_array_lines_and_table_of_the_same_records_are_the_same_trips(records):
    whole, lines, table = (read(make(records)) for make in (as_json, as_lines, as_csv))
    assert to_trips(whole.table) == to_trips(lines.table) == to_trips(table.table)
    assert [i.code for i in whole.issues] == [i.code for i in table.issues]
    assert whole.rows_read == lines.rows_read == table.rows_read == len(records)
    # The n-th record of a document counts as line n + 1, as below a header; NDJSON has none.
    assert table.table["row"].to_pylist() == whole.table["row"].to_pylist()
    assert lines.table["row"].to_pylist() == [row - 1 for row in whole.table["row"].to_pylist()]


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"deviceId": None}, "deviceId", "unreadable_value"),
        ({"deviceId": "a\u0007"}, "deviceId", "unreadable_value"),
        ({"deviceId": ["12"]}, "deviceId", "unreadable_value"),
        ({"distance": "far"}, "distance", "unreadable_value"),
        ({"distance": True}, "distance", "unreadable_value"),
        ({"distance": 1e30}, "distance", "unreadable_value"),
        ({"distance": "1e-99999"}, "distance", "unreadable_value"),
        ({"startTime": "2024-05-06T07:00:00"}, "startTime", "unreadable_value"),  # whose clock?
        ({"startTime": "06/05/2024"}, "startTime", "unreadable_value"),
        ({"startTime": "2024-02-30T07:00:00Z"}, "startTime", "impossible_date"),
        ({"endTime": "9999-12-31T23:59:59-14:00"}, "endTime", "impossible_date"),
        ({"endOdometer": "n/a"}, "endOdometer", "unreadable_value"),
    ],
)
def test_a_bad_cell_costs_its_record_alone(changes, column, code):
    records = [made.TRACCAR[0], {**made.TRACCAR[0], **changes}, made.TRACCAR[0]]
    raw = read(as_json(records))
    assert found(raw) == [(3, column, code)]
    assert raw.table["row"].to_pylist() == [2, 4]


def test_milliseconds_beyond_the_calendar():
    record = {**made.MDS["trips"][0], "end_time": 10**17}
    assert found(read(as_json([record]))) == [(2, "end_time", "impossible_date")]


def test_what_is_no_record_is_told_with_its_place():
    raw = read(as_json([made.TRACCAR[0], 7, None]))
    assert found(raw) == [(3, "", "unreadable_value"), (4, "", "unreadable_value")]
    lines = read(as_lines([made.TRACCAR[0]]) + b"\n{broken\n\n[1]\n")
    assert found(lines) == [(2, "", "unreadable_value"), (4, "", "unreadable_value")]


def test_a_record_of_no_format_names_the_nearest():
    with pytest.raises(UnknownColumns) as caught:
        read(as_json([{"deviceId": 1, "startTime": "x", "endTime": "y", "averageSpeed": 1}]))
    assert caught.value.format == "traccar_trips"
    assert caught.value.missing == ["distance", "maxSpeed"]
