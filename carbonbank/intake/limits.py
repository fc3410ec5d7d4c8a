"""How much is taken in: sizes are refused before, or while, bytes are read."""

import gzip
import io
import zlib
from typing import BinaryIO

from carbonbank.errors import ExpandsTooLarge, FileTooLarge, NotText

SIZE_BYTES_MAX = 2**30
ROWS_MAX = 20_000_000

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 2**20


def check_size(size_bytes: int, size_bytes_max: int = SIZE_BYTES_MAX) -> None:
    """Refuse an announced size.

    Raises:
        FileTooLarge: the size is over the limit.
    """
    if size_bytes > size_bytes_max:
        raise FileTooLarge(size_bytes=size_bytes, size_bytes_max=size_bytes_max)


def read_bounded(
    stream: BinaryIO, size_bytes: int | None = None, size_bytes_max: int = SIZE_BYTES_MAX
) -> bytes:
    """Read a stream whole, but never more than the limit.

    Args:
        stream: what comes in; nothing is read from it when the announced size is too large.
        size_bytes: the announced size, if any. It is not trusted to be true.
        size_bytes_max: the limit in bytes.

    Raises:
        FileTooLarge: announced, or found after at most one byte beyond the limit.
    """
    check_size(size_bytes or 0, size_bytes_max)
    taken = bytearray()
    while chunk := stream.read(min(_CHUNK_BYTES, size_bytes_max + 1 - len(taken))):
        taken += chunk
        check_size(len(taken), size_bytes_max)
    return bytes(taken)


def expanded(data: bytes, filename: str, size_bytes_max: int = SIZE_BYTES_MAX) -> bytes:
    """Return the content of a gzip file, and anything else as it is.

    Raises:
        ExpandsTooLarge: the content is larger than the limit; no more than that is expanded.
        NotText: a broken gzip file, or one inside another.
    """
    if not data.startswith(_GZIP_MAGIC):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(size_bytes_max + 1)
    except (OSError, EOFError, zlib.error) as error:
        broken = f"a broken gzip file ({error})"
        raise NotText(filename=filename, found=broken, offset_bytes=0) from error
    if len(content) > size_bytes_max:
        raise ExpandsTooLarge(
            filename=filename, size_bytes=len(data), size_bytes_max=size_bytes_max
        )
    if content.startswith(_GZIP_MAGIC):
        raise NotText(filename=filename, found="gzip inside gzip", offset_bytes=0)
    return content
