"""Rules that need the other trips of a vehicle: copies and overlaps."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.rules.frame import Frame, Ints, moment_text
from carbonbank.mrv.rules.thresholds import Rules

_NOT_COMPARED = ("row", "source_record_id")


def duplicates(trips: Frame, _: Rules) -> Iterator[RowIssue]:
    """One vehicle, time and distance is one trip: equal copies count once, others wait."""
    for copies in _copies(trips):
        contents = [_content(trips, i) for i in copies]
        first = int(trips.rows[copies[0]])
        if all(content == contents[0] for content in contents):
            for i in copies[1:]:
                value = f"as row {first}"
                yield trips.flag(i, "duplicate_trip", "source_record_id", value, "one row a trip")
            continue
        for i in copies:
            differing = sorted(
                column
                for column in contents[0]
                if any(content[column] != contents[0][column] for content in contents)
            )
            value = f"{len(copies)} rows differ in {', '.join(differing)}"
            yield trips.flag(i, "conflicting_copies", differing[0], value, "one row a trip")


def _copies(trips: Frame) -> list[Ints]:
    """Return groups of alive trips with equal vehicle, times and distance, in a stable order."""
    order = trips.order[trips.alive[trips.order]]
    same = np.ones(max(0, len(order) - 1), dtype=bool)
    for values in (trips.vehicle, trips.start_s, trips.end_s, trips.distance_m):
        same &= values[order[1:]] == values[order[:-1]]
    # Runs of equal neighbours alone are cut out: nearly all trips have no copy.
    edges = np.diff(np.concatenate([[False], same, [False]]).astype(np.int8))
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [order[a : b + 1] for a, b in zip(firsts.tolist(), lasts.tolist(), strict=True)]


def _content(trips: Frame, position: int) -> dict[str, Any]:
    record: dict[str, Any] = trips.table.slice(position, 1).to_pylist()[0]
    return {column: value for column, value in record.items() if column not in _NOT_COMPARED}


def overlaps(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A vehicle is on one trip at a time: short overlaps are cut, longer ones keep the later out.

    The later trip is the one that starts later. What is kept out holds no time against others.
    """
    mine = trips.order[trips.alive[trips.order]]
    if not len(mine):
        return
    start_s, end_s = trips.start_s[mine], trips.end_s[mine]
    # Each vehicle on a line of time of its own, so that one running maximum serves all.
    base_s = int(start_s.min())
    line = trips.vehicle[mine] * (int(end_s.max()) - base_s + 1) - base_s
    busy = np.maximum.accumulate(end_s + line)
    apart = np.append(True, start_s[1:] + line[1:] >= busy[:-1])
    firsts = np.append(np.flatnonzero(apart), len(mine))
    for cluster in np.flatnonzero(np.diff(firsts) > 1).tolist():
        yield from _sweep(trips, mine[firsts[cluster] : firsts[cluster + 1]], rules)


def _sweep(trips: Frame, mine: Ints, rules: Rules) -> Iterator[RowIssue]:
    busy_until_s = int(trips.end_s[mine[0]])
    for i in mine[1:]:
        over_s = busy_until_s - int(trips.start_s[i])
        limit = f"<= {rules.overlap_s_max} s"
        value = f"{over_s} s before {moment_text(busy_until_s)}"
        if over_s > rules.overlap_s_max or (over_s > 0 and trips.end_s[i] <= busy_until_s):
            yield trips.flag(i, "overlap", "start_at", value, limit)
            continue
        if over_s > 0:
            yield trips.flag(i, "overlap_mended", "start_at", value, limit)
            trips.start_s[i] = busy_until_s
        busy_until_s = int(trips.end_s[i])
