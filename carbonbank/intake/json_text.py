"""JSON as it is written: no digit lost, no field told twice, nothing that is no JSON."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np

from carbonbank.errors import BrokenJson, FileTooLarge, NoRows, TooManyRows
from carbonbank.intake.upload import Upload

# A document is held as Python objects, many times its size; NDJSON goes line by line.
DOCUMENT_BYTES_MAX = 2**26
# Where the answers of fleet APIs keep their list.
_ENVELOPES = ("trips", "result", "data")
_BOM = b"\xef\xbb\xbf"
# Libraries raise the interpreter's own limit so far that deep nesting would end the process.
_DEPTH_MAX = 32
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1
_SIGNS = _STEPS != 0
_SIGNS[ord('"')] = True


class Number(str):
    """A number by its digits, so that neither a fraction nor a long integer is rounded."""

    __slots__ = ()


def looks_like_json(content: bytes) -> bool:
    """Say whether text begins as a JSON object or array."""
    return content.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")


def parse(text: str) -> Any:
    """Read JSON strictly: numbers are `Number`; `NaN`, half a character, a field twice are errors.

    Raises:
        ValueError: says what is wrong.
    """
    if text.count("[") + text.count("{") > _DEPTH_MAX and _depth(text) > _DEPTH_MAX:
        says = f"nested deeper than {_DEPTH_MAX}"
        raise ValueError(says)
    found = json.loads(
        text,
        parse_int=Number,
        parse_float=Number,
        parse_constant=_no_number,
        object_pairs_hook=_once,
    )
    if "\\u" in text:  # an escape may be half of a pair, which no file can be written with
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _depth(text: str) -> int:
    """Return how deep brackets nest outside of strings, as far as the text is JSON."""
    plain = text.encode().replace(b"\\\\", b"").replace(b'\\"', b"")
    signs = np.frombuffer(plain, dtype=np.uint8)
    signs = signs[_SIGNS[signs]]
    in_string = np.cumsum(signs == ord('"')) % 2 == 1
    return int(np.cumsum(_STEPS[signs] * ~in_string, dtype=np.int64).max(initial=0))


def _no_number(text: str) -> NoReturn:
    says = f"{text} is no number"
    raise ValueError(says)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        says = "a field is told twice in one object"
        raise ValueError(says)
    return fields


def first_line_record(upload: Upload) -> dict[str, Any] | None:
    """Return the record on the first line of NDJSON, None if the text is one JSON document."""
    for _, line in _lines(upload.content):
        try:
            found = parse(line)
        except ValueError:
            return None
        return found if isinstance(found, dict) and _listed(found) is None else None
    return None


def line_records(upload: Upload) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield every line of NDJSON with its number: the record, or what is wrong with it.

    Raises:
        TooManyRows: more lines than the options allow.
    """
    rows_max = upload.options.rows_max
    for ordinal, (row, line) in enumerate(_lines(upload.content), start=1):
        if ordinal > rows_max:
            raise TooManyRows(filename=upload.filename, rows=ordinal, rows_max=rows_max)
        try:
            found = parse(line)
        except ValueError as error:
            yield row, str(error)
        else:
            yield row, found if isinstance(found, dict) else "no object"


def document_records(upload: Upload) -> list[tuple[int, dict[str, Any] | str]]:
    """Return the records of a JSON document; the n-th counts as line n + 1, below a header.

    They are an array, an array in one of the envelopes of fleet APIs, or one object.

    Raises:
        FileTooLarge: over `DOCUMENT_BYTES_MAX`.
        BrokenJson: not readable as JSON.
        NoRows: no record in it.
        TooManyRows: more records than the options allow.
    """
    size_bytes = len(upload.content)
    if size_bytes > DOCUMENT_BYTES_MAX:
        raise FileTooLarge(size_bytes=size_bytes, size_bytes_max=DOCUMENT_BYTES_MAX)
    try:
        found = parse(upload.content.decode("utf-8-sig"))
    except ValueError as error:
        raise BrokenJson(filename=upload.filename, reason=str(error)) from error
    listed = _listed(found)
    records = [found] if listed is None else listed
    if not records:
        raise NoRows(filename=upload.filename, format="JSON")
    if len(records) > upload.options.rows_max:
        raise TooManyRows(
            filename=upload.filename, rows=len(records), rows_max=upload.options.rows_max
        )
    return [
        (row, record if isinstance(record, dict) else "no object")
        for row, record in enumerate(records, start=2)
    ]


def _listed(found: Any) -> list[Any] | None:
    """Return the list that a document is or wraps, at most two envelopes deep."""
    for _ in range(2):
        if isinstance(found, dict):
            found = next((found[name] for name in _ENVELOPES if name in found), None)
    return found if isinstance(found, list) else None


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers."""
    begin, row = len(_BOM) if content.startswith(_BOM) else 0, 0
    while begin < len(content):
        end = content.find(b"\n", begin)
        end = len(content) if end < 0 else end
        row += 1
        line = content[begin:end].strip()
        if line:
            yield row, line.decode("utf-8")
        begin = end + 1
