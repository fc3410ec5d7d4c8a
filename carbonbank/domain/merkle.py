"""The evidence tree: RFC 9162 (section 2.1) over SHA-256.

Leaf hash SHA-256(0x00 ‖ leaf), node SHA-256(0x01 ‖ left ‖ right). A level's odd last node moves up
unchanged, which gives the RFC's split at the largest power of two.
"""

import hashlib
from collections.abc import Iterable, Sequence

from carbonbank.domain.hashing import sha256

HASH_BYTES = 32
_LEAF, _NODE = hashlib.sha256(b"\x00"), hashlib.sha256(b"\x01")


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return sha256(b"\x00" + leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right)


def evidence_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaves given as bytes; of none it is SHA-256 of nothing."""
    return root_of_hashes(b"".join(map(leaf_hash, leaves)))


def leaf_hashes(leaves: bytes, width: int) -> bytes:
    """Return the hashes of leaves of `width` bytes each, both without anything between."""
    return _each(_LEAF, leaves, width)


def root_of_hashes(level: bytes) -> bytes:
    """Return the root over one level of the tree, given as its hashes without anything between.

    The level may be that of the leaves, or of the roots of subtrees over 2^k leaves each (the last
    over what remains): since odd nodes move up unchanged, cutting there changes no bit.
    """
    while len(level) > HASH_BYTES:
        odd = len(level) % (2 * HASH_BYTES)
        level = _each(_NODE, level[: len(level) - odd], 2 * HASH_BYTES) + level[len(level) - odd :]
    return level or sha256(b"")


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path of leaf `index` (from 0), nearest sibling first (RFC 9162, 2.1.3.1)."""
    assert 0 <= index < len(leaves)
    level = [leaf_hash(leaf) for leaf in leaves]
    path: list[bytes] = []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level = _parents(level)
        index //= 2
    return path


def inclusion_holds(
    leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Verify that `leaf` is number `index` of `size` under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, value = index, size - 1, leaf_hash(leaf)
    for step in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            value = node_hash(step, value)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            value = node_hash(value, step)
        here, last = here >> 1, last >> 1
    return last == 0 and value == root


def _parents(level: list[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [node_hash(left, right) for left, right in pairs]
    return above + level[-1:] if len(level) % 2 else above


def _each(prefixed: "hashlib._Hash", data: bytes, width: int) -> bytes:
    """Hash every `width` bytes of data behind the same prefix."""
    begin, hashes = prefixed.copy, []
    for at in range(0, len(data), width):
        one = begin()
        one.update(data[at : at + width])
        hashes.append(one.digest())
    return b"".join(hashes)
