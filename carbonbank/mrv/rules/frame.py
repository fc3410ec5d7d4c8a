"""The working copy that rules look at: plain integer arrays, one entry per trip."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.issue import RowIssue, Severity
from carbonbank.mrv.rules.codes import ISSUE_CODES

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MISSING = np.iinfo(np.int64).min

# What a vehicle's trips are sorted by; the tail decides ties alike in any order of rows.
_ORDER = ("vehicle_id", "start_at", "end_at", "distance_m", "source_record_id", "source")
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
        self.start_s = self.integers("start_at")
        self.end_s = self.integers("end_at")
        self.distance_m = self.integers("distance_m")
        self.odometer_start_m = self.integers("odometer_start_m")
        self.odometer_end_m = self.integers("odometer_end_m")
        # Numbered by name, so that no order of rows shows in the numbers.
        self.vehicle, self.vehicle_names = self.numbered("vehicle_id")
        self.order: Ints = self._in_time()
        # Rows that were found to be copies: vehicle, vehicle that drives after it, shift in s.
        self.copied: list[tuple[int, int, int]] = []
        self._told: dict[str, Ints] = {}

    def _in_time(self) -> Ints:
        """Return all positions by vehicle and time; ties are decided by the rest of `_ORDER`."""
        order = np.lexsort((self.start_s, self.vehicle)).astype(np.int64)
        same = self.vehicle[order[1:]] == self.vehicle[order[:-1]]
        same &= self.start_s[order[1:]] == self.start_s[order[:-1]]
        if not same.any():
            return order
        tied = np.zeros(len(order), dtype=bool)
        tied[1:] |= same
        tied[:-1] |= same
        keys = [(column, "ascending") for column in _ORDER]
        places = order[tied]
        within = pc.sort_indices(self.table.take(pa.array(places)), sort_keys=keys).to_numpy()
        order[tied] = places[within]
        return order

    def numbered(self, column: str) -> tuple[Ints, list[str]]:
        """Return a text column as numbers in the order of its values (-1 for none), and those."""
        coded = pc.dictionary_encode(self.table[column].combine_chunks())
        values: list[str] = coded.dictionary.to_pylist()
        rank = np.empty(len(values), dtype=np.int64)
        rank[np.argsort(np.array(values, dtype=object), kind="stable")] = np.arange(len(values))
        codes = pc.fill_null(coded.indices, -1).to_numpy().astype(np.int64)
        numbers = np.where(codes < 0, -1, rank[codes]) if values else codes
        return numbers, sorted(values)

    def integers(self, column: str) -> Ints:
        """Return a column as int64, nulls as `MISSING`."""
        values = pc.fill_null(pc.cast(self.table[column], pa.int64()), MISSING)
        # A copy: arrays out of Arrow are read-only, and starts and odometers get mended.
        return np.array(values.to_numpy(), dtype=np.int64)

    def told(self, columns: Sequence[str]) -> list[Ints]:
        """Return the columns in which any trip has a value, as `integers`, not to be written to."""
        for column in columns:
            if column not in self._told:
                is_empty = self.table[column].null_count == self.table.num_rows
                self._told[column] = self.integers(column)[: 0 if is_empty else None]
        return [self._told[column] for column in columns if len(self._told[column])]

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
        parts: list[Ints] = []
        for trips in self.by_vehicle():
            months = self.start_s[trips].astype("datetime64[s]").astype("datetime64[M]")
            cuts = np.flatnonzero(np.diff(months.astype(np.int64))) + 1
            parts.extend(np.split(trips, cuts))
        return parts

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


def moment_text(seconds: int) -> str:
    """Write seconds since 1970 as an instant people read; any int64 can be written."""
    return str(np.datetime64(int(seconds), "s")) + "Z"
