"""Trips told again at another time or under another vehicle: one way is credited once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from carbonbank.domain.issue import RowIssue
from carbonbank.mrv.rules.frame import MISSING, Frame, Ints, Mask, in_order, runs, stable_order
from carbonbank.mrv.rules.thresholds import Rules

# A trip is held against the next few of its length and duration: replays stand close in that
# order, and rounded data, where hundreds are alike, stays linear.
_NEIGHBOURS = 8
_HOUR_S = 3_600
_METERS = ("energy_grid_wh", "energy_battery_wh", "fuel_ml")
_TELLING = (*_METERS, "soc_start_bps", "soc_end_bps")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Trips of one `kind` (length and duration, or metered energy: any number), by position.

    `later` starts after `earlier`; at the same time, its vehicle comes later by name.
    """

    earlier: Ints
    later: Ints
    kind: Ints

    def only(self, wanted: Mask) -> "Pairs":
        """Return some of the pairs."""
        return Pairs(self.earlier[wanted], self.later[wanted], self.kind[wanted])


def alike(trips: Frame) -> Pairs:
    """Return the pairs of alive trips that are alike and that no energy or charge tells apart."""
    places = np.flatnonzero(trips.alive & (trips.distance_m > 0))
    lasts_s = trips.end_s - trips.start_s
    kind = lasts_s * np.int64(1_000_003) + trips.distance_m * np.int64(8_589_935_681)
    told = _told(trips, places, kind[places])
    # Equal trips have equal marks; the few that share one are compared in full.
    mark = kind[places] + told
    which = _by_mark(trips, places, mark)
    few = places[which]
    pairs = _neighbours(few, (lasts_s[few], trips.distance_m[few], told[which]))
    pairs = pairs.only(~_told_apart(trips, pairs))
    return Pairs(pairs.earlier, pairs.later, kind[pairs.later])


def _told(trips: Frame, places: Ints, kind: Ints) -> Ints:
    """Return marks of what trips tell beside their kind: other marks are told apart.

    Any difference tells trips apart that are silent about nothing. One that is silent may be any
    other of its kind, and all of that kind have the mark 0.
    """
    columns = [values[places] for values in trips.told(_TELLING)]
    told = _mixed(columns, len(places))
    silent = np.zeros(len(places), dtype=bool)
    for values in columns:
        silent |= values == MISSING
    if silent.any():
        told[np.isin(kind, kind[silent])] = 0
    return told


def _mixed(columns: Sequence[Ints], rows: int) -> Ints:
    """Return one number for the values of each row, equal where they are.

    Wrapping is harmless: a mark only sorts out trips that can not be equal.
    """
    mark = np.zeros(rows, dtype=np.int64)
    for number, values in enumerate(columns):
        mark += values * np.int64(9_007_199_254_740_881 - 2 * number)
    return mark


def _shared(mark: Ints) -> Ints:
    """Return where the marks stand that another one equals."""
    by_mark = stable_order(mark)
    again = np.zeros(len(by_mark), dtype=bool)
    same = mark[by_mark[1:]] == mark[by_mark[:-1]]
    again[1:] |= same
    again[:-1] |= same
    return np.sort(by_mark[again])


def _by_mark(trips: Frame, places: Ints, mark: Ints) -> Ints:
    """Return where the marks stand that another one equals, by mark, and by start and vehicle."""
    which = _shared(mark)
    few = places[which]
    order, _ = in_order(trips.start_s[few], trips.vehicle[few])
    which = which[order]
    return which[stable_order(mark[which])]


def _neighbours(
    few: Ints, values: Sequence[Ints], near: Callable[[Ints, Ints], Mask] | None = None
) -> Pairs:
    """Return pairs of neighbours with equal values, which trips are sorted by, and `near` else."""
    differs = np.any([np.diff(column) != 0 for column in values], axis=0)
    kind = np.concatenate([[0], np.cumsum(differs)])[: len(few)].astype(np.int64)
    earlier, later = [few[:0]], [few[:0]]
    kinds = [kind[:0]]
    for step in range(1, _NEIGHBOURS + 1):
        same = np.flatnonzero(kind[step:] == kind[:-step])
        if not len(same):
            break
        if near is not None:
            same = same[near(few[same], few[same + step])]
        earlier.append(few[same])
        later.append(few[same + step])
        kinds.append(kind[same])
    return Pairs(*(np.concatenate(parts) for parts in (earlier, later, kinds)))


def _told_apart(trips: Frame, pairs: Pairs) -> Mask:
    apart = np.zeros(len(pairs.later), dtype=bool)
    for column in _TELLING if len(apart) else ():
        values = trips.integers(column)
        one, other = values[pairs.earlier], values[pairs.later]
        apart |= (one != other) & (one != MISSING) & (other != MISSING)
    return apart


def copied_trips(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A file told again with other times, or under another vehicle, counts once.

    One coincidence is none: a copy is a row of different trips, all with the same shift. Before
    them the rule of the hour that clocks show twice looks at pairs alone.
    """
    pairs = alike(trips)
    if not len(pairs.later):
        return
    yield from _hours(trips, pairs, rules)
    pairs = _often(trips, pairs, rules.copied_trips_min)
    yield from _rows(trips, pairs, rules, "copied_trips")


def metered_twice(trips: Frame, rules: Rules) -> Iterator[RowIssue]:
    """A row of trips that metered what another row metered is that row, mended to look new.

    Whoever changes times and distances a little, or all distances by a factor, tells no trip alike
    any more; energy to the watt-hour is a print that nobody drives a second time in a row of trips
    as long as the first, at one shift.
    """
    yield from _rows(trips, _metered_alike(trips, rules), rules, "metered_twice")


def _metered_alike(trips: Frame, rules: Rules) -> Pairs:
    """Return pairs that metered the same, and last the same but for what clocks may differ."""
    meters = trips.told(_METERS)
    metered = np.zeros(len(trips.alive), dtype=bool)
    for values in meters:
        metered |= values > 0
    places = np.flatnonzero(trips.alive & metered)
    mark = _mixed([values[places] for values in meters], len(places))
    if not trips.whole_fleet:
        mark += trips.vehicle[places] * np.int64(1_000_003)
    which = _by_mark(trips, places, mark)
    lasts_s, near_s = trips.end_s - trips.start_s, rules.overlap_s_max
    pairs = _neighbours(
        places[which], (mark[which],), lambda a, b: abs(lasts_s[a] - lasts_s[b]) <= near_s
    )
    for values in meters:
        pairs = pairs.only(values[pairs.earlier] == values[pairs.later])
    if not trips.whole_fleet:  # nothing of two vehicles
        return pairs
    # About the same time, the vehicle first by name drove.
    shift_s = trips.start_s[pairs.later] - trips.start_s[pairs.earlier]
    swap = (shift_s <= near_s) & (trips.vehicle[pairs.earlier] > trips.vehicle[pairs.later])
    first, second = pairs.earlier, pairs.later
    pairs = Pairs(np.where(swap, second, first), np.where(swap, first, second), pairs.kind)
    mark = trips.vehicle[pairs.earlier] * len(trips.vehicle_names) + trips.vehicle[pairs.later]
    return pairs.only(_frequent(mark, rules.copied_trips_min))


def _rows(trips: Frame, pairs: Pairs, rules: Rules, code: str) -> Iterator[RowIssue]:
    """Flag the pairs of two vehicles that are a row: often enough, dense enough, at one shift."""
    if not len(pairs.later):
        return
    slack_s = rules.overlap_s_max if code == "metered_twice" else 0
    shift_s = trips.start_s[pairs.later] - trips.start_s[pairs.earlier]
    one, other = trips.vehicle[pairs.earlier], trips.vehicle[pairs.later]
    two = other * np.int64(len(trips.vehicle_names)) + one
    order, _ = in_order(two, shift_s)
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(shift_s[order]) > slack_s) | (np.diff(two[order]) != 0)
    size = np.diff(np.append(np.flatnonzero(new), len(order)))
    many = size >= rules.copied_trips_min
    order, size = order[np.repeat(many, size)], size[many]
    if not len(order):
        return
    lasts = np.cumsum(size)
    firsts = lasts - size
    among = _places_in_time(trips)[pairs.later[order]]
    spread = np.maximum.reduceat(among, firsts) - np.minimum.reduceat(among, firsts) + 1
    found = size * 10_000 >= rules.copied_share_bps_min * spread
    for first, last in zip(firsts[found].tolist(), lasts[found].tolist(), strict=True):
        group = order[first:last]
        if len(np.unique(pairs.kind[group])) < rules.copied_trips_min:
            continue
        limit = f"fewer than {rules.copied_trips_min} trips told twice"
        trips.copied.append(tuple(int(told[group[0]]) for told in (one, other, shift_s)))  # type: ignore[arg-type]
        for first_told, told_again in zip(pairs.earlier[group], pairs.later[group], strict=True):
            said = (code, limit, len(group))
            yield from copy_issue(trips, int(first_told), int(told_again), said)


def _often(trips: Frame, pairs: Pairs, least: int) -> Pairs:
    """Return the pairs whose vehicles and shift come up `least` times; a mark may hide others."""
    mark = trips.vehicle[pairs.earlier] * 1_000_003 + trips.vehicle[pairs.later] * 8_589_935_681
    mark += (trips.start_s[pairs.later] - trips.start_s[pairs.earlier]) * 2_305_843_009_213
    return pairs.only(_frequent(mark, least))


def _frequent(mark: Ints, least: int) -> Mask:
    """Return which marks come up `least` times."""
    often = np.zeros(len(mark), dtype=bool)
    order = stable_order(mark)
    _, counts = runs(mark[order])
    often[order] = np.repeat(counts >= least, counts)
    return often


def copy_issue(
    trips: Frame, one: int, other: int, said: tuple[str, str, int]
) -> Iterator[RowIssue]:
    """Flag the later of two trips, or the earlier if the later one counts already."""
    code, limit, count = said
    copy, kept = (one, other) if trips.fixed[other] else (other, one)
    if trips.fixed[copy] or not trips.alive[copy]:
        return
    shift_s = int(trips.start_s[copy] - trips.start_s[kept])
    value = f"{count} alike; trip {trips.text('source_record_id', kept)} {shift_s:+d} s"
    if trips.vehicle[one] != trips.vehicle[other]:
        value += f" of vehicle {trips.vehicle_names[trips.vehicle[kept]]}"
    yield trips.flag(copy, code, "start_at", value, limit)


def _places_in_time(trips: Frame) -> Ints:
    """Return each alive trip's place among the alive ones of all vehicles, in order of time."""
    order = trips.order[trips.alive[trips.order]]
    place = np.zeros(len(trips.alive), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place


def _hours(trips: Frame, pairs: Pairs, rules: Rules) -> Iterator[RowIssue]:
    """Where clocks are set back, files in local time tell the trips of one hour in two hours."""
    same = trips.vehicle[pairs.earlier] == trips.vehicle[pairs.later]
    same &= trips.start_s[pairs.later] - trips.start_s[pairs.earlier] == _HOUR_S
    found = pairs.only(same)
    for one, other in zip(found.earlier.tolist(), found.later.tolist(), strict=True):
        zone = _clock_set_back(int(trips.start_s[one]), rules.clock_zones)
        if zone or _same_odometer(trips, one, other):
            limit = f"the clock of {zone} shows this hour twice" if zone else "odometers rise"
            yield from copy_issue(trips, one, other, ("hour_told_twice", limit, 1))


def _clock_set_back(start_s: int, zones: tuple[str, ...]) -> str:
    """Return the zone whose clock shows the same at an instant and an hour later, or nothing."""
    at = datetime.fromtimestamp(start_s, UTC)
    for name in zones:
        zone = ZoneInfo(name)
        if at.astimezone(zone).replace(tzinfo=None) == (
            (at + timedelta(seconds=_HOUR_S)).astimezone(zone).replace(tzinfo=None)
        ):
            return name
    return ""


def _same_odometer(trips: Frame, one: int, other: int) -> bool:
    return all(
        readings_m[one] != MISSING and readings_m[one] == readings_m[other]
        for readings_m in (trips.odometer_start_m, trips.odometer_end_m)
    )
