"""One door for files of trips."""

from carbonbank.errors import UnknownFormat
from carbonbank.intake.limits import check_size, expanded
from carbonbank.intake.recognise import FORMATS, recognise
from carbonbank.intake.upload import ReadOptions, Upload, plain_name
from carbonbank.mrv.trips import RawTrips


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
    check_size(len(data), options.size_bytes_max)
    name = plain_name(filename)
    if format is not None and format not in FORMATS:
        raise UnknownFormat(filename=name, format=format, known=list(FORMATS))
    content = expanded(data, name, options.size_bytes_max)
    found = recognise(Upload(filename=name, content=content, options=options))
    if format not in (None, found.name):
        raise UnknownFormat(filename=name, format=format or "", known=[found.name])
    return found.read()
