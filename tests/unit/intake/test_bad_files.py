"""A file that is not what it claims gets a typed error with the values in it."""

import gzip
import io
import zipfile
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from carbonbank.errors import (
    BrokenJson,
    BrokenParquet,
    EmptyFile,
    ExpandsTooLarge,
    FileTooLarge,
    InputError,
    MixedDelimiters,
    NoRows,
    NotText,
    TooManyRows,
    UnknownColumns,
    UnknownFormat,
    UnknownOption,
    WrongColumnType,
)
from carbonbank.intake import FORMATS, ReadOptions, check_size, read_bounded, read_trips
from carbonbank.intake.reader import FileReader
from carbonbank.intake.upload import plain_name
from carbonbank.mrv.rules import CAR
from carbonbank.mrv.trips import validate

HEADER = "vehicle_id,start_at,end_at,distance_m,distance_source,source,source_record_id"
ROW = "v1,2024-05-06T12:00:00Z,2024-05-06T12:30:00Z,20000,gps,test,r1"
GOOD = f"{HEADER}\n{ROW}\n".encode()


def refused(kind: type[InputError], data: bytes, filename="trips.csv", **options):
    with pytest.raises(kind) as caught:
        read_trips(data, filename, options=ReadOptions(**options))
    error = caught.value
    assert type(error) is kind
    assert error.hint
    assert str(error)
    return error


def zipped() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("trips.csv", GOOD)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("data", "found", "offset"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG picture", 0),
        (b"%PDF-1.7 ...", "a PDF document", 0),
        (zipped(), "a ZIP archive or a document", 0),
        (GOOD.decode().encode("utf-16"), "UTF-16 text", 0),
        (GOOD + b"\x00", "a NUL byte", len(GOOD)),
        (GOOD + b"v\xe9lo", "byte 0xe9, which is not UTF-8", len(GOOD) + 1),
        (gzip.compress(b"\x89PNG....", mtime=0), "a PNG picture", 0),
        (gzip.compress(gzip.compress(GOOD, mtime=0), mtime=0), "gzip inside gzip", 0),
    ],
)
def test_what_is_no_text(data, found, offset):
    error = refused(NotText, data)
    assert (error.found, error.offset_bytes) == (found, offset)


def test_a_torn_gzip_file():
    assert "gzip" in refused(NotText, gzip.compress(GOOD, mtime=0)[:-12]).found
    assert "gzip" in refused(NotText, b"\x1f\x8bnot really").found


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", gzip.compress(b"", mtime=0)])
def test_an_empty_file(data):
    assert refused(EmptyFile, data).filename == "trips.csv"


@pytest.mark.parametrize("data", [HEADER.encode(), f"{HEADER}\n\n\n".encode()])
def test_a_header_alone(data):
    assert refused(NoRows, data).format == "canonical_csv"


def test_unknown_columns_name_the_nearest_format_and_the_unit():
    data = GOOD.replace(b"distance_m,", b"distance_km,")
    error = refused(UnknownColumns, data)
    assert error.format == "canonical_csv"
    assert error.missing == ["distance_m"]
    assert error.unexpected == ["distance_km"]
    assert "distance_km looks like distance_m in another unit" in error.advice
    assert "distance_km" in error.found
    assert "distance_m" in error.expected
    assert "distance_km" in str(error)


def test_a_column_told_twice_is_unknown():
    twice = GOOD.replace(b"_record_id", b"_record_id,distance_m").replace(b",r1", b",r1,9")
    assert refused(UnknownColumns, twice).unexpected == ["distance_m"]


@pytest.mark.parametrize("data", [b"hello", b'{"trips": [{}]}', b"<html></html>", b"a" * 200_000])
def test_any_other_text_has_unknown_columns(data):
    assert refused(UnknownColumns, data).missing


def test_a_log_with_a_column_missing_is_nearest_to_that_log():
    header = b"Date,Time,Soc,Speed,Mode,LAT,LON\n7/1/2021,10:00:00,1,1,D,1,1\n"
    assert refused(UnknownColumns, header).format == "twizy_log"


def test_mixed_delimiters():
    error = refused(MixedDelimiters, f"{HEADER}\n{ROW.replace(',', ';')}\n".encode())
    assert (error.columns, error.row, error.row_columns, error.rows) == (7, 2, 1, 1)


def test_a_line_that_is_longer_than_any_row():
    assert "4194304 bytes" in refused(NotText, GOOD + b"v1," + b"9" * 9_000_000 + b"\n").found


def test_wrong_units_in_a_right_column_fall_row_by_row():
    raw = read_trips(GOOD.replace(b"20000", b"20"), "trips.csv")  # 20 km as 20
    valid = validate(raw, CAR, datetime(2026, 1, 1, tzinfo=UTC))
    assert [issue.code for issue in valid.issues] == ["speed_too_low"]
    assert "metres" in valid.issues[0].hint


# --- JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b'{"trips": [',
        b"[1, 2",
        b"[" * 100_000,
        b'[{"a": NaN}]',
        b'[{"a": 1, "a": 2}]',
        b'[{"a": "\\udc00"}]',
        b'{"trips": []} and more',
    ],
)
def test_broken_json(data):
    assert refused(BrokenJson, data).reason


@pytest.mark.parametrize("data", [b'{"trips": []}', b"[]", b'\xef\xbb\xbf{"result": []}'])
def test_an_empty_list(data):
    assert refused(NoRows, data).format == "JSON"


def test_a_document_is_limited_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr("carbonbank.intake.json_text.DOCUMENT_BYTES_MAX", 10)
    assert refused(FileTooLarge, b'{"trips":\n [{}]}').size_bytes_max == 10


def test_too_many_records():
    error = refused(TooManyRows, b"[{}, {}]", rows_max=1)
    assert (error.rows, error.rows_max) == (2, 1)


# --- size ----------------------------------------------------------------------------------------


class Unreadable(io.RawIOBase):
    """A stream nobody may touch."""

    def read(self, size=-1):
        raise AssertionError(size)


class Endless(io.RawIOBase):
    """A stream that never ends, and counts what was taken."""

    taken = 0

    def read(self, size=-1):
        assert size > 0
        self.taken += size
        return bytes(size)


def test_two_gigabytes_are_refused_before_a_byte_is_read():
    with pytest.raises(FileTooLarge) as caught:
        read_bounded(Unreadable(), size_bytes=2_000_000_000)
    assert caught.value.fields == {"size_bytes": 2_000_000_000, "size_bytes_max": 2**30}


def test_a_stream_that_lies_about_its_size_is_refused_one_byte_beyond():
    stream = Endless()
    with pytest.raises(FileTooLarge) as caught:
        read_bounded(stream, size_bytes=10, size_bytes_max=3_000_000)
    assert caught.value.size_bytes == stream.taken == 3_000_001


def test_a_stream_within_the_limit_is_read_whole():
    assert read_bounded(io.BytesIO(b"x" * 10), size_bytes_max=10) == b"x" * 10
    check_size(10, 10)


def test_data_over_the_limit():
    error = refused(FileTooLarge, GOOD, size_bytes_max=10)
    assert (error.size_bytes, error.size_bytes_max) == (len(GOOD), 10)


def test_a_gzip_bomb_is_expanded_no_further_than_the_limit():
    bomb = gzip.compress(b"0" * 20_000_000, mtime=0)
    error = refused(ExpandsTooLarge, bomb, size_bytes_max=100_000)
    assert (error.size_bytes, error.size_bytes_max) == (len(bomb), 100_000)


def test_too_many_rows():
    error = refused(TooManyRows, GOOD + ROW.encode() + b"\n", rows_max=1)
    assert (error.rows, error.rows_max) == (2, 1)


# --- Parquet -------------------------------------------------------------------------------------


def parquet(**columns) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def canonical(**changes):
    moment = pa.array([0], pa.timestamp("s", "UTC"))
    columns = {
        "vehicle_id": ["v1"], "start_at": moment, "end_at": moment, "distance_m": [1],
        "distance_source": ["gps"], "source": ["x"], "source_record_id": ["r1"],
    }  # fmt: skip
    return parquet(**{**columns, **changes})


def test_parquet_by_its_first_bytes_alone():
    assert refused(BrokenParquet, b"PAR1" + GOOD, "trips.parquet").size_bytes == len(GOOD) + 4
    assert refused(BrokenParquet, canonical()[:-20]).reason
    wrong = b"PAR2" + canonical()[4:]
    assert refused(NotText, wrong, "trips.parquet").found == "a NUL byte"


def test_parquet_with_unknown_columns():
    assert refused(UnknownColumns, canonical(distance_km=[1])).unexpected == ["distance_km"]


def test_parquet_without_rows():
    assert refused(NoRows, canonical_empty()).format == "canonical_parquet"


def canonical_empty() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(canonical())).slice(0, 0), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("distance_m", pa.array([1.5])),
        ("distance_m", pa.array([2**64 - 1], pa.uint64())),
        ("vehicle_id", pa.array([7])),  # 007 would be lost
        ("start_at", pa.array([0], pa.timestamp("s"))),  # whose midnight?
        ("start_at", pa.array([1], pa.timestamp("ms", "UTC"))),
        ("start_at", pa.array(["2024-05-06T12:00:00Z"])),
    ],
)
def test_parquet_of_other_types(column, values):
    error = refused(WrongColumnType, canonical(**{column: values}))
    assert error.column == column
    assert error.found != error.expected


# --- options -------------------------------------------------------------------------------------


def test_an_unknown_format_and_one_that_does_not_fit():
    with pytest.raises(UnknownFormat) as unknown:
        read_trips(GOOD, "x", format="xlsx")
    assert unknown.value.known == list(FORMATS)
    with pytest.raises(UnknownFormat) as other:
        read_trips(GOOD, "x", format="twizy_log")
    assert other.value.known == ["canonical_csv"]
    assert read_trips(GOOD, "x", format="canonical_csv").format == "canonical_csv"


def test_an_unknown_zone():
    data = (
        b"sampno,vehno,day_id,trip_id,start_ts,end_ts,max_speed,max_gap_between_samples_s,"
        b"non_recorded_time_hrs,absolute_time_duration_hrs,distance_km,implied_kmh\n"
        b"1,1,1,1,2007-08-25 11:07:26,2007-08-25 11:08:36,6,1.0,0,0,0.08,4\n"
    )
    assert refused(UnknownOption, data, zone="Mars/Olympus").value == "Mars/Olympus"
    assert refused(UnknownOption, data, zone="../../etc/passwd").option == "zone"


def test_the_port_takes_plain_options():
    reader = FileReader(ReadOptions(size_bytes_max=1_000))
    raw = reader.read(GOOD, "x.csv", {"format": None, "zone": None, "vehicle_id": "v"})
    assert raw.table.num_rows == 1
    with pytest.raises(FileTooLarge):
        reader.read(bytes(1_001), "x.csv", {})
    for options in ({"size_bytes_max": "9"}, {"vehicle_id": 7}, {"driver_pattern": "a\nb"}):
        with pytest.raises(UnknownOption):
            reader.read(GOOD, "x.csv", options)


@pytest.mark.parametrize(
    ("filename", "name"),
    [("a/b/c.csv.gz", "c.csv"), ("C:\\x\\y.csv", "y.csv"), ("", "upload"), ("../..", "..")],
)
def test_record_ids_know_no_folders(filename, name):
    assert plain_name(filename) == name
