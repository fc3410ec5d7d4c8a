"""The working copy that rules look at: plain integer arrays, one entry per trip."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.issue import RowIssue, Severity
from carbonbank.mrv.months import months_since_1970
from carbonbank.mrv.rules.codes import ISSUE_CODES

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MISSING = np.iinfo(np.int64).min

# What a vehicle's trips are sorted by; the tail decides ties alike in any order of rows.
_ORDER = ("vehicle_id", "start_at", "end_at", "distance_m", "source_record_id", "source")
_ONE_KEY_MAX = 2**62  # two columns below it are sorted as one number
_DIGIT_BITS = 16
_OUT = (Severity.QUARANTINED, Severity.DROPPED)


class Frame:
    """Trips as arrays: absent integers are `MISSING`, times are seconds since 1970 in UTC.

    Rules read `alive` trips alone, and flag what they find; flagging with a severity that keeps
    a trip out clears its `alive`. Starts and odometers may be mended in place. Trips that are
    `fixed` count already: of two that can not both be, the other one falls. Where not all trips of
    the fleet are here, vehicles are not held against each other by what they metered.
    """

    def __init__(
        self, table: pa.Table, fixed: Mask | None = None, *, whole_fleet: bool = True
    ) -> None:
        self.table = table
        self.whole_fleet = whole_fleet
        self.rows: Ints = table["row"].to_numpy()
        self.alive: Mask = np.ones(table.num_rows, dtype=bool)
        self.fixed: Mask = np.zeros(table.num_rows, dtype=bool) if fixed is None else fixed
        self._integers: dict[str, Ints] = {}
        self._numbered: dict[str, tuple[Ints, list[str]]] = {}
        self.start_s = self.integers("start_at").copy()
        self.end_s = self.integers("end_at")
        self.distance_m = self.integers("distance_m")
        # Numbered by name, so that no order of rows shows in the numbers.
        self.vehicle, self.vehicle_names = self.numbered("vehicle_id")
        # Rows that were found to be copies: vehicle, vehicle that drives after it, shift in s.
        self.copied: list[tuple[int, int, int]] = []

    @cached_property
    def odometer_start_m(self) -> Ints:
        """The readings at the start, as they are mended."""
        return self.integers("odometer_start_m").copy()

    @cached_property
    def odometer_end_m(self) -> Ints:
        """The readings at the end, as they are mended."""
        return self.integers("odometer_end_m").copy()

    @cached_property
    def order(self) -> Ints:
        """All positions by vehicle and time; ties are decided by the rest of `_ORDER`.

        Looked at first by copies, before any rule mends a start.
        """
        order, tied = in_order(self.vehicle, self.start_s)
        if tied.any():
            places = order[tied]
            texts = pa.table(
                {
                    name: column.cast(pa.string())
                    if pa.types.is_dictionary(column.type)
                    else column
                    for name in _ORDER
                    for column in [self.table[name].take(pa.array(places))]
                }
            )
            keys = [(name, "ascending") for name in _ORDER]
            order[tied] = places[pc.sort_indices(texts, sort_keys=keys).to_numpy()]
        return order

    def numbered(self, column: str) -> tuple[Ints, list[str]]:
        """Return a text column as numbers in the order of its values (-1 for none), and those."""
        if column not in self._numbered:
            self._numbered[column] = numbered(self.table[column])
        return self._numbered[column]

    def integers(self, column: str) -> Ints:
        """Return a column as int64, nulls as `MISSING`; not to be written to."""
        if column not in self._integers:
            values = self.table[column]
            if values.null_count == len(values):
                found = np.full(len(values), MISSING)
            else:
                found = pc.fill_null(pc.cast(values, pa.int64()), MISSING).to_numpy()
            found.flags.writeable = False
            self._integers[column] = found
        return self._integers[column]

    def told(self, columns: Sequence[str]) -> list[Ints]:
        """Return the columns in which any trip has a value, as `integers`."""
        rows = self.table.num_rows
        return [self.integers(name) for name in columns if self.table[name].null_count < rows]

    def known(self, column: str) -> Mask:
        """Return where a column has a value."""
        return np.asarray(pc.is_valid(self.table[column]).to_numpy(), dtype=bool)

    def text(self, column: str, position: int) -> str | None:
        """Return one cell of a text column."""
        value: Any = self.table[column][position].as_py()
        return value if value is None else str(value)

    def by_vehicle(self) -> list[Ints]:
        """Return the positions of alive trips per vehicle, each in order of time."""
        order = self.order[self.alive[self.order]]
        if len(order) == 0:
            return []
        cuts = np.flatnonzero(np.diff(self.vehicle[order])) + 1
        return list(np.split(order, cuts))

    def by_vehicle_month(self) -> list[Ints]:
        """Return the positions of alive trips per vehicle and UTC month, in order of time."""
        order = self.order[self.alive[self.order]]
        if len(order) == 0:
            return []
        changes = np.diff(months_since_1970(self.start_s[order])) != 0
        changes |= np.diff(self.vehicle[order]) != 0
        return list(np.split(order, np.flatnonzero(changes) + 1))

    def flag(self, position: int, code: str, column: str, value: str, limit: str) -> RowIssue:
        """Make the issue of a code, and keep the trip out where the code says so."""
        known = ISSUE_CODES[code]
        if known.severity in _OUT:
            self.alive[position] = False
        return RowIssue(
            row=int(self.rows[position]),
            column=column,
            code=code,
            severity=known.severity,
            value=value,
            limit=limit,
            hint=known.remedy,
            trip_source_record_id=self.text("source_record_id", position),
        )


def numbered(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Return texts as numbers in the order of their values (-1 for none), and those values."""
    coded = pc.dictionary_encode(column.combine_chunks())
    values: list[str] = coded.dictionary.to_pylist()
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.argsort(np.array(values, dtype=object), kind="stable")] = np.arange(len(values))
    codes = pc.fill_null(coded.indices, -1).to_numpy().astype(np.int64)
    numbers = np.where(codes < 0, -1, rank[codes]) if values else codes
    return numbers, sorted(values)


def stable_order(numbers: Ints) -> Ints:
    """Return the positions that sort numbers; equal ones stay as they stand.

    Digit by digit, from the last: numpy counts digits of 16 bits instead of comparing them, which
    is several times faster than its other sorts.
    """
    if not len(numbers):
        return np.empty(0, dtype=np.int64)
    # Above the least one; of ages apart the difference wraps, and is right without a sign.
    rest = (numbers - numbers.min()).view(np.uint64)
    order: Ints = np.argsort(rest.astype(np.uint16), kind="stable")
    for digit in range(1, -(-int(rest.max()).bit_length() // _DIGIT_BITS)):
        here = (rest >> np.uint64(_DIGIT_BITS * digit)).astype(np.uint16)
        order = order[np.argsort(here[order], kind="stable")]
    return order


def in_order(first: Ints, then: Ints) -> tuple[Ints, Mask]:
    """Return the positions sorted by two columns, and which of these have the same in both.

    Those tied stay as they stand.
    """
    if not len(first):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    least, span = int(then.min()), int(then.max()) - int(then.min()) + 1
    if (int(first.max()) - int(first.min()) + 1) * span < _ONE_KEY_MAX:
        key = (first - first.min()) * span + (then - least)
        steps = np.diff(key)
        if (steps >= 0).all():
            order = np.arange(len(key))
        else:
            order = stable_order(key)
            steps = np.diff(key[order])
        same = steps == 0
    else:
        order = stable_order(then)
        order = order[stable_order(first[order])]
        same = (np.diff(first[order]) == 0) & (np.diff(then[order]) == 0)
    tied = np.zeros(len(order), dtype=bool)
    tied[1:] |= same
    tied[:-1] |= same
    return order, tied


def runs(values: Ints) -> tuple[Ints, Ints]:
    """Return where runs of equal values begin, and how long they are."""
    new = np.ones(len(values), dtype=bool)
    new[1:] = values[1:] != values[:-1]
    firsts = np.flatnonzero(new)
    return firsts, np.diff(firsts, append=len(values))


def moment_text(seconds: int) -> str:
    """Write seconds since 1970 as an instant people read; any int64 can be written."""
    return str(np.datetime64(int(seconds), "s")) + "Z"
