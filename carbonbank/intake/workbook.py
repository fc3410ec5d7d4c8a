"""Workbooks (XLSX) as tables of text: one sheet, its first row the header, a row a line.

A cell becomes the text a person would have written: `7` for 7.0, `2024-05-06 07:00:00` for a date.
Nothing is computed: a formula counts by the value that was saved with it, and without one the file
is refused. A date in a cell has no zone, so the caller names it.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from carbonbank.domain.issue import RowIssue
from carbonbank.domain.trip import COLUMNS, iso_at
from carbonbank.errors import (
    BrokenWorkbook,
    DateIsNumber,
    ExpandsTooLarge,
    FormulaWithoutValue,
    MergedHeader,
    NoRows,
    SheetNotNamed,
    TooManyRows,
)
from carbonbank.intake.clock import is_ambiguous, utc_seconds
from carbonbank.intake.upload import Upload, issue_at

NAME = "canonical_xlsx"
MAGIC = b"PK\x03\x04"

_COLUMNS_MAX = 256
_SHEETS_MAX = 64
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, InvalidFileException, DefusedXmlException, ParseError,
    ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, EOFError,
    NotImplementedError, RuntimeError, zlib.error,
)  # fmt: skip
_MERGED = re.compile(r"([A-Z]{1,3})1:([A-Z]{1,3})[0-9]+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as CSV, and the line and column of the cells that were dates."""

    title: str
    content: bytes
    dates: tuple[tuple[int, str], ...]


def is_workbook(content: bytes) -> bool:
    """Say whether a file is a workbook: an archive that has one in it."""
    if not content.startswith(MAGIC):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except _BROKEN:
        return b"xl/workbook.xml" in content


def sheets_of(upload: Upload) -> list[Sheet]:
    """Return the sheets of a workbook that have a row below their header, or the one named.

    Raises:
        BrokenWorkbook: not readable as a workbook, with entities, or with too many sheets.
        ExpandsTooLarge: it announces more bytes than the options allow.
        TooManyRows: more rows than the options allow.
        MergedHeader: cells of a header are merged.
        FormulaWithoutValue: a formula whose value was never saved.
        SheetNotNamed: there is no sheet of the name in the option `sheet`.
        NoRows: no sheet has a row.
    """
    try:
        _check_archive(upload)
        found = list(_sheets(upload))
    except _BROKEN as error:
        raise BrokenWorkbook(
            filename=upload.filename, reason=f"{type(error).__name__} {error}"[:200]
        ) from error
    if not found:
        raise NoRows(filename=upload.filename, format="a workbook")
    return found


def refuse_numbers(upload: Upload, sheet: Sheet, columns: Sequence[str]) -> None:
    """Refuse a sheet whose times are bare numbers, as a date without its format is.

    Raises:
        DateIsNumber: names the first such cell.
    """
    for line, row in enumerate(csv.DictReader(io.StringIO(sheet.content.decode())), start=2):
        for column in columns:
            if re.fullmatch(r"[0-9]+(\.[0-9]+)?", row.get(column) or ""):
                raise DateIsNumber(
                    filename=upload.filename, column=column, row=line, value=row[column]
                )


def with_utc_dates(upload: Upload, sheet: Sheet, issues: list[RowIssue]) -> bytes:
    """Return a sheet whose date cells are UTC times; a clock's skipped and double hours are told.

    Raises:
        UnknownOption: there is no such zone.
    """
    zone = upload.options.zone_or("UTC")
    rows = list(csv.reader(io.StringIO(sheet.content.decode())))
    header = rows[0]
    for line, column in sheet.dates:
        place = header.index(column)
        if not rows[line - 1]:
            continue
        shown = rows[line - 1][place]
        local = datetime.fromisoformat(shown)
        at_s = utc_seconds(local, zone)
        if at_s is None:
            issues.append(issue_at(line, "impossible_date", column, f"{shown} in {zone.key}"))
            rows[line - 1] = []  # a blank line says nothing, so the row is told once
            continue
        if is_ambiguous(local, zone):
            issues.append(issue_at(line, "ambiguous_local_time", column, shown))
        rows[line - 1][place] = iso_at(datetime.fromtimestamp(at_s, UTC))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def template_xlsx() -> bytes:
    """Return an empty workbook with the canonical columns, every cell of them text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "trips"
    for place, column in enumerate(COLUMNS, start=1):
        cell = sheet.cell(row=1, column=place, value=column)
        cell.font = Font(bold=True)
        letter = cell.column_letter
        sheet.column_dimensions[letter].number_format = "@"
        sheet.column_dimensions[letter].width = max(12, len(column) + 2)
    sheet.freeze_panes = "A2"
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _check_archive(upload: Upload) -> None:
    """Refuse bombs, entities and merged headers before the sheets are opened."""
    with zipfile.ZipFile(io.BytesIO(upload.content)) as archive:
        expanded = sum(part.file_size for part in archive.infolist())
        if expanded > upload.options.size_bytes_max:
            raise ExpandsTooLarge(
                filename=upload.filename,
                size_bytes=len(upload.content),
                size_bytes_max=upload.options.size_bytes_max,
            )
        for part in archive.infolist():
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    _check_part(upload, part.filename, stream)


def _check_part(upload: Upload, name: str, stream: Any) -> None:
    """Read a part of the archive: what is no plain XML ends here, and so do merged headers."""
    for _, element in iterparse(stream, events=("end",), forbid_dtd=True):
        if element.tag.endswith("}mergeCell") and _MERGED.fullmatch(element.get("ref", "")):
            raise MergedHeader(filename=upload.filename, sheet=name, cells=element.get("ref", ""))
        if not element.tag.endswith(("}c", "}v", "}f", "}mergeCell")):
            element.clear()


def _sheets(upload: Upload) -> Iterator[Sheet]:
    options = {"read_only": True, "keep_links": False}
    values = load_workbook(io.BytesIO(upload.content), data_only=True, **options)
    formulas = load_workbook(io.BytesIO(upload.content), data_only=False, **options)
    titles = [sheet.title for sheet in values.worksheets]
    wanted = upload.options.sheet
    if len(titles) > _SHEETS_MAX or (wanted is not None and wanted not in titles):
        raise SheetNotNamed(filename=upload.filename, sheets=titles[:_SHEETS_MAX])
    for title in [wanted] if wanted is not None else titles:
        sheet = _sheet(upload, title, values[title], formulas[title])
        if sheet is not None:
            yield sheet


def _sheet(upload: Upload, title: str, values: Any, formulas: Any) -> Sheet | None:
    for view in (values, formulas):
        view.reset_dimensions()  # they are announced, and not to be trusted
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header: list[str] = []
    dates: list[tuple[int, str]] = []
    rows = 0
    pairs = zip(
        values.iter_rows(max_col=_COLUMNS_MAX), formulas.iter_rows(max_col=_COLUMNS_MAX),
        strict=True,
    )  # fmt: skip
    for line, (cells, written) in enumerate(pairs, start=1):
        if line > upload.options.rows_max:
            raise TooManyRows(filename=upload.filename, rows=line, rows_max=upload.options.rows_max)
        for cell, formula in zip(cells, written, strict=True):
            if formula.data_type == "f" and cell.value is None:
                raise FormulaWithoutValue(
                    filename=upload.filename, sheet=title, cell=formula.coordinate
                )
        texts = [_text(cell.value) for cell in cells]
        while texts and not texts[-1] and (not header or len(texts) > len(header)):
            texts.pop()
        if line == 1:
            header = texts
            if not header:
                return None
        else:
            texts += [""] * (len(header) - len(texts))
            dates += [
                (line, name)
                for name, cell in zip(header, cells, strict=False)
                if isinstance(cell.value, datetime)
            ]
            rows += any(texts)
        writer.writerow(texts if any(texts) else [])
    if not rows:
        return None
    return Sheet(title, text.getvalue().encode(), tuple(dates))


def _text(value: Any) -> str:
    """Write a cell as a person would."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**63 else repr(value)
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return re.sub(r"[\r\n\t]+", " ", str(value)).strip()
