"""Canonical records and trip ids of whole columns: the twins of `carbonbank.domain.trip`.

RFC 8785 is a fixed frame here: the keys are known and sorted, every value is an integer, null or a
text. So columns are joined by Arrow's kernels instead of calling a JSON writer for every trip.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.hashing import canonical_json
from carbonbank.domain.trip import COLUMNS

_NULL = "null"
_TO_ESCAPE = r'["\\\x00-\x1f]'
_QUOTE, _BACKSLASH, _SPACE = 0x22, 0x5C, 0x20
_DAY_S = 86_400
_DAYS_MAX = 100_000
# The 86,400 texts from T00:00:00 to T23:59:59.
_CLOCK = np.strings.slice(
    np.datetime_as_string(np.arange(_DAY_S).astype("datetime64[s]")), 10, None
).astype("S9")


Pieces = list[Any]  # texts the same in every row, and columns of texts


def encoded(trips: pa.Table) -> pa.Table:
    """Return trips with their text columns as dictionaries, but for ids that never repeat."""
    for place, field in enumerate(trips.schema):
        if pa.types.is_string(field.type) and field.name != "source_record_id":
            column = pc.dictionary_encode(trips[field.name].combine_chunks())
            trips = trips.set_column(place, pa.field(field.name, column.type), column)
    return trips


def record_and_identity_texts(fleet: str, trips: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Return the canonical record of every trip, and what its id is the hash of, as texts.

    As `carbonbank.domain.trip` has them: `trip_record_bytes`, and the identity in `trip_id`. The
    columns are those of `TRIP_SCHEMA`, texts plain or as dictionaries; further ones are left out.
    """
    values = {name: _json(trips[name]) for name in COLUMNS}
    identity = {name: values[name] for name in ("distance_m", "end_at", "start_at", "vehicle_id")}
    fleet_too = identity | {"fleet": [canonical_json(fleet).decode()]}
    return _objects(values, trips.num_rows), _objects(fleet_too, trips.num_rows)


def _objects(values: dict[str, Pieces], rows: int) -> pa.Array:
    """Join members, sorted by name, to one JSON object a row."""
    pieces = [""]
    for place, name in enumerate(sorted(values)):
        for piece in ("{" if place == 0 else ",", f'"{name}":', *values[name]):
            if isinstance(piece, str) and isinstance(pieces[-1], str):
                pieces[-1] += piece
            else:
                pieces.append(piece)
    if len(pieces) == 1:
        return pa.repeat(pa.scalar(pieces[0] + "}"), rows)
    return pc.binary_join_element_wise(*pieces, "}", "")


def _json(column: pa.ChunkedArray) -> Pieces:
    """Return a column's values as JSON."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of no chunk at all
        array = pa.array([], column.type)
    if array.null_count == len(array):
        return [_NULL]
    if pa.types.is_timestamp(array.type):
        return ['"', iso_texts(array), '"']
    if pa.types.is_integer(array.type):
        return [_or_null(pc.cast(array, pa.string()))]
    if pa.types.is_dictionary(array.type):
        words = _json_texts(array.dictionary)
        return [_or_null(words.take(array.indices))]
    if array.null_count == 0 and not _may_need_escape(array):
        return ['"', array, '"']
    return [_or_null(_json_texts(array))]


def _or_null(texts: pa.Array) -> pa.Array:
    return pc.fill_null(texts, _NULL) if texts.null_count else texts


def _may_need_escape(texts: pa.Array) -> bool:
    """Say at once whether no text has a character that JSON escapes."""
    chars = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)
    odd = (chars == _QUOTE) | (chars == _BACKSLASH) | (chars < _SPACE)
    return bool(odd.any())


def _json_texts(array: pa.Array) -> pa.Array:
    """Quote texts; those with a character that JSON escapes go through the JSON writer."""
    quoted = pc.binary_join_element_wise('"', array, '"', "")
    escaped = pc.fill_null(pc.match_substring_regex(array, _TO_ESCAPE), False)
    if pc.any(escaped).as_py():
        written = [canonical_json(text).decode() for text in array.filter(escaped).to_pylist()]
        quoted = pc.replace_with_mask(quoted, escaped, pa.array(written, pa.string()))
    return quoted


def iso_texts(moments: pa.Array) -> pa.Array:
    """Write moments of whole seconds as `iso_at` does.

    Days repeat and a day has 86,400 seconds, so both halves of the text are looked up.
    """
    seconds = moments.cast(pa.int64()).to_numpy()
    days = seconds // _DAY_S
    known = np.arange(days.min(), days.max() + 1) if len(days) else days
    if len(known) > _DAYS_MAX:  # times of a broken clock: few days, far apart
        known = np.unique(days)
    dates = np.char.encode(np.datetime_as_string(known.astype("datetime64[D]")), "ascii")
    day = np.searchsorted(known, days)
    rows: npt.NDArray[np.uint8] = np.empty((len(seconds), 20), dtype=np.uint8)
    rows[:, :10] = _characters(dates.astype("S10"))[day]
    rows[:, 10:19] = _characters(_CLOCK)[seconds % _DAY_S]
    rows[:, 19] = ord("Z")
    ends = np.arange(len(seconds) + 1, dtype=np.int32) * rows.shape[1]
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(rows)]
    return pa.Array.from_buffers(pa.string(), len(seconds), buffers)


def _characters(texts: npt.NDArray[np.bytes_]) -> npt.NDArray[np.uint8]:
    return texts.view(np.uint8).reshape(len(texts), -1)
