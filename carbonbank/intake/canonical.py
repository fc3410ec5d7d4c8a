"""The bank's own columns, as CSV, Parquet and JSON: what is written is read back the same."""

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.trip import COLUMNS, Trip
from carbonbank.errors import BrokenParquet, ExpandsTooLarge, NoRows, TooManyRows, WrongColumnType
from carbonbank.intake.json_text import Number
from carbonbank.intake.text_table import TextTable, read_text_table
from carbonbank.intake.upload import Upload, issue_at
from carbonbank.mrv.trips import RAW_SCHEMA, REQUIRED, TRIP_SCHEMA, RawTrips, from_trips

CSV_NAME = "canonical_csv"
PARQUET_NAME = "canonical_parquet"
JSON_NAME = "canonical_json"

# At most 18 digits always fit in 64 bits; the one longer number that devices send is a sentinel.
_INTEGER = r"^(-?[0-9]{1,18}|9223372036854775807)$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$"
_TEXT = r"^[^\p{Cc}]{1,200}$"
_SOURCE = r"^(odometer|wheel|gps)$"
_SOURCES = pa.array(["odometer", "wheel", "gps"])

# The same for nearly all cells as bytes: the least of each, and how far above it is still fine.
_PLAIN_DIGITS = np.uint8(0x30), np.uint8(9), 18
_PLAIN_TEXT = np.uint8(0x20), np.uint8(0x7E - 0x20), 200
_MOMENT_SHAPE = np.frombuffer(b"0000-00-00T00:00:00Z", dtype=np.uint8)
_PLAIN_MOMENT = _MOMENT_SHAPE, np.where(_MOMENT_SHAPE == 0x30, 9, 0).astype(np.uint8)
_PLAIN_LENGTH = {"min": 20, "max": 20}

# What pyarrow raises over a broken file; names of columns may be no UTF-8.
_BROKEN = (pa.ArrowException, OSError, UnicodeDecodeError)

Mask = npt.NDArray[np.bool_]


def read_csv(upload: Upload, delimiter: str = ",") -> RawTrips:
    """Read canonical CSV; optional columns may be left out, empty cells are absent values."""
    return _of_text(read_text_table(upload, CSV_NAME, delimiter), CSV_NAME)


def read_records(rows: Iterable[tuple[int, dict[str, Any] | str]]) -> RawTrips:
    """Read canonical JSON: texts are JSON strings, integers JSON numbers; null is as absent."""
    issues: list[RowIssue] = []
    lines: list[int] = []
    cells: dict[str, list[str]] = {field.name: [] for field in TRIP_SCHEMA}
    rows_read = 0
    for row, record in rows:
        rows_read += 1
        if isinstance(record, str):
            issues.append(issue_at(row, "unreadable_value", "", record, "a JSON object"))
            continue
        wrong = next((name for name, value in record.items() if not _is_cell(name, value)), None)
        if wrong is not None:
            code = "unreadable_value" if wrong in cells else "unknown_field"
            issues.append(issue_at(row, code, wrong[:80], str(record[wrong])))
            continue
        lines.append(row)
        for name, values in cells.items():
            values.append(record.get(name) or "")
    columns = {name: pa.array(values, pa.string()) for name, values in cells.items()}
    return _of_text(TextTable(columns, np.array(lines, np.int64), issues, rows_read), JSON_NAME)


def _is_cell(name: str, value: object) -> bool:
    """Say whether a JSON value has the type of its column; `"5"` is no integer, 7 no text."""
    if name not in TRIP_SCHEMA.names:
        return False
    is_integer = pa.types.is_integer(TRIP_SCHEMA.field(name).type)
    return value is None or (isinstance(value, str) and isinstance(value, Number) == is_integer)


def _of_text(table: TextTable, format_name: str) -> RawTrips:
    issues = table.issues
    good = np.ones(len(table.lines), dtype=bool)
    arrays: dict[str, pa.Array] = {}
    for field in TRIP_SCHEMA:
        if field.name not in table.columns:
            arrays[field.name] = pa.nulls(len(table.lines), field.type)
            continue
        array, fits = _typed(table.columns[field.name], field, table.lines, issues)
        arrays[field.name] = array
        good &= fits
    arrays["row"] = pa.array(table.lines)
    return RawTrips(
        table=_strict(pa.table(arrays).filter(pa.array(good))),
        issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
        format=format_name,
        rows_read=table.rows_read,
    )


def read_parquet(upload: Upload) -> RawTrips:
    """Read canonical Parquet; integers of any width and times of any zone and unit fit.

    Raises:
        BrokenParquet: not readable as Parquet.
        TooManyRows: it announces more rows than the options allow.
        ExpandsTooLarge: it announces more bytes than the options allow.
        NoRows: no row in it.
        WrongColumnType: a column holds another type, such as fractions or times without a zone.
    """
    try:
        found = _bounded(upload)
    except _BROKEN as error:
        raise BrokenParquet(
            filename=upload.filename, size_bytes=len(upload.content), reason=str(error)
        ) from error
    if found.num_rows == 0:
        raise NoRows(filename=upload.filename, format=PARQUET_NAME)
    lines = np.arange(2, found.num_rows + 2, dtype=np.int64)  # as if below a header, like CSV
    issues: list[RowIssue] = []
    good = np.ones(found.num_rows, dtype=bool)
    arrays: dict[str, pa.Array] = {}
    for field in TRIP_SCHEMA:
        if field.name not in found.column_names:
            arrays[field.name] = pa.nulls(found.num_rows, field.type)
            continue
        column = _cast(upload, found[field.name], field)
        fits = _fits(column, field)
        _tell(lines, fits, field.name, column, "unreadable_value", issues)
        arrays[field.name] = column
        good &= fits
    arrays["row"] = pa.array(lines)
    return RawTrips(
        table=_strict(pa.table(arrays).filter(pa.array(good))),
        issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
        format=PARQUET_NAME,
        rows_read=found.num_rows,
    )


def parquet_columns(upload: Upload) -> list[str]:
    """Return the column names of a Parquet file.

    Raises:
        BrokenParquet: not readable as Parquet.
    """
    try:
        names: list[str] = pq.read_schema(io.BytesIO(upload.content)).names
    except _BROKEN as error:
        raise BrokenParquet(
            filename=upload.filename, size_bytes=len(upload.content), reason=str(error)
        ) from error
    return names


def write_csv(trips: Sequence[Trip]) -> bytes:
    """Write trips as canonical CSV."""
    sink = io.BytesIO()
    pacsv.write_csv(_with_iso_times(trips), sink, pacsv.WriteOptions(quoting_style="needed"))
    return sink.getvalue()


def write_parquet(trips: Sequence[Trip]) -> bytes:
    """Write trips as canonical Parquet."""
    sink = io.BytesIO()
    pq.write_table(from_trips(trips), sink)
    return sink.getvalue()


def write_ndjson(trips: Sequence[Trip]) -> bytes:
    """Write trips as canonical NDJSON, one trip a line; absent values are left out."""
    records = (
        {name: value for name, value in record.items() if value is not None}
        for record in _with_iso_times(trips).to_pylist()
    )
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def _with_iso_times(trips: Sequence[Trip]) -> pa.Table:
    table = from_trips(trips)
    for place, field in enumerate(TRIP_SCHEMA):
        if pa.types.is_timestamp(field.type):
            text = pc.strftime(table[field.name], format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(place, field.name, text)
    return table


def template_csv() -> bytes:
    """Return the header line of canonical CSV, to fill in."""
    return ",".join(COLUMNS).encode() + b"\n"


def _bounded(upload: Upload) -> pa.Table:
    """Read a Parquet file whose announced rows and bytes are within the limits."""
    file = pq.ParquetFile(io.BytesIO(upload.content))
    meta, options = file.metadata, upload.options
    if meta.num_rows > options.rows_max:
        raise TooManyRows(filename=upload.filename, rows=meta.num_rows, rows_max=options.rows_max)
    expanded = sum(meta.row_group(place).total_byte_size for place in range(meta.num_row_groups))
    if expanded > options.size_bytes_max:
        raise ExpandsTooLarge(
            filename=upload.filename,
            size_bytes=len(upload.content),
            size_bytes_max=options.size_bytes_max,
        )
    table = file.read()
    # A typed file can lie about text being UTF-8: in cells, in names, in time zones.
    table.validate(full=True)
    for field in table.schema:
        getattr(field.type, "tz", None)
    return table


def _typed(
    cells: pa.Array, field: pa.Field, lines: npt.NDArray[np.int64], issues: list[RowIssue]
) -> tuple[pa.Array, Mask]:
    """Return a column in its type, and which cells fit; an issue for each that does not."""
    length = pc.binary_length(cells)
    if field.nullable and not pc.max(length).as_py():
        return pa.nulls(len(cells), field.type), np.ones(len(cells), dtype=bool)
    values = cells
    if not pc.min(length).as_py():
        values = pc.if_else(pc.equal(length, 0), pa.scalar(None, pa.string()), cells)
    fits = np.ones(len(cells), dtype=bool)
    if (values.null_count and not field.nullable) or not _all_plain(values, field):
        shaped = pc.fill_null(_shaped(values, field), field.nullable)
        fits = shaped.to_numpy(zero_copy_only=False)
        _tell(lines, fits, field.name, cells, "unreadable_value", issues)
        values = pc.if_else(shaped, values, pa.scalar(None, pa.string()))
    try:
        return values.cast(field.type), fits
    except pa.ArrowInvalid:  # some day is not in the calendar: find out which, one by one
        moments = [_moment(text) for text in values.to_pylist()]
    possible = np.array([moment is not None for moment in moments]) | ~fits
    _tell(lines, possible, field.name, cells, "impossible_date", issues)
    return pa.array(moments, pa.timestamp("s", "UTC")), fits & possible


def _all_plain(values: pa.Array, field: pa.Field) -> bool:
    """Say from the bytes of all cells together whether each surely has its column's shape.

    Digits for integers, printable ASCII for texts, whole seconds in UTC; what is null is skipped.
    A closed list of words has no such look.
    """
    if field.name == "distance_source":
        return False
    lengths = pc.min_max(pc.binary_length(values)).as_py()
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[values.offset :][: len(values) + 1]
    chars = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]]
    if pa.types.is_timestamp(field.type):
        if lengths != _PLAIN_LENGTH:
            return False
        lowest, above = (np.tile(part, len(values)) for part in _PLAIN_MOMENT)
        return bool((chars - lowest <= above).all())
    least, span, longest = _PLAIN_DIGITS if pa.types.is_integer(field.type) else _PLAIN_TEXT
    return bool(lengths["max"] <= longest and (chars - least <= span).all())


def _shaped(values: pa.Array, field: pa.Field) -> pa.Array:
    """Say which texts have the shape of a column's type; null where there is none.

    Most are plain, which simple kernels tell; the patterns look at the others alone.
    """
    if pa.types.is_timestamp(field.type):
        return pc.match_substring_regex(values, _MOMENT)
    if field.name == "distance_source":
        return pc.is_in(values, value_set=_SOURCES)
    length = pc.binary_length(values)
    if pa.types.is_integer(field.type):
        shape = _INTEGER
        plain = pc.and_(pc.ascii_is_decimal(values), pc.less_equal(length, 18))
    else:
        shape = _TEXT
        ascii_text = pc.and_(pc.string_is_ascii(values), pc.ascii_is_printable(values))
        plain = pc.and_(ascii_text, pc.less_equal(length, 200))
    others = pc.fill_null(pc.invert(plain), False)
    if not pc.any(others).as_py():
        return plain
    told = pc.match_substring_regex(values.filter(others), shape)
    return pc.replace_with_mask(plain, others, told)


def _moment(text: str | None) -> pa.Scalar | None:
    if text is None:
        return None
    try:
        return pa.scalar(text).cast(pa.timestamp("s", "UTC")).as_py()
    except pa.ArrowInvalid:
        return None


def _cast(upload: Upload, column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """Cast a typed column where nothing is lost or guessed."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    alike = (
        (pa.types.is_integer(kind) and pa.types.is_integer(field.type))
        or (_is_text(kind) and _is_text(field.type))
        or (pa.types.is_timestamp(kind) and pa.types.is_timestamp(field.type) and kind.tz)
        or (pa.types.is_null(kind) and field.nullable)
    )
    try:
        if alike:
            return column.cast(field.type)
    except pa.ArrowInvalid:
        kind = f"{kind} with values that do not fit"
    raise WrongColumnType(
        filename=upload.filename, column=field.name, found=str(kind), expected=str(field.type)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _fits(column: pa.ChunkedArray, field: pa.Field) -> Mask:
    """Say which cells of a typed column fit: required ones are there, text is plain."""
    if not _is_text(field.type):
        present = pc.is_valid(column) if not field.nullable else None
        whole = np.ones(len(column), dtype=bool)
        return whole if present is None else np.asarray(present.to_numpy(), dtype=bool)
    shape = _SOURCE if field.name == "distance_source" else _TEXT
    shaped = pc.fill_null(pc.match_substring_regex(column, shape), field.nullable)
    return np.asarray(shaped.to_numpy(), dtype=bool)


def _tell(
    lines: npt.NDArray[np.int64],
    fits: Mask,
    column: str,
    cells: pa.Array | pa.ChunkedArray,
    code: str,
    issues: list[RowIssue],
) -> None:
    required = "required, " if column in REQUIRED else ""
    limit = f"{required}{TRIP_SCHEMA.field(column).type}"
    for place in np.flatnonzero(~fits):
        value = cells[int(place)].as_py()
        text = "empty" if value in (None, "") else str(value)
        issues.append(issue_at(int(lines[place]), code, column, text, limit))


def _strict(table: pa.Table) -> pa.Table:
    """Return the table in `RAW_SCHEMA`: every required cell is there by now."""
    return table.select(RAW_SCHEMA.names).cast(RAW_SCHEMA)
