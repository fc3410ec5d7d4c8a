"""Follow one row of trips along another at a shift in time: which trips go together, and how well.

First guesses (`guess`): trips of two vehicles, or of one with itself, that last about as long, vote
for the shift between them. Then each shift that has votes is followed over the whole row
(`follow`): a trip goes with the one that started nearest the shift before, if no instrument that
both tell of says otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carbonbank.mrv.rules.frame import MISSING, Frame, Ints, Mask, in_order
from carbonbank.mrv.rules.prints import CHARGES, METERS
from carbonbank.mrv.rules.thresholds import Rules

_NEIGHBOURS = 8  # how many trips of about its length a voter is compared with, to guess
_VOTERS = 2_000  # of two vehicles, about so many trips vote if there are more
_PER_VOTE = 100  # in a row, one voter of so many finds its copy among its neighbours at least
_SHIFTS = 4  # how many shifts of two vehicles are followed
_FACTOR_BPS = 12_000  # how far guessed lengths may differ: all told longer by a factor
ROUNDED_M = 100  # what instruments leave off, and a short way's two per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """Suspicions: vehicle `other` drives `shift_s` (s) after vehicle `one`, by number."""

    one: Ints
    other: Ints
    shift_s: Ints

    def only(self, wanted: Mask | Ints) -> "Shifts":
        """Return some of them."""
        return Shifts(one=self.one[wanted], other=self.other[wanted], shift_s=self.shift_s[wanted])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Trips that go together, by position: `first` of `one`, `second` of `other`; `row` numbers.

    Each row is one of `shifts`; `shift_s` of a row is what its trips have in the middle.
    """

    shifts: Shifts
    first: Ints
    second: Ints
    row: Ints

    def only(self, wanted: Mask) -> "Rows":
        """Return the pairs of some rows (a mask by row)."""
        pairs = wanted[self.row]
        return Rows(
            shifts=self.shifts,
            first=self.first[pairs],
            second=self.second[pairs],
            row=self.row[pairs],
        )


def guess(trips: Frame, vehicles: Sequence[tuple[int, int]], rules: Rules) -> Shifts:
    """Return the shift of each two trips that may be one told twice, with repetitions.

    Args:
        trips: the trips.
        vehicles: which vehicles to hold against each other, the smaller number first; a vehicle
            may be held against itself.
        rules: what two instruments may differ by.
    """
    order = trips.order[trips.alive[trips.order]]
    count = np.bincount(trips.vehicle[order], minlength=len(trips.vehicle_names)).astype(np.int64)
    start = np.cumsum(count) - count
    pairs = np.array(vehicles, dtype=np.int64).reshape(-1, 2)
    own = pairs[:, 0] == pairs[:, 1]
    group = np.concatenate([np.arange(len(pairs)), np.flatnonzero(~own)])
    whose = np.concatenate([pairs[:, 0], pairs[~own, 1]])
    place = order[_ranges(start[whose], count[whose])]
    one, other, of = _alike_in_length(trips, place, np.repeat(group, count[whose]), rules)
    met = own[of] | (trips.vehicle[one] != trips.vehicle[other])
    one, other = one[met], other[met]
    same = trips.vehicle[one] == trips.vehicle[other]
    swap = np.where(
        same, trips.start_s[one] > trips.start_s[other], trips.vehicle[one] > trips.vehicle[other]
    )
    one, other = np.where(swap, other, one), np.where(swap, one, other)
    still = ~driven_on(trips, one, other)  # first, as it clears most pairs of one vehicle
    one, other = one[still], other[still]
    agree = ~told_apart(trips, one, other, rules)
    one, other = one[agree], other[agree]
    return Shifts(
        one=trips.vehicle[one],
        other=trips.vehicle[other],
        shift_s=trips.start_s[other] - trips.start_s[one],
    )


def _alike_in_length(
    trips: Frame, place: Ints, group: Ints, rules: Rules
) -> tuple[Ints, Ints, Ints]:
    """Return pairs of trips of a group that last about as long and may be as far, and the group."""
    lasts_s, metres = (trips.end_s - trips.start_s)[place], trips.distance_m[place]
    # One line of durations for all groups, further apart than any two trips that agree.
    line = group * (int(lasts_s.max(initial=0)) + rules.overlap_s_max + 1) + lasts_s
    by_length, _ = in_order(line, metres)
    place, group, line, metres = (a[by_length] for a in (place, group, line, metres))
    most_m = metres * _FACTOR_BPS // 10_000 + ROUNDED_M
    size = np.bincount(group)
    among = _ranges(np.zeros_like(size), size)
    voter = np.flatnonzero(among % _one_of(size)[group] == 0)
    ones, others = [place[:0]], [place[:0]]
    for step in range(1, _NEIGHBOURS + 1):
        voter = voter[voter < len(place) - step]
        voter = voter[line[voter + step] - line[voter] <= rules.overlap_s_max]
        as_far = metres[voter + step] <= most_m[voter]
        as_far &= metres[voter] <= most_m[voter + step]
        ones.append(voter[as_far])
        others.append(voter[as_far] + step)
    one, other = np.concatenate(ones), np.concatenate(others)
    return place[one], place[other], group[one]


def _one_of(trips: Ints) -> Ints:
    """Return one of how many trips votes, for so many trips of two vehicles or of one."""
    return np.maximum(1, -(-trips // _VOTERS))


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """Return the numbers from each start on, as many as counted, one after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    numbers: Ints = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return numbers


def beside(
    trips: Frame, few: Mask, among: Mask, shift_s: int, slack_s: int
) -> list[tuple[int, int]]:
    """Return the pairs of vehicles with a trip of a `few` that starts with one of others, shifted.

    The smaller number comes first, and `shift_s` is from that vehicle to the other.
    """
    mine, others = np.flatnonzero(trips.alive & few), np.flatnonzero(trips.alive & among)
    others = others[np.argsort(trips.start_s[others], kind="stable")]
    found: set[tuple[int, int]] = set()
    for sign in (1, -1):
        wanted_s = trips.start_s[mine] - sign * shift_s
        begin = np.searchsorted(trips.start_s[others], wanted_s - slack_s, "left")
        end = np.searchsorted(trips.start_s[others], wanted_s + slack_s, "right")
        one = trips.vehicle[others[_ranges(begin, end - begin)]]
        other = trips.vehicle[np.repeat(mine, end - begin)]
        pairs = zip(one.tolist(), other.tolist(), strict=True)
        found |= {(min(pair), max(pair)) for pair in pairs if (pair[1] - pair[0]) * sign > 0}
    return sorted(found)


def told_apart(trips: Frame, one: Ints, other: Ints, rules: Rules) -> Mask:
    """Return where energy, fuel or charge say that two trips are two drives."""
    apart = np.zeros(len(one), dtype=bool)
    for values in trips.told(METERS):
        a, b = values[one], values[other]
        both = (a != MISSING) & (b != MISSING)
        wide = np.where(both, np.abs(a), 0) * rules.retold_bps_max // 10_000 + 1
        apart |= both & (np.abs(np.where(both, a - b, 0)) > wide)
    for values in trips.told(CHARGES):
        a, b = values[one], values[other]
        both = (a != MISSING) & (b != MISSING)
        apart |= both & (np.abs(np.where(both, a - b, 0)) > rules.charge_reading_bps)
    return apart


def driven_on(trips: Frame, one: Ints, other: Ints) -> Mask:
    """Return where the vehicle's odometer moved on between two trips of it (the earlier first)."""
    ends_m, starts_m = trips.odometer_end_m[one], trips.odometer_start_m[other]
    on: Mask = (ends_m != MISSING) & (starts_m >= ends_m)
    on &= trips.vehicle[one] == trips.vehicle[other]
    return on


def often(trips: Frame, shifts: Shifts, slack_s: int) -> Shifts:
    """Return the shifts that two vehicles have often within `2 * slack_s`, once each.

    Often is twice, and once for each `_PER_VOTE` voters; the `_SHIFTS` most frequent are kept.
    """
    order = np.lexsort((shifts.shift_s, shifts.other, shifts.one))
    shifts = shifts.only(order)
    count = np.bincount(trips.vehicle[trips.alive], minlength=len(trips.vehicle_names))
    fewer = np.minimum(count[shifts.one], count[shifts.other])
    both = count[shifts.one] + np.where(shifts.one == shifts.other, 0, count[shifts.other])
    least = np.maximum(2, fewer // (_PER_VOTE * _one_of(both)))
    pair_changes = (np.diff(shifts.one) != 0) | (np.diff(shifts.other) != 0)
    found = []
    for half_s in (0, slack_s):  # laid twice, so that no peak is cut in two
        slot = (shifts.shift_s + half_s) // (2 * slack_s)
        new = np.append(True, pair_changes | (np.diff(slot) != 0))[: len(slot)]
        firsts = np.flatnonzero(new)
        counts = np.diff(np.append(firsts, len(slot)))
        many = counts >= least[firsts]
        found.append(np.stack([firsts[many] + counts[many] // 2, counts[many]]))
    middle, counts = np.concatenate(found, axis=1)
    order = np.lexsort((middle, -counts, shifts.other[middle], shifts.one[middle]))
    middle = middle[order]
    kept = np.ones(len(middle), dtype=bool)
    kept[_SHIFTS:] = (shifts.one[middle[_SHIFTS:]] != shifts.one[middle[:-_SHIFTS]]) | (
        shifts.other[middle[_SHIFTS:]] != shifts.other[middle[:-_SHIFTS]]
    )
    return shifts.only(middle[kept])


def follow(trips: Frame, shifts: Shifts, rules: Rules, *, is_known: bool = False) -> Rows:
    """Return the trips that go together at each shift.

    A guessed shift is the middle of what its trips have, by which they may differ as clocks do. A
    shift that `is_known` to be of a copy has its middle already, both clocks may be off, and an
    odometer that was moved along denies nothing.
    """
    order = trips.order[trips.alive[trips.order]]
    vehicle, start_s = trips.vehicle[order], trips.start_s[order]
    count = np.bincount(vehicle, minlength=len(trips.vehicle_names)).astype(np.int64)
    begin = np.cumsum(count) - count
    row = np.repeat(np.arange(len(shifts.one)), count[shifts.other])
    second = _ranges(begin[shifts.other], count[shifts.other])
    base_s = int(start_s.min(initial=0))
    # Each vehicle on a line of time of its own; shifted times may leave it, and then fit nothing.
    wide_s = 2 * (int(start_s.max(initial=0)) - base_s + 1) + 1
    line = vehicle * wide_s + start_s - base_s
    slack_s = rules.overlap_s_max
    one = shifts.one[row]
    wanted_s = start_s[second] - base_s - shifts.shift_s[row]
    at = np.searchsorted(line, one * wide_s + np.maximum(wanted_s, 0))
    first, off_s = np.full(len(second), -1), np.full(len(second), 2 * slack_s + 1)
    for step in (-2, -1, 0, 1):
        place = np.clip(at + step, 0, max(0, len(order) - 1))
        away_s = np.abs(start_s[place] - base_s - wanted_s)
        better = (away_s < off_s) & (vehicle[place] == one) & (place != second)
        first, off_s = np.where(better, place, first), np.where(better, away_s, off_s)
    met = first >= 0
    # In one vehicle the earlier trip is the first; at no shift both would come up.
    met &= (shifts.one[row] != shifts.other[row]) | (first < second)
    rows = Rows(shifts=shifts, first=order[first[met]], second=order[second[met]], row=row[met])
    return _agreeing(trips, rows, rules, is_known=is_known)


def _agreeing(trips: Frame, rows: Rows, rules: Rules, *, is_known: bool) -> Rows:
    """Keep the pairs that agree with each other and with the middle of their row."""
    first, second = rows.first, rows.second
    lasts_s = trips.end_s - trips.start_s
    slack_s = rules.overlap_s_max
    met = np.abs(lasts_s[first] - lasts_s[second]) <= slack_s
    met &= ~told_apart(trips, first, second, rules)
    if not is_known:
        met &= ~driven_on(trips, first, second)
    first, second, row = first[met], second[met], rows.row[met]
    shift_s = trips.start_s[second] - trips.start_s[first]
    a, b = trips.distance_m[first], trips.distance_m[second]
    # Parts of a million, so that one factor of a whole row can be taken out; no trip that ended by
    # now is 10^11 m long (`speed_too_high`, `date_too_early`), so that products stay in 64 bits.
    ratio = b * 1_000_000 // np.maximum(a, 1)
    ratio_m = a * middles(ratio, row, len(rows.shifts.one))[row] // 1_000_000
    met = np.abs(shift_s - middles(shift_s, row, len(rows.shifts.one))[row]) <= slack_s
    met |= is_known
    met &= np.abs(b - ratio_m) <= b * rules.retold_bps_max // 10_000 + ROUNDED_M
    return Rows(shifts=rows.shifts, first=first[met], second=second[met], row=row[met])


def middles(values: Ints, row: Ints, count: int) -> Ints:
    """Return the middle value of each row (0 where it has none)."""
    order = np.lexsort((values, row))
    sizes = np.bincount(row, minlength=count)
    places = np.cumsum(sizes) - sizes + sizes // 2
    found = np.zeros(count, dtype=np.int64)
    found[sizes > 0] = values[order][places[sizes > 0]]
    return found
