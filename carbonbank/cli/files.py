"""Files named on the command line."""

from pathlib import Path

from carbonbank.errors import FileUnreadable
from carbonbank.intake import read_bounded


def read_file(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        FileUnreadable: there is no such file, or it may not be read.
        FileTooLarge: it is over the limit for files of trips.
    """
    try:
        with path.open("rb") as stream:
            return read_bounded(stream, path.stat().st_size)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileUnreadable(path=str(path), reason=reason) from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file in one step: a kill leaves the old content or the new one, whole."""
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(content)
    draft.replace(path)
