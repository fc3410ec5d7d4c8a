"""Delimited text as columns of text, with the line of every row and an issue for every bad line."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from carbonbank.domain.issue import RowIssue
from carbonbank.errors import MixedDelimiters, NoRows, NotText, TooManyRows
from carbonbank.intake.upload import Upload, issue_at

DELIMITERS = (",", ";", "\t")
_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"[\r\n]")
_SAID = re.compile(rb"\S")
_LINE_BYTES_MAX = 2**22
_HEADER_BYTES_MAX = 100_000  # below the field limit of the csv module, which it raises beyond


@dataclass(frozen=True, slots=True)
class TextTable:
    """Rows that have as many fields as the header; `lines` are their line numbers (header = 1)."""

    columns: dict[str, pa.Array]
    lines: npt.NDArray[np.int64]
    issues: list[RowIssue]
    rows_read: int

    def texts(self, column: str) -> list[str]:
        """Return a column as Python text."""
        values: list[str] = self.columns[column].to_pylist()
        return values


def header_of(content: bytes, delimiter: str) -> list[str]:
    """Return the names in the first line, as one delimiter cuts them."""
    line = _LINE_END.split(content[:_HEADER_BYTES_MAX].removeprefix(_BOM), maxsplit=1)[0]
    # The limit may cut a character in two; such a header is no format's anyway.
    return next(csv.reader([line.decode("utf-8", "replace")], delimiter=delimiter), [])


def read_text_table(upload: Upload, format_name: str, delimiter: str) -> TextTable:
    """Read delimited UTF-8 text without guessing any type: `007` stays `007`.

    Raises:
        NoRows: nothing below the header.
        MixedDelimiters: no row has as many fields as the header.
        TooManyRows: more rows than the options allow.
        NotText: a line too long for any table.
    """
    content = upload.content.removeprefix(_BOM)
    if not _has_rows(content):
        raise NoRows(filename=upload.filename, format=format_name)
    header = header_of(content, delimiter)
    bad: list[pacsv.InvalidRow] = []

    def skip(row: pacsv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(content),
            # One thread: only so does a bad row know its line.
            read_options=pacsv.ReadOptions(use_threads=False, block_size=_LINE_BYTES_MAX),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                strings_can_be_null=False,
                null_values=[],
            ),
        )
    except pa.ArrowInvalid as error:
        found = f"a line over {_LINE_BYTES_MAX} bytes or a broken table ({error})"
        raise NotText(filename=upload.filename, found=found, offset_bytes=0) from error
    rows_read = table.num_rows + len(bad)
    if rows_read > upload.options.rows_max:
        raise TooManyRows(
            filename=upload.filename, rows=rows_read, rows_max=upload.options.rows_max
        )
    lines = np.arange(2, rows_read + 2)
    if bad:
        lines = np.setdiff1d(lines, [row.number for row in bad])
    columns = {name: _one_array(table[name]) for name in header}
    full = _says_something(columns.values(), len(lines))
    if not full.all():  # a blank line says nothing, not even wrongly
        kept = pa.array(full)
        columns = {name: cells.filter(kept) for name, cells in columns.items()}
        lines = lines[full]
    if len(lines) == 0:
        if bad:
            first = bad[0]
            raise MixedDelimiters(
                filename=upload.filename,
                columns=len(header),
                header_delimiter=repr(delimiter),
                rows=len(bad),
                row=first.number,
                row_columns=first.actual_columns,
            )
        raise NoRows(filename=upload.filename, format=format_name)
    return TextTable(columns, lines, [_wrong_count(row) for row in bad], rows_read)


def _has_rows(content: bytes) -> bool:
    """Say whether anything but white space stands below the first line that has anything else."""
    said = _SAID.search(content)
    line_end = said and _LINE_END.search(content, said.end())
    return bool(line_end and _SAID.search(content, line_end.end()))


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _says_something(columns: Iterable[pa.Array], rows: int) -> npt.NDArray[np.bool_]:
    """Return which rows have a cell that is not empty; mostly the first column tells."""
    full = np.zeros(rows, dtype=bool)
    for cells in columns:
        full |= pc.binary_length(cells).to_numpy() > 0
        if full.all():
            break
    return full


def _wrong_count(row: pacsv.InvalidRow) -> RowIssue:
    value = f"{row.actual_columns} fields: {row.text}"
    return issue_at(row.number, "wrong_field_count", "", value, f"{row.expected_columns} fields")
