"""Canonical records and trip ids of whole columns: the twins of `carbonbank.domain.trip`.

RFC 8785 is a fixed frame here: the keys are known and sorted, every value is an integer, null or a
text. So columns are joined by Arrow's kernels instead of calling a JSON writer for every trip.
"""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.hashing import canonical_json
from carbonbank.domain.trip import COLUMNS

_NULL = "null"
_TO_ESCAPE = r'["\\\x00-\x1f]'
_DAY_S = 86_400
_DAYS_MAX = 100_000
# The 86,400 texts from T00:00:00 to T23:59:59.
_CLOCK = np.strings.slice(
    np.datetime_as_string(np.arange(_DAY_S).astype("datetime64[s]")), 10, None
).astype("S9")


def record_texts(trips: pa.Table) -> pa.Array:
    """Return the canonical record of every trip as text, as `trip_record_bytes` writes it.

    The columns are those of `TRIP_SCHEMA`; further ones are left out.
    """
    pieces: list[Any] = []
    for place, name in enumerate(sorted(COLUMNS)):
        pieces += [("," if place else "{") + f'"{name}":', _values(trips[name])]
    return _joined(*pieces, "}")


def trip_ids(fleet: str, trips: pa.Table) -> list[bytes]:
    """Return the content id of every trip as 32 bytes, as `carbonbank.domain.trip.trip_id`."""
    identities = _joined(
        '{"distance_m":',
        _values(trips["distance_m"]),
        ',"end_at":',
        _values(trips["end_at"]),
        ',"fleet":' + canonical_json(fleet).decode() + ',"start_at":',
        _values(trips["start_at"]),
        ',"vehicle_id":',
        _values(trips["vehicle_id"]),
        "}",
    )
    sha256 = hashlib.sha256
    return [sha256(one).digest() for one in identities.cast(pa.binary()).to_pylist()]


def _joined(*pieces: Any) -> pa.Array:
    return pc.binary_join_element_wise(*pieces, "")


def _values(column: pa.ChunkedArray) -> pa.Array:
    """Return a column's values as JSON."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of no chunk at all
        array = pa.array([], column.type)
    if pa.types.is_timestamp(array.type):
        return iso_texts(array, quote='"')
    if pa.types.is_integer(array.type):
        return pc.fill_null(pc.cast(array, pa.string()), _NULL)
    return _json_texts(array)


def _json_texts(array: pa.Array) -> pa.Array:
    """Quote texts; those with a character that JSON escapes go through the JSON writer."""
    quoted = pc.binary_join_element_wise('"', array, '"', "")
    escaped = pc.fill_null(pc.match_substring_regex(array, _TO_ESCAPE), False)
    if pc.any(escaped).as_py():
        written = [canonical_json(text).decode() for text in array.filter(escaped).to_pylist()]
        quoted = pc.replace_with_mask(quoted, escaped, pa.array(written, pa.string()))
    return pc.fill_null(quoted, _NULL)


def iso_texts(moments: pa.Array, quote: str = "") -> pa.Array:
    """Write moments of whole seconds as `iso_at` does, each inside `quote`.

    Days repeat and a day has 86,400 seconds, so both halves of the text are looked up.
    """
    seconds = moments.cast(pa.int64()).to_numpy()
    days = seconds // _DAY_S
    known = np.arange(days.min(), days.max() + 1) if len(days) else days
    if len(known) > _DAYS_MAX:  # times of a broken clock: few days, far apart
        known = np.unique(days)
    dates = np.char.encode(np.datetime_as_string(known.astype("datetime64[D]")), "ascii")
    day = np.searchsorted(known, days)
    head = quote.encode()
    rows: npt.NDArray[np.uint8] = np.empty((len(seconds), 20 + 2 * len(head)), dtype=np.uint8)
    at = len(head)
    rows[:, :at] = rows[:, at + 20 :] = np.frombuffer(head, dtype=np.uint8)
    rows[:, at : at + 10] = _characters(dates.astype("S10"))[day]
    rows[:, at + 10 : at + 19] = _characters(_CLOCK)[seconds % _DAY_S]
    rows[:, at + 19] = ord("Z")
    ends = np.arange(len(seconds) + 1, dtype=np.int32) * rows.shape[1]
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(rows)]
    return pa.Array.from_buffers(pa.string(), len(seconds), buffers)


def _characters(texts: npt.NDArray[np.bytes_]) -> npt.NDArray[np.uint8]:
    return texts.view(np.uint8).reshape(len(texts), -1)
