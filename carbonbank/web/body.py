"""The body of a request, whole or not at all."""

from flask import request

from carbonbank.errors import EmptyFile, FileTooLarge


def limit_body(size_bytes_max: int) -> None:
    """Bound the body of this request; an announced size over the limit is refused at once.

    Raises:
        FileTooLarge: more is announced.
    """
    # One byte more tells a stream that is too long from one that just fits.
    request.max_content_length = size_bytes_max + 1
    if (request.content_length or 0) > size_bytes_max:
        raise FileTooLarge(size_bytes=request.content_length or 0, size_bytes_max=size_bytes_max)


def whole_body() -> bytes:
    """Return the body.

    A stream that announces no length is cut at the limit without a word by what reads it.

    Raises:
        FileTooLarge: such a stream goes on beyond the limit.
    """
    data = request.get_data()
    most = request.max_content_length
    if most is not None and len(data) >= most:
        raise FileTooLarge(size_bytes=len(data), size_bytes_max=most - 1)
    return data


def whole_file(filename: str) -> bytes:
    """Return the body, which is a file of that name.

    Raises:
        EmptyFile: nothing came.
        FileTooLarge: as for `whole_body`.
    """
    data = whole_body()
    if not data:
        raise EmptyFile(filename=filename, size_bytes=0)
    return data
