"""A batch split by hand, and the laws of every split."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonbank.domain.payout import NO_PAYOUTS, Shares, payout_tree, split_batch
from carbonbank.errors import BatchTotalNotPositive, SharesOutOfRange

ANN, BOB, CAT = ("0x" + c * 40 for c in "123")
SHARES = Shares(drivers_bps=6000, buffer_bps=1000)


def test_a_split_by_hand():
    # total 1001: buffer ceil(100.1) = 101, pool floor(600.6) = 600, Σp = 700 + 0 + 301 + 50 = 1051
    split = split_batch(1001, SHARES, {BOB: 700, ANN: -50, CAT: 301}, undriven_g=50)
    assert split.buffer_g == 101
    told = [(p.index, p.account, p.from_g, p.amount_g) for p in split.payouts]
    assert told == [
        (0, BOB, 0, 399),
        (1, CAT, 399, 171),
    ]  # 600·700/1051 = 399.6, 600·301/1051 = 171.8
    assert split.drivers_g == 570
    assert split.operator_g == 1001 - 101 - 570


def test_all_drivers_negative_leaves_the_pool_to_the_operator():
    split = split_batch(10, SHARES, {ANN: -5, BOB: 0}, undriven_g=15)
    assert (split.operator_g, split.drivers_g, split.buffer_g, split.payouts) == (9, 0, 1, ())
    assert payout_tree(split.payouts).root == NO_PAYOUTS


@pytest.mark.parametrize("total_g", [0, -1])
def test_nothing_positive_issues_nothing(total_g):
    with pytest.raises(BatchTotalNotPositive, match=f"{total_g} g"):
        split_batch(total_g, SHARES, {ANN: total_g})


@pytest.mark.parametrize(("drivers", "buffer"), [(9001, 1000), (-1, 0), (0, -1)])
def test_shares_beyond_the_whole_are_refused(drivers, buffer):
    with pytest.raises(SharesOutOfRange):
        split_batch(1, Shares(drivers_bps=drivers, buffer_bps=buffer), {})


@given(
    st.dictionaries(
        st.integers(1, 2**160 - 1).map(lambda n: f"0x{n:040x}"),
        st.integers(-(10**9), 10**9),
        max_size=12,
    ),
    st.integers(-(10**9), 10**9),
    st.integers(0, 10_000).flatmap(lambda d: st.tuples(st.just(d), st.integers(0, 10_000 - d))),
    st.integers(1, 10**12),
)
def test_parts_add_up_none_is_negative_and_ranges_tile(drivers, undriven_g, bps, total_g):
    split = split_batch(total_g, Shares(drivers_bps=bps[0], buffer_bps=bps[1]), drivers, undriven_g)
    assert split.operator_g + split.drivers_g + split.buffer_g == total_g
    assert min(split.operator_g, split.drivers_g, split.buffer_g) >= 0
    assert split.buffer_g >= Fraction(total_g * bps[1], 10_000)
    edge = 0
    for number, payout in enumerate(split.payouts):
        assert (payout.index, payout.from_g) == (number, edge)
        assert payout.amount_g > 0
        assert drivers[payout.account] > 0
        edge += payout.amount_g
    assert edge == split.drivers_g
    gains = sum(max(0, g) for g in drivers.values()) + max(0, undriven_g)
    for payout in split.payouts:
        fair = Fraction(total_g * bps[0] // 10_000 * drivers[payout.account], gains)
        assert 0 <= fair - payout.amount_g < 1
