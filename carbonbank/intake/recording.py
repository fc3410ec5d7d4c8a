"""A log of samples to drives: which samples hold, where a recording splits, how far it went.

Everything is whole numbers: time in seconds, speed in 1e-6 km/h, state of charge in 1e-6 points.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

GAP_BRIDGED_S_MAX = 60
GAP_SPLIT_S = 300
CHARGE_RISE = 2_000_000
OUTLIER = 5_000_000
_BESIDE = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a log; `soc` is None where the reading did not hold."""

    row: int
    at_s: int
    speed: int
    soc: int | None


def in_order(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Return (samples of the longest chain whose time rises, the others).

    So a clock that is wrong for a while, ahead or behind, loses those lines and no others.
    """
    tails: list[int] = []
    tops: list[int] = []
    below: list[int] = []
    for place, sample in enumerate(samples):
        pile = bisect_left(tops, sample.at_s)
        below.append(tails[pile - 1] if pile else -1)
        if pile == len(tails):
            tails.append(place)
            tops.append(sample.at_s)
        else:
            tails[pile], tops[pile] = place, sample.at_s
    chain: set[int] = set()
    place = tails[-1] if tails else -1
    while place >= 0:
        chain.add(place)
        place = below[place]
    kept = [sample for place, sample in enumerate(samples) if place in chain]
    return kept, [sample for place, sample in enumerate(samples) if place not in chain]


def without_soc_outliers(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Return (samples whose outlying charge readings are None, the samples as they were).

    A reading is an outlier if it lies more than 5 points beside the median of the 5 readings
    before it and beside that of the 5 after it, on the same side. A step (a charge, a sensor that
    is set anew) agrees with one of its sides and stays; so do the ends of a recording, where
    nobody can tell a step from an error.
    """
    read = [place for place, sample in enumerate(samples) if sample.soc is not None]
    socs = [samples[place].soc or 0 for place in read]
    mended, outliers = list(samples), []
    for k in range(1, len(read) - 1):
        before = median(socs[max(0, k - _BESIDE) : k])
        after = median(socs[k + 1 : k + 1 + _BESIDE])
        high = socs[k] - max(before, after) > OUTLIER
        low = min(before, after) - socs[k] > OUTLIER
        if high or low:
            outliers.append(samples[read[k]])
            mended[read[k]] = replace(samples[read[k]], soc=None)
    return mended, outliers


def pieces(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    """Cut a recording where more than 300 s are missing."""
    piece: list[Sample] = []
    for sample in samples:
        if piece and sample.at_s - piece[-1].at_s > GAP_SPLIT_S:
            yield piece
            piece = []
        piece.append(sample)
    if piece:
        yield piece


def drives(piece: Sequence[Sample]) -> Iterator[list[Sample]]:
    """Cut a recording at its charges: rises of more than 2 points from a low to the next high.

    A drive ends at the low and the next one begins at the high; the charge between is no drive.
    """
    begin, low, high = 0, 0, None
    for place, sample in enumerate(piece):
        if sample.soc is None:
            continue
        if high is not None:  # inside a charge: it lasts until the reading falls for good
            top = piece[high].soc or 0
            if sample.soc >= top:
                high = place
            elif sample.soc < top - CHARGE_RISE:
                begin, low, high = high, place, None
        elif piece[low].soc is None or sample.soc <= (piece[low].soc or 0):
            low = place
        elif sample.soc - (piece[low].soc or 0) > CHARGE_RISE:
            yield list(piece[begin : low + 1])
            high = place
    yield list(piece[begin if high is None else high :])


def distance_m_floor(drive: Sequence[Sample]) -> int:
    """Return the wheel distance in whole metres, downward: the sum of trapezia, rounded once.

    m = Σ (v_a + v_b) / 2 · Δt / 3.6, v in km/h; across more than 60 s nothing is counted.
    """
    twice = sum(
        (a.speed + b.speed) * (b.at_s - a.at_s)
        for a, b in pairwise(drive)
        if b.at_s - a.at_s <= GAP_BRIDGED_S_MAX
    )
    return twice // 7_200_000
