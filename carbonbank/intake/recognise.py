"""Which format a file is of, from its content alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.mapping import ColumnMapping, header_hash
from carbonbank.domain.trip import COLUMNS
from carbonbank.errors import (
    ChargesNotTrips,
    EmptyFile,
    NotText,
    SheetNotNamed,
    UnknownColumns,
    ZoneNotNamed,
)
from carbonbank.intake import (
    canonical,
    car_scanner_log,
    cmap_table,
    geotab_trips,
    gpx_tracks,
    mapped_table,
    mds_trips,
    ocpi_cdrs,
    samsara_stats,
    samsara_trips,
    teslamate_charges,
    teslamate_drives,
    torque_log,
    traccar_trips,
    twizy_log,
    workbook,
)
from carbonbank.intake.json_text import (
    document_records,
    first_line_record,
    line_records,
    looks_like_json,
)
from carbonbank.intake.text_table import DELIMITERS, header_of
from carbonbank.intake.upload import Upload
from carbonbank.mrv.trips import REQUIRED, RawTrips

_PARQUET_MAGIC = b"PAR1"

# First bytes of what people upload by mistake.
_OTHERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or a document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"BZh", "a bzip2 file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """A format with columns of its own: all of them, those it can not do without, its reader."""

    name: str
    columns: Sequence[str]
    required: Sequence[str]
    read: Callable[[Upload, str], RawTrips]

    def fits(self, header: Sequence[str]) -> bool:
        """Say whether a header is of this format; the order of columns is free."""
        once = len(set(header)) == len(header)
        return once and set(self.required) <= set(header) <= set(self.columns)


TEXT_FORMATS = (
    TextFormat(
        name=canonical.CSV_NAME, columns=COLUMNS, required=REQUIRED, read=canonical.read_csv
    ),
    TextFormat(
        name=twizy_log.NAME,
        columns=twizy_log.COLUMNS,
        required=twizy_log.COLUMNS,
        read=twizy_log.read,
    ),
    TextFormat(
        name=cmap_table.NAME,
        columns=cmap_table.COLUMNS,
        required=cmap_table.COLUMNS,
        read=cmap_table.read,
    ),
)
_CANONICAL_PARQUET = TextFormat(
    name=canonical.PARQUET_NAME,
    columns=COLUMNS,
    required=REQUIRED,
    read=lambda upload, _: canonical.read_parquet(upload),
)
_CANONICAL_JSON = TextFormat(
    name=canonical.JSON_NAME,
    columns=COLUMNS,
    required=REQUIRED,
    read=lambda upload, _: canonical.read_records(line_records(upload)),
)
RECORD_FORMATS = (
    traccar_trips.FORMAT,
    geotab_trips.FORMAT,
    teslamate_drives.FORMAT,
    mds_trips.FORMAT,
    samsara_trips.FORMAT,
)
# What an error names as nearest; further columns are no mistake there.
_TABLES_OF_RECORDS = tuple(
    TextFormat(
        name=known.name, columns=known.required, required=known.required, read=known.read_table
    )
    for known in RECORD_FORMATS
)
# Logs whose columns the user of an app chooses.
LOGS = (torque_log, car_scanner_log)
FORMATS = (
    *(known.name for known in (*TEXT_FORMATS, _CANONICAL_PARQUET, _CANONICAL_JSON)),
    *(log.NAME for log in LOGS),
    *(known.name for known in RECORD_FORMATS),
    samsara_stats.NAME,
    gpx_tracks.NAME,
    workbook.NAME,
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The name of a file's format, and its reading."""

    name: str
    read: Callable[[], RawTrips]


def refuse_what_is_no_text(upload: Upload) -> None:
    """Refuse empty files, known binary formats, NUL bytes and other encodings.

    Raises:
        EmptyFile: no byte, or white space alone.
        NotText: says what was found and where.
    """
    content = upload.content
    if not content.strip():
        raise EmptyFile(filename=upload.filename, size_bytes=len(content))
    for magic, found in _OTHERS:
        if content.startswith(magic):
            raise NotText(filename=upload.filename, found=found, offset_bytes=0)
    nul = content.find(b"\x00")
    if nul >= 0:
        raise NotText(filename=upload.filename, found="a NUL byte", offset_bytes=nul)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte 0x{content[error.start]:02x}, which is not UTF-8"
        raise NotText(filename=upload.filename, found=found, offset_bytes=error.start) from error


def recognise(upload: Upload) -> Recognised:
    """Return the format of a file and its reader.

    Raises:
        InputError: it is empty, no text, no JSON or no Parquet, or has unknown columns.
    """
    if upload.content.startswith(_PARQUET_MAGIC):
        return _parquet(upload)
    if workbook.is_workbook(upload.content):
        return _workbook(upload)
    refuse_what_is_no_text(upload)
    if gpx_tracks.fits(upload.content):
        return Recognised(gpx_tracks.NAME, partial(gpx_tracks.read, upload))
    return _json(upload) if looks_like_json(upload.content) else _table(upload)


def _parquet(upload: Upload) -> Recognised:
    columns = canonical.parquet_columns(upload)
    if not _CANONICAL_PARQUET.fits(columns):
        raise unknown_columns(upload, columns, (_CANONICAL_PARQUET,))
    return Recognised(_CANONICAL_PARQUET.name, lambda: _CANONICAL_PARQUET.read(upload, ""))


def _json(upload: Upload) -> Recognised:
    """Recognise NDJSON by its first record, a document by the fields of all its records."""
    first = first_line_record(upload)
    rows = document_records(upload) if first is None else line_records(upload)
    fields = first or {name: None for _, cells in rows if isinstance(cells, dict) for name in cells}
    if _CANONICAL_JSON.fits(list(fields)):
        return Recognised(_CANONICAL_JSON.name, partial(canonical.read_records, rows))
    if samsara_stats.fits(fields):
        return Recognised(samsara_stats.NAME, partial(samsara_stats.read, upload, rows))
    for known in RECORD_FORMATS:
        if known.fits(fields):
            return Recognised(known.name, partial(known.read, upload, rows))
    samsara_stats.refuse_stream(upload, fields)
    if ocpi_cdrs.fits(set(fields)):
        raise ChargesNotTrips(filename=upload.filename, format=ocpi_cdrs.NAME)
    raise unknown_columns(upload, list(fields), (_CANONICAL_JSON, *_TABLES_OF_RECORDS))


def _table(upload: Upload) -> Recognised:
    """Recognise delimited text by its header, whichever delimiter shows it."""
    headers = {delimiter: header_of(upload.content, delimiter) for delimiter in DELIMITERS}
    for delimiter, header in headers.items():
        for known in TEXT_FORMATS:
            if known.fits(header):
                return Recognised(known.name, partial(known.read, upload, delimiter))
        for log in LOGS:
            if log.fits(header):
                return Recognised(log.NAME, partial(log.read, upload, delimiter))
        for vendor in RECORD_FORMATS:
            if vendor.fits(header) and len(set(header)) == len(header):
                return Recognised(vendor.name, partial(vendor.read_table, upload, delimiter))
        if mapped := _mapped(upload, delimiter, header):
            return mapped
    longest = max(headers.values(), key=len)
    raise unknown_columns(upload, longest, (*TEXT_FORMATS, *_TABLES_OF_RECORDS))


def _mapped(upload: Upload, delimiter: str, header: list[str]) -> Recognised | None:
    """Recognise a table by a mapping of the fleet, and refuse one of charges.

    Raises:
        ChargesNotTrips: it is one of charges.
    """
    if teslamate_charges.fits(header):
        raise ChargesNotTrips(filename=upload.filename, format=teslamate_charges.NAME)
    mapping = mapping_of(upload, header)
    if mapping is None:
        return None
    name = mapped_table.source_of(mapping)
    if mapping.kind == "charges":
        raise ChargesNotTrips(filename=upload.filename, format=name)
    return Recognised(name, partial(mapped_table.read_trips, upload, delimiter, mapping))


def mapping_of(upload: Upload, header: Sequence[str]) -> ColumnMapping | None:
    """Return the fleet's confirmed mapping of a header, if it has one."""
    own = header_hash(header)
    return next((one for one in upload.options.mappings if one.header_hash == own), None)


def tables_of(upload: Upload) -> list[Upload]:
    """Return a table of text as it is, and a workbook as the tables its sheets are.

    Raises:
        InputError: it is empty, no text, or a broken workbook.
    """
    if workbook.is_workbook(upload.content):
        return [replace(upload, content=one.content) for one in workbook.sheets_of(upload)]
    refuse_what_is_no_text(upload)
    return [upload]


def _workbook(upload: Upload) -> Recognised:
    """Recognise a workbook by the one sheet that is of a known format.

    Raises:
        SheetNotNamed: several sheets are.
        UnknownColumns: none is.
    """
    sheets = workbook.sheets_of(upload)
    found: list[tuple[workbook.Sheet, Recognised]] = []
    unknown: UnknownColumns | None = None
    for sheet in sheets:
        try:
            found.append((sheet, _table(replace(upload, content=sheet.content))))
        except UnknownColumns as error:
            unknown = unknown or error
    if len(found) > 1:
        raise SheetNotNamed(filename=upload.filename, sheets=[sheet.title for sheet, _ in found])
    if not found:
        assert unknown is not None  # there is a sheet, or `sheets_of` had said so
        raise unknown
    sheet, recognised = found[0]
    if recognised.name != canonical.CSV_NAME:
        return recognised
    return Recognised(workbook.NAME, partial(_canonical_sheet, upload, sheet))


def _canonical_sheet(upload: Upload, sheet: workbook.Sheet) -> RawTrips:
    """Read canonical columns from a sheet; cells that are dates are of the zone in the options.

    Raises:
        DateIsNumber: a time is a bare number.
        ZoneNotNamed: a time is a date cell, and the options name no zone.
    """
    workbook.refuse_numbers(upload, sheet, ("start_at", "end_at"))
    if sheet.dates and upload.options.zone is None:
        raise ZoneNotNamed(filename=upload.filename, format=workbook.NAME)
    issues: list[RowIssue] = []
    content = workbook.with_utc_dates(upload, sheet, issues) if sheet.dates else sheet.content
    raw = canonical.read_csv(replace(upload, content=content))
    told = sorted((*issues, *raw.issues), key=lambda issue: (issue.row, issue.code))
    return replace(raw, format=workbook.NAME, issues=tuple(told))


def unknown_columns(
    upload: Upload, found: Sequence[str], formats: Sequence[TextFormat]
) -> UnknownColumns:
    """Make the error that says what is missing from, or unknown to, the nearest format."""
    nearest = max(
        formats, key=lambda known: len(set(found) & set(known.columns)) / len(known.required)
    )
    missing = [column for column in nearest.required if column not in found]
    unexpected = [
        column
        for place, column in enumerate(found)
        if column not in nearest.columns or column in found[:place]
    ]
    return UnknownColumns(
        filename=upload.filename,
        format=nearest.name,
        found=[column[:80] for column in found[:100]],
        expected=list(nearest.columns),
        missing=missing,
        unexpected=[column[:80] for column in unexpected[:100]],
        advice=" ".join(_advice(unexpected, nearest)) or "See the template of the format.",
    )


def _advice(unexpected: Sequence[str], nearest: TextFormat) -> list[str]:
    """Name the column of the same quantity in the house's unit: `distance_km` is `distance_m`."""
    said: list[str] = []
    for column in unexpected[:20]:
        stem = column.rpartition("_")[0]
        twins = [known for known in nearest.columns if stem and known.rpartition("_")[0] == stem]
        said.extend(f"{column} looks like {twin} in another unit." for twin in twins)
    return said
