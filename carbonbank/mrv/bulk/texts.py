"""Canonical records and trip ids of whole columns: the twins of `carbonbank.domain.trip`.

RFC 8785 is a fixed frame here: the keys are known and sorted, every value is an integer, null or a
text. So columns are joined by Arrow's kernels instead of calling a JSON writer for every trip.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.hashing import canonical_json
from carbonbank.domain.trip import COLUMNS
from carbonbank.mrv.months import DAY_S, days_of

_NULL = "null"
_IDENTITY = ("distance_m", "end_at", "start_at", "vehicle_id")
_TO_ESCAPE = r'["\\\x00-\x1f]'
_QUOTE, _BACKSLASH, _SPACE = 0x22, 0x5C, 0x20
# The 86,400 texts from T00:00:00 to T23:59:59.
_CLOCK = np.strings.slice(
    np.datetime_as_string(np.arange(DAY_S).astype("datetime64[s]")), 10, None
).astype("S9")

Values = dict[str, Any]  # by column: a text the same in every row, or an array of texts


def encoded(trips: pa.Table) -> pa.Table:
    """Return trips with their text columns as dictionaries, but for ids that never repeat.

    A dictionary holds what its column has, and nothing else.
    """
    for place, field in enumerate(trips.schema):
        if field.name == "source_record_id":
            continue
        if pa.types.is_string(field.type):
            column = pc.dictionary_encode(_one_array(trips[field.name]))
        elif pa.types.is_dictionary(field.type):
            column = _without_unused(_one_array(trips[field.name]))
        else:
            continue
        trips = trips.set_column(place, pa.field(field.name, column.type), column)
    return trips


def _without_unused(column: pa.DictionaryArray) -> pa.DictionaryArray:
    words = len(column.dictionary)
    places = pc.fill_null(column.indices, words).to_numpy()
    used = np.bincount(places, minlength=words + 1)[:words] > 0
    if used.all():
        return column
    shorter = pa.array(np.cumsum(used, dtype=np.int32) - 1, mask=~used)
    return pa.DictionaryArray.from_arrays(
        shorter.take(column.indices), column.dictionary.filter(pa.array(used))
    )


class CanonicalTexts:
    """Texts of trips as `carbonbank.domain.trip` has them, for a run of rows at a time.

    The columns are those of `TRIP_SCHEMA`, texts plain or as dictionaries; further ones are left
    out.
    """

    def __init__(self, fleet: str, trips: pa.Table) -> None:
        self._fleet = canonical_json(fleet).decode()
        self._columns = {name: _one_array(trips[name]) for name in COLUMNS}
        self._words: dict[tuple[str, str], pa.Array] = {}

    def of(self, first: int, rows: int) -> tuple[pa.Array, pa.Array]:
        """Return the canonical records, and what the ids are the SHA-256 of."""
        values: Values = {
            name: _json(column.slice(first, rows)) for name, column in self._columns.items()
        }
        identity: Values = {name: values[name] for name in _IDENTITY} | {"fleet": self._fleet}
        return self._objects(values), self._objects(identity)

    def _objects(self, values: Values) -> pa.Array:
        """Join members, sorted by name, to one JSON object a row."""
        pieces: list[Any] = []
        before = "{"
        for name in sorted(values):
            before += f'"{name}":'
            value = values[name]
            if isinstance(value, str):
                before += value
            elif pa.types.is_dictionary(value.type):
                pieces.append(self._behind(before, name, value.dictionary).take(value.indices))
                before = ""
            else:
                pieces += [before, value]
                before = ""
            before += ","
        if not pieces:  # no row at all: every trip has a start
            return pa.array([], pa.string())
        return pc.binary_join_element_wise(*pieces, before[:-1] + "}", "")

    def _behind(self, before: str, name: str, texts: pa.Array) -> pa.Array:
        """Return the few texts of a column as JSON behind what is the same in every row."""
        if (name, before) not in self._words:
            written = pa.array([before + _written(text) for text in texts.to_pylist()], pa.string())
            self._words[name, before] = written
        return self._words[name, before]


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    # Of no chunk at all there is none to give.
    return pa.array([], column.type) if isinstance(array, pa.ChunkedArray) else array


def _written(text: str | None) -> str:
    return canonical_json(text).decode()


def _json(array: pa.Array) -> Any:
    """Return values as JSON texts: one text where all are null, a dictionary as it is."""
    if array.null_count == len(array):
        return _NULL
    if pa.types.is_dictionary(array.type):
        if not array.null_count:
            return array
        dictionary = pa.concat_arrays([array.dictionary, pa.nulls(1, pa.string())])
        indices = pc.fill_null(array.indices, len(array.dictionary))
        return pa.DictionaryArray.from_arrays(indices, dictionary)
    if pa.types.is_timestamp(array.type):
        return iso_texts(array, quote='"')
    if pa.types.is_integer(array.type):
        texts = pc.cast(array, pa.string())
    else:
        texts = pc.binary_join_element_wise('"', array, '"', "")
        if _may_need_escape(array):
            texts = _escaped(array, texts)
    return pc.fill_null(texts, _NULL) if texts.null_count else texts


def _may_need_escape(texts: pa.Array) -> bool:
    """Say at once whether no text has a character that JSON escapes."""
    chars = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)
    odd = (chars == _QUOTE) | (chars == _BACKSLASH) | (chars < _SPACE)
    return bool(odd.any())


def _escaped(array: pa.Array, quoted: pa.Array) -> pa.Array:
    """Let the JSON writer write texts with a character that JSON escapes."""
    odd = pc.fill_null(pc.match_substring_regex(array, _TO_ESCAPE), False)
    written = pa.array(map(_written, array.filter(odd).to_pylist()), pa.string())
    return pc.replace_with_mask(quoted, odd, written)


def iso_texts(moments: pa.Array, quote: str = "") -> pa.Array:
    """Write moments of whole seconds as `iso_at` does, each inside `quote`.

    Days repeat and a day has 86,400 seconds, so both halves of the text are looked up.
    """
    seconds = moments.cast(pa.int64()).to_numpy()
    known, day = days_of(seconds)
    dates = np.char.encode(np.datetime_as_string(known.astype("datetime64[D]")), "ascii")
    at = len(quote)
    rows = np.full((len(seconds), 20 + 2 * at), ord(quote or "Z"), dtype=np.uint8)
    parts = rows.reshape(-1).view(
        np.dtype(
            {
                "names": ["date", "clock", "zone"],
                "formats": ["S10", "S9", "S1"],
                "offsets": [at, at + 10, at + 19],
                "itemsize": 20 + 2 * at,
            }
        )
    )
    parts["date"] = dates.astype("S10").take(day)
    parts["clock"] = _CLOCK.take(seconds % DAY_S)
    parts["zone"] = b"Z"
    ends = np.arange(len(seconds) + 1, dtype=np.int32) * rows.shape[1]
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(rows)]
    return pa.Array.from_buffers(pa.string(), len(seconds), buffers)
