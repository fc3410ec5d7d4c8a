"""Workbooks: as CSV where they can be, refused where a spreadsheet hides what it means."""

import io
import random
import zipfile
from datetime import UTC, datetime

import pytest
from openpyxl import Workbook, load_workbook

from carbonbank.domain.trip import COLUMNS, Trip, iso_at, trip_record
from carbonbank.errors import (
    BrokenWorkbook,
    DateIsNumber,
    ExpandsTooLarge,
    FormulaWithoutValue,
    InputError,
    MergedHeader,
    NoRows,
    NotText,
    SheetNotNamed,
    TooManyRows,
    UnknownColumns,
    ZoneNotNamed,
)
from carbonbank.intake import ReadOptions, read_trips
from carbonbank.intake.workbook import template_xlsx
from carbonbank.mrv.trips import to_trips
from tests.unit.intake.vendor_samples import TESLAMATE

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
TRIP = Trip(
    vehicle_id="007",
    start_at=NOON,
    end_at=NOON.replace(minute=30),
    distance_m=20_000,
    distance_source="odometer",
    energy_grid_wh=3_000,
    source="test",
    source_record_id="r1",
)
ROW = ["" if value is None else value for value in trip_record(TRIP).values()]
HEADER = list(COLUMNS)


def book(*sheets, change=None):
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if change:
        change(made)
    sink = io.BytesIO()
    made.save(sink)
    return sink.getvalue()


def read(data, **options):
    return read_trips(data, "trips.xlsx", options=ReadOptions(**options))


def row_with(**cells):
    return [cells.get(name, value) for name, value in zip(HEADER, ROW, strict=True)]


def test_a_sheet_is_read_as_its_columns_say():
    raw = read(book(("trips", [HEADER, ROW, [], [*ROW[:-1], "r2"]])))
    assert raw.format == "canonical_xlsx"
    first, _ = to_trips(raw.table)
    assert first == TRIP
    assert raw.table["row"].to_pylist() == [2, 4]  # the sheet's own rows
    assert raw.issues == ()


def test_whole_numbers_are_whole_whatever_the_spreadsheet_makes_of_them():
    raw = read(book(("trips", [HEADER, row_with(distance_m=20000.0, energy_grid_wh=3000.5)])))
    assert [(i.row, i.column, i.code, i.value) for i in raw.issues] == [
        (2, "energy_grid_wh", "unreadable_value", "3000.5")
    ]


def test_dates_are_of_the_zone_that_the_caller_names():
    start = datetime(2024, 5, 6, 12)  # noqa: DTZ001 - as a cell holds it
    data = book(("trips", [HEADER, row_with(start_at=start, end_at=start.replace(minute=30))]))
    with pytest.raises(ZoneNotNamed):
        read(data)
    (trip,) = to_trips(read(data, zone="Europe/Lisbon").table)
    assert iso_at(trip.start_at) == "2024-05-06T11:00:00Z"


def test_the_hours_of_the_clock_change_are_told():
    skipped, double = datetime(2024, 3, 31, 1, 30), datetime(2024, 10, 27, 1, 30)  # noqa: DTZ001
    rows = [
        row_with(start_at=skipped, end_at=skipped.replace(hour=3)),
        row_with(start_at=double, end_at=double.replace(hour=3)),
    ]
    raw = read(book(("trips", [HEADER, *rows])), zone="Europe/Lisbon")
    assert [(i.row, i.code) for i in raw.issues] == [
        (2, "impossible_date"),
        (3, "ambiguous_local_time"),
    ]
    (trip,) = to_trips(raw.table)
    assert iso_at(trip.start_at) == "2024-10-27T00:30:00Z"  # the first of the two


def test_a_date_that_is_a_number_is_refused():
    with pytest.raises(DateIsNumber) as caught:
        read(book(("trips", [HEADER, ROW, row_with(start_at=45418.5)])))
    assert (caught.value.column, caught.value.row, caught.value.value) == ("start_at", 3, "45418.5")


def test_a_formula_without_its_value_is_refused():
    with pytest.raises(FormulaWithoutValue) as caught:
        read(book(("trips", [HEADER, row_with(distance_m="=10000+10000")])))
    assert (caught.value.sheet, caught.value.cell) == ("trips", "E2")


def test_a_formula_with_its_value_counts_by_it():
    data = book(("trips", [HEADER, row_with(distance_m="=10000+10000")]))
    cached = _with_part(
        data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v />", b"<v>20000</v>")
        .replace(b"<v/>", b"<v>20000</v>").replace(b"<v></v>", b"<v>20000</v>")
    )  # fmt: skip
    (trip,) = to_trips(read(cached).table)
    assert trip.distance_m == 20_000


def test_a_merged_header_is_refused():
    with pytest.raises(MergedHeader) as caught:
        read(book(("trips", [HEADER, ROW]), change=lambda b: b["trips"].merge_cells("A1:C1")))
    assert caught.value.cells == "A1:C1"


def test_merged_cells_below_the_header_are_empty():
    data = book(("trips", [HEADER, ROW, ROW]), change=lambda b: b["trips"].merge_cells("A2:A3"))
    raw = read(data)
    assert [(i.row, i.column) for i in raw.issues] == [(3, "vehicle_id")]


def test_the_sheet_of_a_known_format_is_read_of_several():
    notes = ("notes", [["What", "Why"], ["this", "that"]])
    assert read(book(notes, ("trips", [HEADER, ROW]))).table.num_rows == 1
    both = book(("may", [HEADER, ROW]), ("june", [HEADER, ROW, ROW]))
    with pytest.raises(SheetNotNamed) as caught:
        read(both)
    assert caught.value.sheets == ["may", "june"]
    assert read(both, sheet="june").rows_read == 2
    with pytest.raises(SheetNotNamed):
        read(both, sheet="july")
    with pytest.raises(UnknownColumns):
        read(book(notes))


def test_a_table_of_a_vendor_may_be_a_sheet():
    rows = [line.split(",") for line in TESLAMATE.decode().splitlines()]
    raw = read(book(("drives", rows)))
    assert raw.format == "teslamate_drives"
    assert [trip.distance_m for trip in to_trips(raw.table)] == [25_543]


def test_the_template_is_text_and_empty():
    data = template_xlsx()
    with pytest.raises(NoRows):
        read(data)
    filled = load_workbook(io.BytesIO(data))
    filled["trips"].append(ROW)
    sink = io.BytesIO()
    filled.save(sink)
    assert to_trips(read(sink.getvalue()).table) == [TRIP]


# --- archives that are no workbooks ------------------------------------------------------------


def _with_part(data, name, change):
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(sink, "w", 8) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    return sink.getvalue()


def test_entities_are_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>'

    def change(xml):
        return xml.replace(b"<worksheet", bomb + b"<worksheet", 1)

    data = _with_part(book(("trips", [HEADER, ROW])), "xl/worksheets/sheet1.xml", change)
    with pytest.raises(BrokenWorkbook) as caught:
        read(data)
    assert "DTDForbidden" in caught.value.reason


def test_an_archive_that_grows_without_bound_is_refused():
    data = _with_part(
        book(("trips", [HEADER, ROW])), "xl/styles.xml", lambda xml: xml + b" " * 5_000_000
    )
    assert len(data) < 100_000
    with pytest.raises(ExpandsTooLarge):
        read(data, size_bytes_max=1_000_000)


def test_dimensions_are_not_believed():
    def far(xml):
        return xml.replace(b'<row r="2"', b'<row r="900000"')

    data = _with_part(book(("trips", [HEADER, ROW])), "xl/worksheets/sheet1.xml", far)
    with pytest.raises(TooManyRows):
        read(data, rows_max=1000)


def test_other_archives_are_no_workbooks():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("trips.csv", "a,b")
    with pytest.raises(NotText):
        read(sink.getvalue())


def test_damage_is_an_issue_or_a_typed_error():
    whole, rng, refused = book(("trips", [HEADER, ROW])), random.Random(5), 0
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 3, 10])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            read(bytes(data[: rng.choice([len(data), rng.randrange(len(data))])]))
        except InputError as error:
            refused += bool(str(error))
    assert refused > 0


def test_damage_inside_the_archive_is_an_issue_or_a_typed_error():
    whole, rng, refused = book(("trips", [HEADER, ROW])), random.Random(6), 0
    parts = ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]

    def hurt(xml):
        data = bytearray(xml)
        for _ in range(rng.choice([1, 2])):
            place = rng.randrange(len(data))
            data[place : place + rng.randrange(4)] = rng.choice([b"9", b"<", b"-1", b"", b"A1"])
        return bytes(data)

    for _ in range(80):
        try:
            read(_with_part(whole, rng.choice(parts), hurt))
        except InputError as error:
            refused += bool(str(error))
    assert refused > 0
