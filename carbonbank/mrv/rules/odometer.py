"""Rules about odometers: readings that mean nothing, spikes, and the sum of a month."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.rules.frame import MISSING, Frame, Ints, Mask
from carbonbank.mrv.rules.thresholds import Rules

_READINGS = ("odometer_start_m", "odometer_end_m")


def odometer_sentinels(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A reading of 0 or of all ones is no reading."""
    for column in _READINGS:
        values: Ints = getattr(trips, column)
        bad = np.isin(values, (0, *rules.sentinels_m)) | (values < 0) & (values != MISSING)
        for i in np.flatnonzero(bad & trips.alive).tolist():
            yield _set_aside(
                trips, i, "odometer_sentinel", column, f"{values[i]} m", "a reading, no sentinel"
            )


def odometer_steps(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """Readings of a vehicle rise with time; what does not fit the longest rising chain is flagged.

    So one spike costs one trip its odometer, and not the honest trip after it. After a jump that
    lasts the new readings are taken: only the first of them is flagged.
    """
    start_m, end_m = trips.odometer_start_m.copy(), trips.odometer_end_m.copy()
    for mine in trips.by_vehicle():
        read = mine[(start_m[mine] != MISSING) & (end_m[mine] != MISSING)]
        if _plausible(start_m[read], end_m[read], trips.end_s[read], rules):
            continue
        backward = end_m[read] < start_m[read]
        for i in read[backward].tolist():
            run = f"{start_m[i]} m to {end_m[i]} m in one trip"
            yield _set_aside(trips, i, "odometer_set_aside", "odometer_end_m", run, "rises")
        read = read[~backward]
        if not len(read):
            continue
        chain = _rising(end_m[read])
        in_chain = np.zeros(len(read), dtype=bool)
        in_chain[chain] = True
        broken = _broken(start_m[read], end_m[read], trips.end_s[read], rules)
        # Between two trips of the chain whose step is sound there is nothing to say.
        calm = np.append(False, in_chain[1:] & in_chain[:-1] & ~broken)
        before = int(read[chain[0]]) if len(chain) else 0
        for place in np.flatnonzero(~calm).tolist():
            i, trusted = int(read[place]), bool(in_chain[place])
            if place and in_chain[place - 1]:
                before = int(read[place - 1])
            limit = _limit_broken(trips, (start_m, end_m), (before, i), rules)
            if limit is not None:
                value = f"{start_m[i]} m to {end_m[i]} m"
                yield _set_aside(trips, i, "odometer_set_aside", "odometer_start_m", value, limit)
            if trusted or (limit is None and i != before):
                before = i


def _plausible(start_m: Ints, end_m: Ints, end_s: Ints, rules: Rules) -> bool:
    """Say at once whether no step of a vehicle breaks a limit, as `_limit_broken` would find."""
    return not (_broken(start_m, end_m, end_s, rules).any() or (end_m < start_m).any())


def _broken(start_m: Ints, end_m: Ints, end_s: Ints, rules: Rules) -> Mask:
    """Return which steps from one trip to the next break a limit."""
    moved_m, elapsed_s = np.diff(end_m), np.diff(end_s)
    slack_m = rules.odometer_rollback_m_max
    broken: Mask = start_m[1:] < end_m[:-1] - slack_m
    broken |= moved_m - slack_m > rules.odometer_jump_kmh_max * 1_000 * elapsed_s // 3_600
    broken |= moved_m > rules.odometer_jump_m_per_day_max * (elapsed_s // 86_400 + 1)
    return broken


def _limit_broken(
    trips: Frame, readings_m: tuple[Ints, Ints], pair: tuple[int, int], rules: Rules
) -> str | None:
    """Return the limit that the step between two trips breaks, or None."""
    start_m, end_m = readings_m
    before, after = sorted(pair, key=lambda i: (int(trips.end_s[i]), i == pair[1]))
    if before == after:
        return None
    last_m, slack_m = int(end_m[before]), rules.odometer_rollback_m_max
    moved_m = int(end_m[after]) - last_m
    elapsed_s = int(trips.end_s[after]) - int(trips.end_s[before])
    if int(start_m[after]) < last_m - slack_m:
        return f"not below {last_m} m of a trip beside it by more than {slack_m} m"
    # Whole metres: m > x holds where m > floor(x). The slack is for readings of whole kilometres.
    if moved_m - slack_m > rules.odometer_jump_kmh_max * 1_000 * elapsed_s // 3_600:
        return f"{rules.odometer_jump_kmh_max} km/h for {elapsed_s} s from {last_m} m"
    if moved_m > rules.odometer_jump_m_per_day_max * (elapsed_s // 86_400 + 1):
        return f"{rules.odometer_jump_m_per_day_max} m a day from {last_m} m"
    return None


def _rising(values: Ints) -> Ints:
    """Return a longest rising chain: only where values are out of order is there a choice."""
    highest = np.maximum.accumulate(values)
    lowest = np.minimum.accumulate(values[::-1])[::-1]
    cuts = np.flatnonzero(highest[:-1] <= lowest[1:]) + 1
    firsts = np.append(0, cuts)
    sizes = np.diff(np.append(firsts, len(values)))
    chain = [firsts[sizes == 1]]
    for first, size in zip(firsts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        chain.append(np.array(longest_rising(values[first : first + size])) + first)
    return np.sort(np.concatenate(chain))


def longest_rising(values: Ints) -> list[int]:
    """Return the positions of a longest chain of values that never falls (patience sorting).

    From the first value of a rising run that tops all piles, each of the run opens a pile on the
    one before it: such runs are taken at once, for nearly all readings rise.
    """
    tails: list[int] = []
    tops: list[int] = []
    below = np.arange(-1, len(values) - 1)
    heights = values.tolist()
    runs = [0, *(np.flatnonzero(np.diff(values) < 0) + 1).tolist(), len(heights)]
    for first, last in pairwise(runs):
        for place in range(first, last):
            pile = bisect_right(tops, heights[place])
            below[place] = tails[pile - 1] if pile else -1
            if pile == len(tails):
                tails.extend(range(place, last))
                tops.extend(heights[place:last])
                break
            tails[pile], tops[pile] = place, heights[place]
    # Back down, stretch by stretch of neighbours.
    places = np.arange(len(heights))
    begins = np.maximum.accumulate(np.where(below == places - 1, 0, places))
    chain: list[int] = []
    place = tails[-1] if tails else -1
    while place >= 0:
        begin = int(begins[place])
        chain += range(place, begin - 1, -1)
        place = int(below[begin])
    return chain[::-1]


def _set_aside(
    trips: Frame, position: int, code: str, column: str, value: str, limit: str
) -> RowIssue:
    """Clear the odometer of a trip; a trip whose distance comes from it is kept out."""
    trips.odometer_start_m[position] = trips.odometer_end_m[position] = MISSING
    if trips.text("distance_source", position) == "odometer":
        code = "odometer_unusable"
    return trips.flag(position, code, column, value, limit)


def odometer_sums(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """The trips of a vehicle's month are as long together as its odometer moved.

    Longer by more than the limit keeps them out; shorter is shown, for trips may come later.
    """
    for mine in trips.by_vehicle_month():
        read = np.flatnonzero(trips.odometer_end_m[mine] != MISSING)
        read = read[trips.odometer_start_m[mine[read]] != MISSING]
        if len(read) == 0:
            continue
        span = mine[read[0] : read[-1] + 1]
        moved_m = int(trips.odometer_end_m[span[-1]] - trips.odometer_start_m[span[0]])
        driven_m = int(trips.distance_m[span].sum())
        if moved_m < rules.window_m:
            continue  # readings of whole kilometres say nothing about less
        excess_bps = (driven_m - moved_m) * 10_000 // moved_m
        value = f"{driven_m} m in {len(span)} trips, odometer {moved_m} m"
        if excess_bps > rules.odometer_sum_bps_max:
            limit = f"<= +{rules.odometer_sum_bps_max / 100:g} %"
            for i in _exceeding(trips, span, rules):
                yield trips.flag(i, "trips_exceed_odometer", "distance_m", value, limit)
        elif abs(excess_bps) > rules.odometer_sum_bps_warn:
            limit = f"within {rules.odometer_sum_bps_warn / 100:g} %"
            code = "trips_differ_from_odometer"
            yield trips.flag(span[0], code, "distance_m", value, limit)


def _exceeding(trips: Frame, span: Ints, rules: Rules) -> Ints:
    """Return the trips that explain by themselves why a span exceeds its odometer; else the span.

    First those longer than their own odometer says (a reading is a whole kilometre in many cars, so
    a trip may be two longer), then those that told no reading: the others are proven by their own,
    unless one was set aside, for then readings contradict each other.
    """
    start_m, end_m = trips.odometer_start_m[span], trips.odometer_end_m[span]
    driven_m = trips.distance_m[span]
    read = (start_m != MISSING) & (end_m != MISSING)
    moved_m = np.where(read, end_m - start_m, 0)
    share_bps = 10_000 + rules.odometer_sum_bps_max
    wrong = read & (driven_m > moved_m * share_bps // 10_000 + 2_000)
    rest_moved_m = int(end_m[read][-1] - start_m[read][0] - moved_m[wrong].sum())
    if wrong.any() and int(driven_m[~wrong].sum()) * 10_000 <= rest_moved_m * share_bps:
        alone: Ints = span[wrong]
        return alone
    if read.all() or trips.known("odometer_end_m")[span[~read]].any():
        return span
    # From the first to the last reading of each stretch of trips that all have one.
    firsts, lasts = (read & ~np.roll(read, by) for by in (1, -1))
    firsts[0], lasts[-1] = read[0], read[-1]
    proven_m = int(end_m[lasts].sum() - start_m[firsts].sum())
    without: Ints = span[~read]
    return without if int(driven_m[read].sum()) * 10_000 <= proven_m * share_bps else span
