"""The evidence tree: RFC 9162 (section 2.1) over SHA-256.

Leaf hash SHA-256(0x00 ‖ leaf), node SHA-256(0x01 ‖ left ‖ right). A level's odd last node moves up
unchanged, which gives the RFC's split at the largest power of two.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
        level = _parents(level)
    return level or sha256(b"")


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path of leaf `index` (from 0), nearest sibling first (RFC 9162, 2.1.3.1)."""
    return evidence_tree(b"".join(map(leaf_hash, leaves))).path(index)


@dataclass(frozen=True, slots=True)
class EvidenceTree:
    """A whole tree, for many paths: the hashes of each level, the leaves' first, the root last."""

    levels: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The root; of no leaves it is SHA-256 of nothing."""
        return self.levels[-1] or sha256(b"")

    def path(self, index: int) -> list[bytes]:
        """Return the path of leaf `index` (from 0), nearest sibling first (RFC 9162, 2.1.3.1)."""
        assert 0 <= index < len(self.levels[0]) // HASH_BYTES
        path: list[bytes] = []
        for level in self.levels[:-1]:
            at = (index ^ 1) * HASH_BYTES
            if at < len(level):
                path.append(level[at : at + HASH_BYTES])
            index //= 2
        return path


def evidence_tree(level: bytes) -> EvidenceTree:
    """Build the tree over the leaves' hashes, given without anything between."""
    levels = [level]
    while len(levels[-1]) > HASH_BYTES:
        levels.append(_parents(levels[-1]))
    return EvidenceTree(tuple(levels))


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


def _parents(level: bytes) -> bytes:
    whole = len(level) - len(level) % (2 * HASH_BYTES)
    return _each(_NODE, level[:whole], 2 * HASH_BYTES) + level[whole:]


def _each(prefixed: "hashlib._Hash", data: bytes, width: int) -> bytes:
    """Hash every `width` bytes of data behind the same prefix."""
    begin, hashes = prefixed.copy, []
    for at in range(0, len(data), width):
        one = begin()
        one.update(data[at : at + width])
        hashes.append(one.digest())
    return b"".join(hashes)
