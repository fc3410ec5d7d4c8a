"""The trip leaf by hand, its order, its cuts and its limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonbank.domain.evidence import (
    LeafRow,
    TripLeaf,
    build_leaves,
    cut_overlaps,
    decode_leaf,
    encode_leaf,
    leaf_file,
    leaves_of_file,
    precedes,
)
from carbonbank.errors import LeafOutOfRange, TripsOverlap

MARCH_ENDS = 1617235200  # 2021-04-01T00:00:00Z


def row(vehicle=1, start=1617000000, end=1617000600, grams=100, tag=b"r"):
    return LeafRow(
        vehicle_index=vehicle,
        start_at=start,
        end_at=end,
        reduction_g=grams,
        record_hash=tag.ljust(32, b"\0"),
    )


def test_a_leaf_is_these_68_bytes():
    leaf = TripLeaf(
        vehicle_index=7,
        start_at=1617012825,
        end_at=1617014000,
        reduction_g=-2,
        running_g=258,
        record_hash=bytes(range(32)),
    )
    by_hand = (
        "00000007"
        "00000000"
        "6061a859"  # 0x6061a859 = 1617012825
        "00000000"
        "6061acf0"
        "fffffffffffffffe"
        "0000000000000102"
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    )
    assert encode_leaf(leaf).hex() == by_hand
    assert decode_leaf(bytes.fromhex(by_hand)) == leaf


def test_precedes_by_vehicle_then_by_time():
    early = row(vehicle=1, start=100, end=200)
    assert precedes(early, row(vehicle=1, start=200, end=300))
    assert not precedes(early, row(vehicle=1, start=199, end=300))
    assert precedes(early, row(vehicle=2, start=0, end=50))
    assert not precedes(row(vehicle=2, start=0, end=50), early)


def test_leaves_are_sorted_and_carry_a_running_total():
    rows = [
        row(vehicle=2, start=10, end=20, grams=5),
        row(vehicle=1, start=30, end=40, grams=-7),
        row(vehicle=1, start=10, end=30, grams=11),
    ]
    leaves = build_leaves(rows)
    told = [(leaf.vehicle_index, leaf.start_at, leaf.running_g) for leaf in leaves]
    assert told == [(1, 10, 11), (1, 30, 4), (2, 10, 9)]
    assert leaves_of_file(leaf_file(leaves)) == leaves


def test_an_overlap_is_not_sealed():
    with pytest.raises(TripsOverlap) as caught:
        build_leaves([row(start=0, end=100), row(start=99, end=200)])
    assert caught.value.fields == {"vehicle_index": 1, "start_at": 99, "previous_end_at": 100}


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([row(grams=2**63)], "reduction_g"),
        ([row(grams=2**62), row(grams=2**62, start=1617000600, end=1617000700)], "running_g"),
        ([row(vehicle=2**32)], "vehicle_index"),
    ],
)
def test_what_the_leaf_can_not_hold_is_refused(rows, field):
    with pytest.raises(LeafOutOfRange) as caught:
        build_leaves(rows)
    assert caught.value.field == field


def test_cuts_at_the_tolerance_and_beyond():
    first = row(start=1000, end=2000)
    kept, out = cut_overlaps([first, row(start=1940, end=3000)], month_end=MARCH_ENDS)
    assert [leaf.start_at for leaf in kept] == [1000, 2000]
    assert out == []
    kept, out = cut_overlaps([first, row(start=1939, end=3000)], month_end=MARCH_ENDS)
    assert [leaf.start_at for leaf in kept] == [1000]
    assert [(left.row.start_at, left.code) for left in out] == [(1939, "overlap")]


def test_what_can_not_be_cut_is_left_out_with_its_reason():
    rows = [
        row(vehicle=1, start=1000, end=2000),
        row(vehicle=1, start=1950, end=1990),  # inside the first
        row(vehicle=2, start=MARCH_ENDS - 10, end=MARCH_ENDS + 86401),
        row(vehicle=3, start=MARCH_ENDS - 10, end=MARCH_ENDS + 500),
        row(vehicle=4, start=MARCH_ENDS - 10, end=MARCH_ENDS + 86400),
    ]
    kept, out = cut_overlaps(rows, month_end=MARCH_ENDS, previous_end={3: MARCH_ENDS + 5})
    assert [leaf.vehicle_index for leaf in kept] == [1, 4]
    assert [(left.row.vehicle_index, left.code) for left in out] == [
        (1, "nothing_left"),
        (2, "ends_after_month"),
        (3, "nothing_left"),
    ]


rows_strategy = st.lists(
    st.builds(
        lambda v, s, d, g, t: row(vehicle=v, start=s, end=s + d, grams=g, tag=t),
        st.integers(0, 2),
        st.integers(MARCH_ENDS - 1000, MARCH_ENDS - 1),
        st.integers(0, 200),
        st.integers(-(10**6), 10**6),
        st.binary(min_size=1, max_size=4),
    ),
    max_size=30,
)


@given(rows_strategy, st.randoms())
def test_whatever_is_cut_can_be_sealed_in_any_order_with_the_same_leaves(rows, random):
    kept, out = cut_overlaps(rows, month_end=MARCH_ENDS)
    assert len(kept) + len(out) == len(rows)
    leaves = build_leaves(kept)
    for i, a in enumerate(leaves):
        assert a.start_at < a.end_at
        assert a.start_at < MARCH_ENDS
        assert all(precedes(a, b) for b in leaves[i + 1 :])
    assert not leaves or leaves[-1].running_g == sum(leaf.reduction_g for leaf in kept)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert build_leaves(cut_overlaps(shuffled, month_end=MARCH_ENDS)[0]) == leaves
