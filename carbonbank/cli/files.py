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
