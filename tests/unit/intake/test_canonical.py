"""Canonical CSV and Parquet: what is written is read back, and bad cells are issues."""

import gzip
import io
import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonbank.domain.trip import COLUMNS, Trip
from carbonbank.errors import ExpandsTooLarge, TooManyRows
from carbonbank.intake import ReadOptions, read_trips
from carbonbank.intake.canonical import template_csv, write_csv, write_ndjson, write_parquet
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import concat, from_trips, to_trips, validate

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
NOW_AT = datetime(2026, 1, 1, tzinfo=UTC)
INT64_MAX = 2**63 - 1

plain = st.text(
    st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
) | st.sampled_from(["007", "=1+1", "a,b", 'say "x"', "NULL", "nan", " ", "-", "true", "1e5", "é"])
numbers = st.none() | st.integers(-(10**17), 10**17) | st.just(INT64_MAX)
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@st.composite
def any_trip(draw) -> Trip:
    values = {column: draw(numbers) for column in COLUMNS}
    for column in ("driver_id", "start_cell", "end_cell"):
        values[column] = draw(st.none() | plain)
    for column in ("vehicle_id", "source", "source_record_id"):
        values[column] = draw(plain)
    values["start_at"], values["end_at"] = draw(moments), draw(moments)
    values["distance_m"] = draw(st.integers(-(10**17), 10**17))
    values["distance_source"] = draw(st.sampled_from(["odometer", "wheel", "gps"]))
    return Trip(**values)


@settings(max_examples=50, deadline=None)
@given(st.lists(any_trip(), min_size=1, max_size=8))
def test_written_trips_are_read_back_the_same(trips):
    for data in (write_csv(trips), write_parquet(trips), gzip.compress(write_csv(trips))):
        raw = read_trips(data, "trips")
        assert raw.issues == ()
        assert to_trips(raw.table) == trips
        assert raw.table["row"].to_pylist() == list(range(2, len(trips) + 2))
    lines = read_trips(write_ndjson(trips), "trips")
    assert (lines.format, lines.issues) == ("canonical_json", ())
    assert to_trips(lines.table) == trips
    assert lines.table["row"].to_pylist() == list(range(1, len(trips) + 1))


@st.composite
def drivable(draw) -> Trip:
    start_at = NOON + timedelta(seconds=draw(st.integers(0, 20_000)))
    return honest(
        draw(st.integers(0, 10**9)),
        vehicle_id=draw(st.sampled_from(["v1", "007"])),
        start_at=start_at,
        end_at=start_at + timedelta(seconds=draw(st.integers(0, 4_000))),
        distance_m=draw(st.integers(0, 120_000)),
    )


def honest(number: int = 1, **changes) -> Trip:
    values = {
        "vehicle_id": "v1",
        "start_at": NOON,
        "end_at": NOON + timedelta(minutes=30),
        "distance_m": 20_000,
        "distance_source": "gps",
        "source": "test",
        "source_record_id": f"r{number}",
    }
    return Trip(**{**values, **changes})


@settings(max_examples=40, deadline=None)
@given(
    st.lists(drivable(), min_size=2, max_size=20, unique_by=lambda trip: trip.source_record_id),
    st.randoms(use_true_random=False),
)
def test_order_and_splitting_of_files_change_nothing(trips, rng: random.Random):
    shuffled = rng.sample(trips, len(trips))
    cut = rng.randrange(1, len(trips))
    whole = outcome(read_trips(write_csv(trips), "a.csv"))
    halves = [write_csv(shuffled[:cut]), write_parquet(shuffled[cut:])]
    assert outcome(read_trips(write_csv(shuffled), "b.csv")) == whole
    assert outcome(concat([read_trips(half, "c") for half in halves])) == whole


def outcome(raw):
    valid = validate(raw, CAR, NOW_AT)
    found = sorted((issue.trip_source_record_id, issue.code) for issue in valid.issues)
    return set(to_trips(valid.table)), found


# --- columns -------------------------------------------------------------------------------------

HEADER = "vehicle_id,start_at,end_at,distance_m,distance_source,source,source_record_id"
ROW = "007,2024-05-06T12:00:00Z,2024-05-06T12:30:00Z,20000,gps,test,r1"


def read(*lines: str, sign: str = ","):
    return read_trips("\n".join(lines).replace(",", sign).encode(), "made.csv")


def test_the_template_names_every_column():
    assert template_csv().decode().strip().split(",") == list(COLUMNS)


def test_optional_columns_may_be_left_out_and_stand_in_any_order():
    (trip,) = to_trips(read(HEADER, ROW).table)
    assert trip == honest(vehicle_id="007")
    turned = [",".join(reversed(text.split(","))) for text in (HEADER, ROW)]
    assert to_trips(read(*turned).table) == [trip]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_other_delimiters(sign):
    assert len(to_trips(read(HEADER, ROW, sign=sign).table)) == 1


def test_a_byte_order_mark_windows_lines_and_blank_lines_do_no_harm():
    data = b"\xef\xbb\xbf" + f"{HEADER}\r\n{ROW}\r\n\r\n".encode()
    assert len(to_trips(read_trips(data, "made.csv").table)) == 1


def test_times_of_other_offsets_are_the_same_instants():
    (trip,) = to_trips(read(HEADER, ROW.replace("12:00:00Z", "13:00:00+01:00")).table)
    assert trip.start_at == NOON


def test_text_that_looks_like_a_formula_is_left_alone():
    (trip,) = to_trips(read(HEADER, ROW.replace("007", '"=HYPERLINK(1)"')).table)
    assert trip.vehicle_id == "=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("20000", "20.0", "distance_m", "unreadable_value"),
        ("20000", "20 000", "distance_m", "unreadable_value"),
        ("20000", "", "distance_m", "unreadable_value"),
        ("20000", "9999999999999999999", "distance_m", "unreadable_value"),
        ("007", "", "vehicle_id", "unreadable_value"),
        ("007", "a\x07b", "vehicle_id", "unreadable_value"),
        ("gps", "guess", "distance_source", "unreadable_value"),
        ("2024-05-06T12:30:00Z", "06/05/2024 12:30", "end_at", "unreadable_value"),
        ("2024-05-06T12:30:00Z", "2024-05-06T12:30:00", "end_at", "unreadable_value"),
        ("2024-05-06T12:30:00Z", "2024-02-30T12:30:00Z", "end_at", "impossible_date"),
        ("2024-05-06T12:30:00Z", "2024-13-01T12:30:00Z", "end_at", "impossible_date"),
        (",r1", "", "", "wrong_field_count"),
        (",r1", ",r1,more", "", "wrong_field_count"),
    ],
)
def test_a_bad_cell_costs_its_row_alone(old, new, column, code):
    good = ROW.replace("r1", "r2")
    raw = read(HEADER, good, ROW.replace(old, new, 1), good)
    assert [(i.row, i.column, i.code) for i in raw.issues] == [(3, column, code)]
    assert raw.table["row"].to_pylist() == [2, 4]
    assert raw.rows_read == 3


def test_sentinels_and_years_to_come_are_read_and_left_to_the_rules():
    data = [ROW.replace("20000", str(INT64_MAX)), ROW.replace("2024", "2032")]
    raw = read(HEADER, *data)
    assert raw.issues == ()
    valid = validate(raw, CAR, NOW_AT)
    assert [(i.row, i.code) for i in valid.issues] == [(2, "distance_sentinel"), (3, "future_date")]


# --- Parquet -------------------------------------------------------------------------------------


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_narrower_types_and_other_zones_fit():
    table = from_trips([honest()])
    narrow = table.set_column(
        table.schema.get_field_index("distance_m"), "distance_m", pa.array([20_000], pa.int32())
    )
    casablanca = table["start_at"].cast(pa.timestamp("ms", "Africa/Casablanca"))
    place = table.schema.get_field_index("start_at")
    assert to_trips(read_trips(parquet(narrow), "x").table) == [honest()]
    zoned = parquet(table.set_column(place, "start_at", casablanca))
    assert to_trips(read_trips(zoned, "x").table) == [honest()]


def test_an_empty_required_cell_is_an_issue():
    table = pa.Table.from_pylist(
        [{**{c: getattr(honest(), c) for c in COLUMNS}, "vehicle_id": v} for v in ("v1", None, "")],
        schema=pa.schema([field.with_nullable(True) for field in from_trips([]).schema]),
    )
    raw = read_trips(parquet(table), "x")
    assert [(i.row, i.column, i.value) for i in raw.issues] == [
        (3, "vehicle_id", "empty"),
        (4, "vehicle_id", "empty"),
    ]
    assert raw.table.num_rows == 1


def test_rows_and_bytes_are_limited_by_what_the_file_announces():
    data = write_parquet([honest(n) for n in range(20)])
    with pytest.raises(TooManyRows) as rows:
        read_trips(data, "x", options=ReadOptions(rows_max=19))
    assert (rows.value.rows, rows.value.rows_max) == (20, 19)
    bomb = from_trips([honest(1, source="x" * 200)] * 5_000)
    packed = io.BytesIO()
    pq.write_table(bomb, packed, compression="zstd", use_dictionary=False)
    size = len(packed.getvalue())
    with pytest.raises(ExpandsTooLarge):
        read_trips(packed.getvalue(), "x", options=ReadOptions(size_bytes_max=size))


# --- NDJSON --------------------------------------------------------------------------------------

LINE = (
    '{"vehicle_id": "007", "start_at": "2024-05-06T12:00:00Z", "end_at": "2024-05-06T12:30:00Z",'
    ' "distance_m": 20000, "distance_source": "gps", "source": "test", "source_record_id": "r1"}'
)


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("20000", '"20000"', "distance_m", "unreadable_value"),  # a text is no integer
        ("20000", "20000.0", "distance_m", "unreadable_value"),
        ("20000", "true", "distance_m", "unreadable_value"),
        ("20000", "NaN", "", "unreadable_value"),
        ("20000", "99999999999999999999", "distance_m", "unreadable_value"),
        ('"007"', "7", "vehicle_id", "unreadable_value"),  # 007 would be lost
        ('"007"', "null", "vehicle_id", "unreadable_value"),
        ('"007"', '"\\ud800"', "", "unreadable_value"),  # half a character
        ('"007"', '"007", "vehicle_id": "v2"', "", "unreadable_value"),  # told twice
        ('"distance_m"', '"distance_km"', "distance_km", "unknown_field"),
        ("06T12:30", "32T12:30", "end_at", "impossible_date"),
        ("}", "", "", "unreadable_value"),
    ],
)
def test_a_bad_line_of_json_is_dropped_alone(old, new, column, code):
    raw = read_trips("\n".join([LINE, LINE.replace(old, new, 1), "", LINE]).encode(), "made")
    assert [(i.row, i.column, i.code) for i in raw.issues] == [(2, column, code)]
    assert raw.table["row"].to_pylist() == [1, 4]
    assert raw.rows_read == 3


def test_one_line_alone_and_a_null_are_read():
    raw = read_trips(LINE.replace("}", ', "driver_id": null}').encode(), "made")
    assert (raw.format, to_trips(raw.table)) == ("canonical_json", [honest(vehicle_id="007")])


def test_an_array_is_read_as_its_lines_are():
    raw = read_trips(f"[{LINE},\n{LINE.replace('r1', 'r2')}]".encode(), "made")
    assert raw.format == "canonical_json"
    assert to_trips(raw.table) == [honest(n, vehicle_id="007") for n in (1, 2)]
    assert raw.table["row"].to_pylist() == [2, 3]  # as below a header


def test_the_rows_of_json_are_limited_too():
    with pytest.raises(TooManyRows) as caught:
        read_trips(f"{LINE}\n{LINE}\n".encode(), "made", options=ReadOptions(rows_max=1))
    assert (caught.value.rows, caught.value.rows_max) == (2, 1)
