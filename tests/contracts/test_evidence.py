"""Leaves, trees and months in Solidity and in Python: the same bytes, hashes, proofs and months.

`tests/parity` holds the Python side to independent trees; where it is cheap, so does this.
"""

import random
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from struct import pack

import pytest
from eth_abi import encode
from eth_utils import keccak

from carbonbank.chain.compile import compile_units
from carbonbank.domain.evidence import decode_leaf, encode_leaf
from carbonbank.domain.merkle import evidence_tree, leaf_hash
from carbonbank.domain.payout import Payout, payout_leaf_hash
from tests.contracts.ledger_site import GAS

ROOT = Path(__file__).parents[2]
UNIT = "contracts/test/EvidenceShown.sol"

pytestmark = pytest.mark.xdist_group("compile")


@pytest.fixture(scope="module")
def compiled():
    return compile_units(ROOT, [UNIT])[UNIT]["EvidenceShown"]


@pytest.fixture
def shown(site, compiled):
    factory = site.web3.eth.contract(
        abi=compiled["abi"], bytecode=compiled["evm"]["bytecode"]["object"]
    )
    paid = {"from": site.at["stranger"], "gas": GAS, "gasPrice": 10**10}
    sent = factory.constructor().transact(paid)
    address = site.web3.eth.get_transaction_receipt(sent)["contractAddress"]
    return site.web3.eth.contract(abi=compiled["abi"], address=address).functions


def some_leaf(dice, wide=64):
    """Any leaf; of few bits it is one whose fields begin with zeros."""
    return (
        dice.getrandbits(min(32, wide)),
        dice.getrandbits(wide),
        dice.getrandbits(wide),
        dice.getrandbits(wide) - 2 ** (wide - 1),
        dice.getrandbits(wide) - 2 ** (wide - 1),
        dice.randbytes(32),
    )


def test_the_bytes_and_hashes_of_leaves(site, shown):
    dice = random.Random(1)
    leaves = [some_leaf(dice, wide) for wide in range(1, 65) for _ in range(2)]
    packed = site.ask(shown.encoded(leaves))
    assert packed == [pack(">IQQqq32s", *leaf) for leaf in leaves]
    assert [encode_leaf(decode_leaf(data)) for data in packed] == packed
    hashes = site.ask(shown.leafHashes(leaves))
    assert hashes == [sha256(b"\0" + data).digest() for data in packed]
    assert hashes == [leaf_hash(data) for data in packed]


@pytest.mark.parametrize("sizes", [range(1, 65), range(65, 129), range(129, 201)])
def test_proofs_of_every_size_hold_and_hold_nowhere_else(site, shown, sizes):
    dice = random.Random(sizes.start)
    leaves = [some_leaf(dice) for _ in range(sizes.stop)]
    hashes = [leaf_hash(pack(">IQQqq32s", *leaf)) for leaf in leaves]
    for size in sizes:
        tree = evidence_tree(b"".join(hashes[:size]))
        # The first, the last, the last of the largest whole part, and any other.
        whole = 1 << (size.bit_length() - 1)
        places = sorted({0, size - 1, whole - 1, dice.randrange(size)})
        good = [(leaves[at], at, tree.path(at)) for at in places]
        assert all(site.ask(shown.included(good, size, tree.root))), size
        if size > 16 and size % 8 > 1:
            continue
        leaf, at, path = dice.choice(good)
        bad = [
            (leaf, at, [*path, bytes(32)]),
            (leaf, size, path),
            (leaf, 2**64 - 1, path),
            (some_leaf(dice), at, path),
            *((leaf, other, path) for other in {at ^ 1, at + 1, size - 1 - at} - {at}),
        ]
        if path:
            turn = dice.randrange(len(path))
            bad.append((leaf, at, path[:-1]))
            bad.append((leaf, at, [*path[:turn], dice.randbytes(32), *path[turn + 1 :]]))
        assert not any(site.ask(shown.included(bad, size, tree.root))), size
        # Another size may leave a path as it is, but never that of the last leaf.
        last = [(leaves[size - 1], size - 1, tree.path(size - 1))]
        for other in (size + 1, 2 * size):
            assert site.ask(shown.included(last, other, tree.root)) == [False], (size, other)


def test_proofs_in_a_tree_of_65536(site, shown):
    dice = random.Random(65_536)
    leaves = [some_leaf(dice) for _ in range(65_536)]
    tree = evidence_tree(b"".join(leaf_hash(pack(">IQQqq32s", *leaf)) for leaf in leaves))
    places = [0, 1, 32_767, 32_768, 65_535, *(dice.randrange(65_536) for _ in range(5))]
    proofs = [(leaves[at], at, tree.path(at)) for at in places]
    assert {len(path) for _, _, path in proofs} == {16}
    assert all(site.ask(shown.included(proofs, 65_536, tree.root)))
    assert site.ask(shown.included(proofs[4:5], 65_537, tree.root)) == [False]


def test_the_first_and_last_second_of_every_month_from_1970_to_2200(site, shown):
    months = range(1970 * 12, 2201 * 12)
    starts = [
        int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()) for month in months
    ]
    assert site.ask(shown.numbersOf(starts)) == list(months)
    ends = [start - 1 for start in starts[1:]]
    assert site.ask(shown.numbersOf(ends)) == list(months)[:-1]


def test_months_go_on_where_the_calendar_of_python_ends(site, shown):
    # 4,800 months are 146,097 days, so from any month on the same month comes again.
    start, cycle_s = int(datetime(2039, 12, 1, tzinfo=UTC).timestamp()), 146_097 * 86_400
    turns = [1, 1000, 2**20, (2**64 - 1 - start) // cycle_s]
    moments = [start + turn * cycle_s for turn in turns]
    expected = [2039 * 12 + 11 + turn * 4800 for turn in turns]
    assert site.ask(shown.numbersOf(moments)) == expected
    assert site.ask(shown.numbersOf([moment - 1 for moment in moments])) == [
        month - 1 for month in expected
    ]


def test_payout_leaves():
    dice = random.Random(3)
    for _ in range(20):
        values = (dice.getrandbits(256), "0x" + dice.randbytes(20).hex(), 5, dice.getrandbits(64))
        index, account, from_g, amount_g = values
        payout = Payout(index=index, account=account, from_g=from_g, amount_g=amount_g)
        types = ["uint256", "address", "uint256", "uint256"]
        assert payout_leaf_hash(payout) == keccak(keccak(encode(types, values)))
