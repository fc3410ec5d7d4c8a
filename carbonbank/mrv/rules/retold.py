"""Trips told again with small changes: rows that go along other rows better than drives do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.months import months_since_1970
from carbonbank.mrv.rules.copies import copy_issue
from carbonbank.mrv.rules.follow import ROUNDED_M, Rows, Shifts, beside, follow, guess, often
from carbonbank.mrv.rules.frame import Frame, Ints, Mask, runs
from carbonbank.mrv.rules.prints import kin_of, prints_of
from carbonbank.mrv.rules.thresholds import Rules

_WHOLE_BPS = 10_000
_FAR_M = 10_000_000  # no trip is longer; what is, is one kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What rows look like, one number each; shares of the first trips, the second, and of both.

    Attributes:
        trips: how many.
        kinds: how many that no instrument could take for each other, by length and duration.
        span_bps: their share of the vehicle's trips from the first of them to the last.
        month_bps: their share of the vehicle's trips of the months they lie in.
    """

    trips: Ints
    kinds: Ints
    span_bps: Ints
    month_bps: Ints


def retold_trips(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A drive is told once, even if times, distances and energies are told a little otherwise.

    No two drives of a row leave, take and measure the same to what two instruments differ by, all
    at one shift in time: one in some does, of commuters and timetables, but not most of a row.
    """
    own = [(number, number) for number in range(len(trips.vehicle_names))]
    rows, shape = _suspected(trips, own + kin_of(prints_of(trips)), rules)
    long = is_long(shape, rules)
    crossed = rows.shifts.one != rows.shifts.other
    few = ~long & is_whole(shape, shape.month_bps.max(axis=0, initial=0), crossed, rules)
    yield from _flagged(trips, rows.only(long), shape, "retold_trips", rules)
    yield from _flagged(trips, rows.only(few), shape, "not_told_apart", rules)
    yield from _at_known_shifts(trips, rules)


def told_by_others(
    trips: Frame, ours: Mask, kin: Sequence[tuple[int, int]], rules: Rules
) -> dict[int, tuple[int, int]]:
    """Return our trips that others told before, by position: trips of the row, and their vehicle.

    Args:
        trips: ours and those of others; what is found is alive no more.
        ours: which are ours.
        kin: pairs of vehicles, one ours and one theirs, the smaller number first.
        rules: the thresholds.
    """
    rows, shape = _suspected(trips, kin, rules)
    # Only their months can be whole that are all here: ours.
    month_bps = np.where(
        ours_first(trips, ours, rows.shifts), shape.month_bps[0], shape.month_bps[1]
    )
    crossed = np.ones(len(month_bps), dtype=bool)
    found = is_long(shape, rules) | is_whole(shape, month_bps, crossed, rules)
    return _ours(trips, ours, rows.only(found), shape)


def told_by_others_too(
    trips: Frame, ours: Mask, known: Sequence[tuple[int, int, int]], rules: Rules
) -> dict[int, tuple[int, int]]:
    """Return our trips that go along others at a shift at which rows did, as `told_by_others`.

    Who tells a fleet's file again tells all of it: of a vehicle with few trips, all must go along.
    """
    told: dict[int, tuple[int, int]] = {}
    shifts = _known(known)
    spread = _spread(shifts, rules, least_own=2)
    for shift_s in _both_ways(shifts.shift_s[spread].tolist()):
        pairs = beside(trips, ours, ~ours, shift_s, 2 * rules.overlap_s_max)
        wanted = _known([(one, other, shift_s) for one, other in pairs])
        rows = follow(trips, wanted, rules, is_known=True)
        shape = shape_of(trips, rows, rules)
        first = ours_first(trips, ours, rows.shifts)
        month_bps = np.where(first, shape.month_bps[0], shape.month_bps[1])
        told |= _ours(trips, ours, rows.only(month_bps >= _WHOLE_BPS), shape)
    return told


def ours_first(trips: Frame, ours: Mask, shifts: Shifts) -> Mask:
    """Return whether `one` is a vehicle of ours."""
    is_ours = np.zeros(len(trips.vehicle_names), dtype=bool)
    is_ours[trips.vehicle[ours]] = True
    return is_ours[shifts.one]


def _ours(trips: Frame, ours: Mask, rows: Rows, shape: Shape) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for first, second, row in zip(
        rows.first.tolist(), rows.second.tolist(), rows.row.tolist(), strict=True
    ):
        mine, other = (first, second) if ours[first] else (second, first)
        found.setdefault(mine, (int(shape.trips[row]), int(trips.vehicle[other])))
    trips.alive[list(found)] = False
    trips.copied += _told_at(rows.shifts.only(np.unique(rows.row)))
    return found


def _suspected(
    trips: Frame, vehicles: Sequence[tuple[int, int]], rules: Rules
) -> tuple[Rows, Shape]:
    guesses = guess(trips, vehicles, rules)
    rows = follow(trips, often(trips, guesses, rules.overlap_s_max), rules)
    return rows, shape_of(trips, rows, rules)


def is_long(shape: Shape, rules: Rules) -> Mask:
    """Return which rows are long and dense enough to be copies by themselves."""
    dense = shape.span_bps >= rules.retold_share_bps_min
    dense &= shape.month_bps >= rules.copied_share_bps_min
    long: Mask = dense.any(axis=0) & (shape.kinds >= rules.retold_trips_min)
    return long


def is_whole(shape: Shape, month_bps: Ints, crossed: Mask, rules: Rules) -> Mask:
    """Return which rows are all that a vehicle did in its months, and are no shuttle.

    Of one vehicle with itself (not `crossed`) a row is short: a longer one is judged by its length.
    """
    short = shape.trips < rules.retold_trips_min
    whole: Mask = (month_bps >= _WHOLE_BPS) & (short | crossed)
    whole &= shape.kinds >= np.where(short, 2, rules.copied_trips_min)
    return whole


def _kinds(trips: Frame, places: Ints, rules: Rules) -> tuple[Ints, Ints]:
    """Return classes of distance and duration: what two instruments may tell of one is one kind."""
    bounds_m = [0]
    while bounds_m[-1] < _FAR_M:
        least_m = bounds_m[-1]
        bounds_m.append(least_m + 2 * (least_m * rules.retold_bps_max // 10_000 + ROUNDED_M))
    lasts_s = trips.end_s[places] - trips.start_s[places]
    far = np.searchsorted(np.array(bounds_m), trips.distance_m[places])
    return far, lasts_s // (2 * rules.overlap_s_max)


def shape_of(trips: Frame, rows: Rows, rules: Rules) -> Shape:
    """Return what rows look like among all alive trips."""
    count = len(rows.shifts.one)
    told = np.bincount(rows.row, minlength=count)
    kind = np.stack([rows.row, *_kinds(trips, rows.first, rules)])
    kinds = np.bincount(np.unique(kind, axis=1)[0], minlength=count)
    order = trips.order[trips.alive[trips.order]]
    place = np.zeros(len(trips.alive), dtype=np.int64)
    place[order] = np.arange(len(order))
    month = trips.vehicle * 4_096 + months_since_1970(trips.start_s)
    firsts, size = runs(month[order])
    known = month[order[firsts]]
    spans, parts = [], []
    # Both sides together, for copies that stand among their originals.
    both = (np.concatenate([rows.first, rows.second]), np.concatenate([rows.row, rows.row]))
    for told_by, of in ((rows.first, rows.row), (rows.second, rows.row), both):
        row, side = np.unique(np.stack([of, told_by]), axis=1)
        among = np.bincount(row, minlength=count)
        first, last = np.full(count, len(order)), np.full(count, -1)
        np.minimum.at(first, row, place[side])
        np.maximum.at(last, row, place[side])
        spans.append(among * _WHOLE_BPS // np.maximum(1, last - first + 1))
        lies_in = np.unique(np.stack([row, np.searchsorted(known, month[side])]), axis=1)
        all_of = np.bincount(lies_in[0], weights=size[lies_in[1]], minlength=count)
        parts.append(among * _WHOLE_BPS // np.maximum(1, all_of.astype(np.int64)))
    return Shape(trips=told, kinds=kinds, span_bps=np.stack(spans), month_bps=np.stack(parts))


def _flagged(trips: Frame, rows: Rows, shape: Shape, code: str, rules: Rules) -> Iterator[RowIssue]:
    """Flag one trip of each pair: the later one; at no shift, of the vehicle that is the copy."""
    first_falls = shape.month_bps[0] > shape.month_bps[1]
    limit = f"fewer than {rules.retold_trips_min} trips told twice"
    shifts = rows.shifts
    trips.copied += _told_at(rows.shifts.only(np.unique(rows.row)))
    order = np.lexsort((rows.first, rows.row))
    for pair in order.tolist():
        number = int(rows.row[pair])
        kept, copy = int(rows.first[pair]), int(rows.second[pair])
        shift_s = int(shifts.shift_s[number])
        at_once = abs(shift_s) <= rules.overlap_s_max
        if (shift_s < 0 and not at_once) or (at_once and bool(first_falls[number])):
            kept, copy = copy, kept
        if trips.alive[kept] and trips.alive[copy]:
            said = (code, limit, int(shape.trips[number]))
            yield from copy_issue(trips, kept, copy, said)


def _at_known_shifts(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """Who shifts a file shifts all of it: at the shift of a copy, few trips are copies too.

    A shift is known to two vehicles where a row of theirs was told again at it. If the whole fleet
    is here, it is known to all vehicles from rows of two pairs of others; for copies of vehicles
    under their own names, from rows of as many vehicles as make a copy of a fleet.
    """
    if not trips.copied:
        return
    known = _known(sorted(set(trips.copied)))
    able = int((np.bincount(trips.vehicle) >= rules.retold_trips_min).sum())
    least = max(2, able * rules.copied_share_bps_min // _WHOLE_BPS)
    spread = _spread(known, rules, least_own=least) & trips.whole_fleet
    count = np.bincount(trips.vehicle[trips.alive], minlength=len(trips.vehicle_names))
    few = (count < rules.retold_trips_min)[trips.vehicle]
    wanted: dict[tuple[int, int, int], bool] = {}
    for one, other, shift_s in _told_at(known.only(spread)):
        if one == other:
            wanted |= {(number, number, shift_s): False for number in range(len(count))}
            continue
        for by_s in _both_ways([shift_s]):
            pairs = beside(trips, few, trips.alive, by_s, 2 * rules.overlap_s_max)
            wanted |= {(*pair, by_s): False for pair in pairs}
    wanted |= dict.fromkeys(_told_at(known), True)
    is_own = np.array([wanted[shift] for shift in sorted(wanted)], dtype=bool)
    rows = follow(trips, _known(sorted(wanted)), rules, is_known=True)
    shape = shape_of(trips, rows, rules)
    dense = shape.span_bps >= rules.retold_share_bps_min
    # Another vehicle's trips go along by chance now and then: all of them must, if only few do.
    alone = (rows.shifts.one == rows.shifts.other) | (shape.month_bps >= _WHOLE_BPS)
    few_alike = ~is_own & (dense & alone).any(axis=0)
    yield from _flagged(trips, rows.only(is_own), shape, "retold_trips", rules)
    yield from _flagged(trips, rows.only(few_alike), shape, "not_told_apart", rules)


def _known(told: Sequence[tuple[int, int, int]]) -> Shifts:
    """Return shifts with the smaller vehicle number first."""
    columns = np.array(told, dtype=np.int64).reshape(-1, 3)
    one, other, shift_s = columns.T
    swap = one > other
    return Shifts(
        one=np.where(swap, other, one),
        other=np.where(swap, one, other),
        shift_s=np.where(swap, -shift_s, shift_s),
    )


def _both_ways(shifts_s: Sequence[int]) -> list[int]:
    """Return shifts forth and back: which vehicle is the copy does not show in its name."""
    return sorted({sign * shift_s for shift_s in shifts_s for sign in (1, -1)})


def _told_at(shifts: Shifts) -> list[tuple[int, int, int]]:
    columns = (shifts.one.tolist(), shifts.other.tolist(), shifts.shift_s.tolist())
    return list(zip(*columns, strict=True))


def _spread(known: Shifts, rules: Rules, *, least_own: int) -> Mask:
    """Return which shifts so many pairs of vehicles have that others have them too.

    Of shifts that are the same to a clock one is returned. Copies of vehicles under their own names
    need `least_own` vehicles, those of others two pairs.
    """
    spread = np.zeros(len(known.one), dtype=bool)
    same = known.one == known.other
    done = spread.copy()
    for number in range(len(known.one)):
        if done[number]:
            continue
        near = np.abs(known.shift_s - known.shift_s[number]) <= rules.overlap_s_max
        near &= same == same[number]
        done |= near
        pairs = np.unique(np.stack([known.one[near], known.other[near]]), axis=1).shape[1]
        spread[number] = pairs >= (least_own if same[number] else 2)
    return spread
