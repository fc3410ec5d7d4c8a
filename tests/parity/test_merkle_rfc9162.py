"""The evidence tree against `pymerkle`, an independent RFC 9162 tree, and against known vectors."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_inclusion
from pymerkle.proof import InclusionProof, InvalidProof

from carbonbank.audit.trees import rfc9162_root
from carbonbank.domain.merkle import evidence_root, inclusion_holds, inclusion_proof, leaf_hash

# Certificate Transparency's published reference tree (google/certificate-transparency,
# merkletree/merkle_tree_test.cc): the leaves, and the roots over the first 0 to 8 of them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# RFC 6962 section 2.1.3 and RFC 9162 section 2.1.5 draw the paths of a tree of seven leaves:
# d0 [b, h, l], d3 [c, g, l], d4 [f, j, k], d6 [i, k].
RFC_PATH_LENGTHS = {0: 3, 3: 3, 4: 3, 6: 2}


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size):
    assert evidence_root(LEAVES[:size]).hex() == ROOTS[size]
    assert rfc9162_root(LEAVES[:size]).hex() == ROOTS[size]


def test_the_paths_of_the_rfc_s_picture():
    for index, length in RFC_PATH_LENGTHS.items():
        assert len(inclusion_proof(LEAVES[:7], index)) == length


def tree_of(leaves):
    tree = InmemoryTree(algorithm="sha256")  # prefixes 0x00 and 0x01: its RFC 9162 mode
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


leaf_lists = st.lists(st.binary(max_size=80), min_size=1, max_size=70)


@given(leaf_lists)
def test_roots_equal_the_independent_tree_s(leaves):
    root = tree_of(leaves).get_root()
    assert evidence_root(leaves) == root
    assert rfc9162_root(leaves) == root


@given(leaf_lists, st.data())
def test_paths_equal_the_independent_tree_s(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    theirs = tree_of(leaves).prove_inclusion(index + 1)
    ours = inclusion_proof(leaves, index)
    assert theirs.path[0] == leaf_hash(leaves[index])
    assert ours == theirs.path[1:]
    root = evidence_root(leaves)
    assert inclusion_holds(leaves[index], index=index, size=len(leaves), path=ours, root=root)


@settings(max_examples=60)
@given(leaf_lists, st.data())
def test_an_altered_proof_is_refused_by_both(leaves, data):
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_proof(leaves, index), evidence_root(leaves)
    other = data.draw(
        st.integers(0, size - 1).filter(lambda i: leaves[i] != leaves[index]) | st.none()
    )
    if other is not None:
        assert not inclusion_holds(leaves[other], index=index, size=size, path=path, root=root)
    assert not inclusion_holds(leaves[index] + b"!", index=index, size=size, path=path, root=root)
    assert not inclusion_holds(
        leaves[index], index=index, size=size, path=[*path, bytes(32)], root=root
    )
    assert not inclusion_holds(leaves[index], index=size, size=size, path=path, root=root)
    if path:
        cut = path[:-1]
        assert not inclusion_holds(leaves[index], index=index, size=size, path=cut, root=root)
        bent = [*cut, bytes([path[-1][0] ^ 1]) + path[-1][1:]]
        assert not inclusion_holds(leaves[index], index=index, size=size, path=bent, root=root)
        theirs = tree_of(leaves).prove_inclusion(index + 1)
        forged = InclusionProof(
            "sha256", True, size, index + 1, theirs.rule, [theirs.path[0], *bent]
        )
        with pytest.raises(InvalidProof):
            verify_inclusion(leaf_hash(leaves[index]), root, forged)


def test_a_leaf_is_never_a_node():
    pair = [leaf_hash(leaf) for leaf in LEAVES[:2]]
    assert all(a != b for a, b in pairwise(pair))
    assert evidence_root([b"".join(pair)]) != evidence_root(LEAVES[:2])
