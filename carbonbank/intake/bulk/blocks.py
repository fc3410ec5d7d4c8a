"""A canonical CSV file in blocks of whole lines, each readable by itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from carbonbank.domain.issue import RowIssue
from carbonbank.errors import NoRows, UnknownFormat
from carbonbank.intake import canonical
from carbonbank.intake.recognise import recognise
from carbonbank.intake.upload import Upload
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips

# Every partition opens every block: few blocks save time, small ones memory.
_BLOCK_BYTES_MIN, _BLOCK_BYTES_MAX = 8 * 2**20, 32 * 2**20
_BLOCKS = 48
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of lines of a file. `first_line` is the number of its first one (header = 1)."""

    path: Path
    header: bytes
    offset: int
    size_bytes: int
    first_line: int


def block_bytes_for(size_bytes: int) -> int:
    """Return how much text of a file of this size is read at a time."""
    return min(max(size_bytes // _BLOCKS, _BLOCK_BYTES_MIN), _BLOCK_BYTES_MAX)


class BlockCutter:
    """Cuts a file while it is read once; `file_hash` is its SHA-256 afterwards."""

    def __init__(self, path: Path, block_bytes: int) -> None:
        self.path, self.block_bytes = path, block_bytes
        self._hash = hashlib.sha256()

    @property
    def file_hash(self) -> str:
        """Return the hex SHA-256 of what was read."""
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in order.

        A line end inside quotes ends no line: the quotes up to a cut must come in pairs.
        """
        with self.path.open("rb") as file:
            header = file.readline()
            self._hash.update(header)
            offset, line, rest = len(header), 2, b""
            while piece := file.read(self.block_bytes):
                self._hash.update(piece)
                data = rest + piece
                end = _last_line_end(data)
                if end:
                    yield self._block(header, offset, end, line)
                    line += _lines(data[:end])
                    offset += end
                rest = data[end:]
            if rest:
                yield self._block(header, offset, len(rest), line)

    def _block(self, header: bytes, offset: int, size_bytes: int, line: int) -> Block:
        return Block(
            path=self.path, header=header, offset=offset, size_bytes=size_bytes, first_line=line
        )


def _last_line_end(data: bytes) -> int:
    """Return the place after the last line end that lies outside quotes, 0 if there is none."""
    quotes = data.count(b'"')
    end = len(data)
    while end := data.rfind(b"\n", 0, end) + 1:
        quotes_before = quotes - data.count(b'"', end) if quotes else 0
        if quotes_before % 2 == 0:
            return end
        end -= 1
    return 0


def _lines(data: bytes) -> int:
    if b'"' not in data:
        return data.count(b"\n")
    return sum(part.count(b"\n") for part in data.split(b'"')[::2])


def check_canonical(path: Path) -> None:
    """Refuse a file that is not canonical CSV by its header and first lines.

    Raises:
        InputError: it is another format, or none.
    """
    with path.open("rb") as file:
        head = file.read(2**16)
    cut = head.rfind(b"\n") + 1
    found = recognise(Upload(filename=path.name, content=head[:cut] or head))
    if found.name != canonical.CSV_NAME:
        raise UnknownFormat(filename=path.name, format=found.name, known=[canonical.CSV_NAME])


def read_block(block: Block) -> RawTrips:
    """Read the trips of a block; rows and issues carry the line numbers of the whole file."""
    with block.path.open("rb") as file:
        file.seek(block.offset)
        data = file.read(block.size_bytes)
    try:
        found = canonical.read_csv(Upload(filename=block.path.name, content=block.header + data))
    except NoRows:  # blank lines alone
        return RawTrips(
            table=RAW_SCHEMA.empty_table(), issues=(), format=canonical.CSV_NAME, rows_read=0
        )
    shift = block.first_line - 2
    row = pa.array(found.table["row"].to_numpy() + np.int64(shift))
    place = RAW_SCHEMA.get_field_index("row")
    return replace(
        found,
        table=found.table.set_column(place, RAW_SCHEMA.field("row"), row),
        issues=tuple(_shifted(issue, shift) for issue in found.issues),
    )


def _shifted(issue: RowIssue, shift: int) -> RowIssue:
    return replace(issue, row=issue.row + shift) if issue.row else issue
