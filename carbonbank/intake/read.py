"""One door for files of trips, and one for files of charges."""

from carbonbank.domain.mapping import Proposal
from carbonbank.errors import (
    ChargesNotTrips,
    FormatKnown,
    NotText,
    SheetNotNamed,
    TripsNotCharges,
    UnknownColumns,
    UnknownFormat,
)
from carbonbank.intake import mapped_table, ocpi_cdrs, teslamate_charges, workbook
from carbonbank.intake.charges import RawCharges, TokenBook
from carbonbank.intake.json_text import looks_like_json
from carbonbank.intake.limits import check_size, expanded
from carbonbank.intake.propose import propose
from carbonbank.intake.recognise import FORMATS, mapping_of, recognise, tables_of
from carbonbank.intake.text_table import DELIMITERS, header_of, read_text_table
from carbonbank.intake.upload import ReadOptions, Upload, plain_name
from carbonbank.mrv.trips import RawTrips

_SAMPLE_ROWS = 200


def read_trips(
    data: bytes,
    filename: str,
    *,
    format: str | None = None,  # noqa: A002 - the word people use
    options: ReadOptions | None = None,
) -> RawTrips:
    """Read one file of trips, in any format the bank knows, packed with gzip or not.

    Args:
        data: the file.
        filename: shown in messages and part of the record ids; its ending decides nothing.
        format: one of `FORMATS` if the caller wants to insist; None recognises the content.
        options: what the caller knows and the file does not say.

    Returns:
        Raw trips with the issues of reading: bad rows are in there, never raised.

    Raises:
        InputError: the file is not what it claims; see `carbonbank.errors.intake`.
    """
    options = options or ReadOptions()
    name = plain_name(filename)
    if format is not None and format not in FORMATS:
        raise UnknownFormat(filename=name, format=format, known=list(FORMATS))
    found = recognise(_upload(data, filename, options))
    if format not in (None, found.name):
        raise UnknownFormat(filename=name, format=format or "", known=[found.name])
    return found.read()


def read_charges(
    data: bytes, filename: str, vehicles: TokenBook, *, options: ReadOptions | None = None
) -> RawCharges:
    """Read one file of charging sessions, packed with gzip or not.

    It is OCPI 2.2.1 or 2.3, charges of TeslaMate, or a table that a confirmed mapping reads.

    Args:
        data: the file.
        filename: shown in messages.
        vehicles: the vehicle of each charging token.
        options: the limits of size and rows, and the fleet's mappings.

    Raises:
        TripsNotCharges: it holds trips.
        InputError: the file is not what it claims; see `carbonbank.errors.intake`.
    """
    upload = _upload(data, filename, options or ReadOptions())
    tables = tables_of(upload)
    if looks_like_json(tables[0].content):
        return ocpi_cdrs.read(upload, vehicles)
    for table in tables:
        for delimiter in DELIMITERS:
            header = header_of(table.content, delimiter)
            if teslamate_charges.fits(header):
                return teslamate_charges.read(table, delimiter, vehicles)
            mapping = mapping_of(table, header)
            if mapping is not None and mapping.kind == "charges":
                return mapped_table.read_charges(table, delimiter, mapping, vehicles)
    raise TripsNotCharges(filename=upload.filename, format=recognise(upload).name)


def propose_mapping(
    data: bytes, filename: str, name: str, *, options: ReadOptions | None = None
) -> Proposal:
    """Propose how a table of no known format may be read.

    Raises:
        FormatKnown: it is of a known format, or a confirmed mapping reads it.
        SheetNotNamed: a workbook with several sheets.
        InputError: the file is no table.
    """
    upload = _upload(data, filename, options or ReadOptions())
    try:
        known = recognise(upload).name
    except UnknownColumns:
        known = ""
    except ChargesNotTrips as error:
        known = error.format
    if known:
        raise FormatKnown(filename=upload.filename, format=known)
    tables = tables_of(upload)
    if len(tables) > 1:
        titles = [sheet.title for sheet in workbook.sheets_of(upload)]
        raise SheetNotNamed(filename=upload.filename, sheets=titles)
    if looks_like_json(upload.content):
        raise NotText(filename=upload.filename, found="JSON, not a table", offset_bytes=0)
    delimiter = max(DELIMITERS, key=lambda one: len(header_of(tables[0].content, one)))
    header = [column.strip() for column in header_of(tables[0].content, delimiter)]
    if len(set(header)) < len(header):
        twice = next(column for column in header if header.count(column) > 1)
        found = f"a table with the column {twice[:80]!r} twice"
        raise NotText(filename=upload.filename, found=found, offset_bytes=0)
    table = read_text_table(tables[0], "a table", delimiter)
    rows = range(min(len(table.lines), _SAMPLE_ROWS))
    sample = [
        {name.strip(): str(cells[row].as_py()).strip() for name, cells in table.columns.items()}
        for row in rows
    ]
    return propose(name, header, sample)


def _upload(data: bytes, filename: str, options: ReadOptions) -> Upload:
    check_size(len(data), options.size_bytes_max)
    name = plain_name(filename)
    content = expanded(data, name, options.size_bytes_max)
    return Upload(filename=name, content=content, options=options)
