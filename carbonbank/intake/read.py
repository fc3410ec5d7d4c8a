"""One door for files of trips."""

from carbonbank.domain.trip import COLUMNS
from carbonbank.errors import UnknownFormat
from carbonbank.intake import canonical
from carbonbank.intake.limits import check_size, expanded
from carbonbank.intake.recognise import (
    PARQUET_MAGIC,
    TEXT_FORMATS,
    TextFormat,
    refuse_what_is_no_text,
    text_format,
    unknown_columns,
)
from carbonbank.intake.upload import ReadOptions, Upload, plain_name
from carbonbank.mrv.trips import REQUIRED, RawTrips

_PARQUET = TextFormat(
    name=canonical.PARQUET_NAME,
    columns=COLUMNS,
    required=REQUIRED,
    read=lambda upload, _: canonical.read_parquet(upload),
)
FORMATS = tuple(known.name for known in (*TEXT_FORMATS, _PARQUET))


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
    upload = Upload(filename=name, content=content, options=options)
    found, delimiter = _recognised(upload)
    if format not in (None, found.name):
        raise UnknownFormat(filename=name, format=format or "", known=[found.name])
    return found.read(upload, delimiter)


def _recognised(upload: Upload) -> tuple[TextFormat, str]:
    if upload.content.startswith(PARQUET_MAGIC):
        columns = canonical.parquet_columns(upload)
        if not _PARQUET.fits(columns):
            raise unknown_columns(upload, columns, (_PARQUET,))
        return _PARQUET, ""
    refuse_what_is_no_text(upload)
    return text_format(upload)
