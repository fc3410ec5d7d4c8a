"""The Chicago table: 241 trips of 22 cars, and rows made bad by hand."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from carbonbank.intake import ReadOptions, read_trips
from carbonbank.intake.shipped import shipped_files
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import to_trips, validate

NOW_AT = datetime(2026, 1, 1, tzinfo=UTC)
((NAME, DATA),) = shipped_files("chicago")
ROWS = list(csv.DictReader(io.StringIO(DATA.decode())))


def test_every_row_is_a_trip_that_counts():
    raw = read_trips(DATA, NAME)
    trips = to_trips(validate(raw, CAR, NOW_AT).table)
    assert len(trips) == len(ROWS) == 241
    assert len({trip.vehicle_id for trip in trips}) == 22
    assert {trip.distance_source for trip in trips} == {"gps"}
    for row, trip in zip(ROWS, trips, strict=True):
        assert trip.vehicle_id == f"{row['sampno']}-{row['vehno']}"
        assert 0 <= Decimal(row["distance_km"]) * 1_000 - trip.distance_m < 1
        # Chicago in summer is five hours behind UTC; no trip is in winter time.
        local = datetime.fromisoformat(row["start_ts"]).replace(tzinfo=UTC)
        assert (trip.start_at - local).total_seconds() == 5 * 3_600


def test_gaps_of_the_logger_are_shown():
    issues = read_trips(DATA, NAME).issues
    long = [row for row in ROWS if Decimal(row["max_gap_between_samples_s"]) > 60]
    assert Counter(issue.code for issue in issues) == {"gap_not_counted": len(long)}
    assert issues[0].value == "258.0 s"  # the third trip, on line 4
    assert issues[0].row == 4


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("sampno", "x", "unreadable_value"),
        ("vehno", "", "unreadable_value"),
        ("distance_km", "1e9", "unreadable_value"),
        ("distance_km", "-1", "unreadable_value"),
        ("start_ts", "2007-02-30 10:00:00", "impossible_date"),
        ("start_ts", "2007-03-11 02:30:00", "impossible_date"),  # the hour the clock skipped
        ("end_ts", "yesterday", "impossible_date"),
    ],
)
def test_a_bad_row_is_dropped_alone(column, value, code):
    rows = [dict(row) for row in ROWS[:3]]
    rows[1][column] = value
    raw = read_trips(table(rows), "made.csv")
    found = [(i.row, i.column, i.code) for i in raw.issues if i.code != "gap_not_counted"]
    assert found == [(3, column, code)]
    assert raw.table["row"].to_pylist() == [2, 4]


def test_the_hour_that_comes_twice_is_shown():
    rows = [{**ROWS[0], "start_ts": "2007-11-04 01:30:00", "end_ts": "2007-11-04 02:10:00"}]
    raw = read_trips(table(rows), "made.csv")
    assert [i.code for i in raw.issues] == ["ambiguous_local_time"]
    assert to_trips(raw.table)[0].start_at == datetime(2007, 11, 4, 6, 30, tzinfo=UTC)


def test_clocks_of_another_zone():
    raw = read_trips(table(ROWS[:1]), "made.csv", options=ReadOptions(zone="UTC"))
    assert to_trips(raw.table)[0].start_at == datetime(2007, 8, 25, 11, 7, 26, tzinfo=UTC)


def table(rows) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(ROWS[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
