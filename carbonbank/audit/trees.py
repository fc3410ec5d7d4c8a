"""Both trees again, written from their texts: RFC 9162 section 2.1.1, and OpenZeppelin's."""

import hashlib
from collections.abc import Sequence

from eth_abi.abi import encode
from eth_utils.crypto import keccak


def rfc9162_root(leaves: Sequence[bytes]) -> bytes:
    """Return MTH(D_n) as the RFC defines it: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256().digest()
    return _subtree([hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves], 0, len(leaves))


def rfc9162_root_of_path(leaf: bytes, number: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that leaf `number` of `size` has with PATH(m, D_n) of section 2.1.3.1.

    Raises:
        ValueError: the path is too short or too long for such a tree.
    """
    if size == 1 or not path:
        if size > 1 or path:
            raise ValueError(f"a path of {len(path)} nodes over {size} leaves")
        return hashlib.sha256(b"\0" + leaf).digest()
    k, *below, sibling = 1 << ((size - 1).bit_length() - 1), *path
    if number < k:
        own = rfc9162_root_of_path(leaf, number, k, below)
        return hashlib.sha256(b"\x01" + own + sibling).digest()
    own = rfc9162_root_of_path(leaf, number - k, size - k, below)
    return hashlib.sha256(b"\x01" + sibling + own).digest()


def _subtree(hashes: Sequence[bytes], first: int, size: int) -> bytes:
    if size == 1:
        return hashes[first]
    k = 1 << ((size - 1).bit_length() - 1)
    left, right = _subtree(hashes, first, k), _subtree(hashes, first + k, size - k)
    return hashlib.sha256(b"\x01" + left + right).digest()


def standard_leaf(value: Sequence[str]) -> bytes:
    """Return the leaf hash of (uint256 index, address account, uint256 fromG, uint256 amountG)."""
    index, account, from_g, amount_g = value
    types = ["uint256", "address", "uint256", "uint256"]
    return keccak(keccak(encode(types, [int(index), account, int(from_g), int(amount_g)])))


def standard_tree(values: Sequence[Sequence[str]]) -> list[bytes]:
    """Return the nodes of OpenZeppelin's StandardMerkleTree, root first."""
    # Written from the last node to the root: the leaves ascend from the end, and every parent
    # hashes the first two nodes that have none yet.
    nodes = sorted(standard_leaf(value) for value in values)
    for at in range(len(values) - 1):
        nodes.append(keccak(b"".join(sorted(nodes[2 * at : 2 * at + 2]))))
    return nodes[::-1]
