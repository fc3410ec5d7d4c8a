"""Pure pieces of a recording."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from carbonbank.intake.recording import Sample, drives, in_order, pieces, without_soc_outliers


def log(times):
    return [Sample(row, at_s, 0, 0) for row, at_s in enumerate(times)]


def longest_rising_length(times) -> int:
    tops: list[int] = []
    for at_s in times:
        below = [top for top in tops if top < at_s]
        tops[len(below) : len(below) + 1] = [at_s]
    return len(tops)


@given(st.lists(st.integers(0, 50)))
def test_in_order_keeps_a_longest_rising_chain(times):
    kept, others = in_order(log(times))
    assert len(kept) == longest_rising_length(times)
    assert all(a.at_s < b.at_s for a, b in pairwise(kept))
    assert sorted(s.row for s in kept + others) == list(range(len(times)))


def charges(*points):
    return [Sample(row, row, 0, round(point * 1e6)) for row, point in enumerate(points)]


def outliers(*points):
    return [sample.row for sample in without_soc_outliers(charges(*points))[1]]


def test_a_spike_of_one_or_two_samples_is_an_outlier():
    assert outliers(50, 50, 50, 44.99, 50, 50, 50) == [3]
    assert outliers(50, 50, 50, 45, 50, 50, 50) == []  # 5 points are the limit
    assert outliers(50, 50, 50, 99, 98, 50, 50, 50) == [3, 4]


def test_a_step_is_no_outlier():
    assert outliers(50, 50, 50, 50, 80, 80, 80, 80) == []
    assert outliers(80, 80, 80, 80, 50, 50, 50, 50) == []
    assert outliers(50, 80) == []


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40))
def test_no_drive_gains_more_than_two_points(points):
    for drive in drives(charges(*points)):
        assert (drive[-1].soc or 0) - (drive[0].soc or 0) <= 2_000_000


@given(st.lists(st.integers(1, 1_000), max_size=30))
def test_pieces_cut_at_gaps_over_five_minutes_alone(gaps):
    times = [0]
    for gap in gaps:
        times.append(times[-1] + gap)
    found = list(pieces(log(times)))
    assert [s for piece in found for s in piece] == log(times)
    assert len(found) == 1 + sum(gap > 300 for gap in gaps)
