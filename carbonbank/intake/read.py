"""One door for files of trips, and one for files of charges."""

from carbonbank.errors import UnknownFormat
from carbonbank.intake import ocpi_cdrs
from carbonbank.intake.charges import RawCharges, TokenBook
from carbonbank.intake.limits import check_size, expanded
from carbonbank.intake.recognise import FORMATS, recognise, refuse_what_is_no_text
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
    """Read one file of charging sessions (OCPI 2.2.1 or 2.3), packed with gzip or not.

    Args:
        data: the file.
        filename: shown in messages.
        vehicles: the vehicle of each charging token.
        options: the limits of size and rows.

    Raises:
        InputError: the file is not what it claims; see `carbonbank.errors.intake`.
    """
    upload = _upload(data, filename, options or ReadOptions())
    refuse_what_is_no_text(upload)
    return ocpi_cdrs.read(upload, vehicles)


def _upload(data: bytes, filename: str, options: ReadOptions) -> Upload:
    check_size(len(data), options.size_bytes_max)
    name = plain_name(filename)
    content = expanded(data, name, options.size_bytes_max)
    return Upload(filename=name, content=content, options=options)
