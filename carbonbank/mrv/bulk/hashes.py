"""SHA-256 of whole columns: many messages in one call, side by side where numba is installed.

Without it (extra `scale`), and where there are too few messages to load it for, every message is a
call of `hashlib`. Both give the same bytes.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import cycle, pairwise
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]

LANES_MIN = 16_384  # messages: below, loading numba takes longer than hashing
DIGEST_BYTES = 32
_BLOCK_BYTES = 64  # of SHA-256, to which HMAC pads its key
_INNER, _OUTER = 0x36, 0x5C
_NO_HEAD: Bytes = np.empty((1, 0), dtype=np.uint8)
_ALL_ALIKE = np.empty(0, dtype=np.uint32)


@lru_cache(maxsize=1)
def lanes() -> ModuleType | None:
    """Return the compiled hash, or nothing where numba is not installed or can keep no code."""
    try:
        from carbonbank.mrv.bulk import sha256_lanes  # noqa: PLC0415  it takes a second to load
    except (ImportError, RuntimeError):
        return None
    return sha256_lanes


class Hashes:
    """How some messages are hashed: side by side where there are many, or one by one."""

    def __init__(self, messages: int) -> None:
        self._lanes = lanes() if messages >= LANES_MIN else None

    def of_rows(self, rows: Bytes, head: bytes = b"") -> Bytes:
        """Return SHA-256(head ‖ row) of every row of bytes, 32 bytes each."""
        heads = np.frombuffer(head, dtype=np.uint8).reshape(1, -1)
        return self._of(heads, *_joined(rows))

    def of_texts(self, texts: pa.Array, heads: Bytes = _NO_HEAD) -> Bytes:
        """Return SHA-256(head ‖ text) of every text in UTF-8 (none is null), 32 bytes each."""
        _, places, data = texts.buffers()
        ends = np.frombuffer(places, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
        return self._of(heads, np.frombuffer(data or b"", dtype=np.uint8), ends.astype(np.int64))

    def _of(self, heads: Bytes, data: Bytes, ends: Ints) -> Bytes:
        if self._lanes is not None:
            start: Words = self._lanes.START[None]
            found: Bytes = self._lanes.digests(heads, data, ends, start, _ALL_ALIKE)
            return found
        sha256, text, cuts = hashlib.sha256, data.tobytes(), ends.tolist()
        fronts = cycle([head.tobytes() for head in heads])
        return _rows(
            sha256(front + text[first:last]).digest()
            for front, (first, last) in zip(fronts, pairwise(cuts), strict=False)
        )

    def prepared(self, keys: Sequence[bytes]) -> "Keys":
        """Return keys of at most 64 bytes, ready for `under_keys`: their pads are hashed once."""
        if self._lanes is None:
            return Keys(keys, ())
        padded = b"".join(key.ljust(_BLOCK_BYTES, b"\0") for key in keys)
        blocks = np.frombuffer(padded, dtype=np.uint8).reshape(-1, _BLOCK_BYTES)
        states = (self._lanes.states_after(blocks ^ np.uint8(pad)) for pad in (_INNER, _OUTER))
        return Keys(keys, tuple(states))

    def under_keys(self, keys: "Keys", which: Ints, rows: Bytes) -> Bytes:
        """Return HMAC-SHA256 (RFC 2104) of every row of bytes under its key, 32 bytes each.

        Args:
            keys: from `prepared`.
            which: the place of the key of every row.
            rows: what is hashed.
        """
        if self._lanes is None:
            return _rows(
                hmac.digest(keys.keys[key], row.tobytes(), "sha256")
                for key, row in zip(which.tolist(), rows, strict=True)
            )
        found, whose = rows, which.astype(np.uint32)
        for state in keys.states:
            found = self._lanes.digests(_NO_HEAD, *_joined(found), state, whose)
        return found


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys, and the states of SHA-256 after their inner and outer pads where they are needed."""

    keys: Sequence[bytes] = field(repr=False)
    states: tuple[Words, ...] = field(repr=False)


def root_of_rows(rows: Bytes) -> bytes:
    """Return the RFC 9162 root over leaves given as rows of bytes, as `evidence_root`."""
    hashes = Hashes(len(rows))
    level = hashes.of_rows(rows, b"\x00")
    while len(level) > 1:
        pairs = len(level) // 2
        nodes = hashes.of_rows(level[: 2 * pairs].reshape(pairs, -1), b"\x01")
        level = np.concatenate([nodes, level[2 * pairs :]])
    return level.tobytes() or hashlib.sha256().digest()


def _joined(rows: Bytes) -> tuple[Bytes, Ints]:
    """Return rows without anything between, and where each begins and ends."""
    ends = np.arange(len(rows) + 1, dtype=np.int64) * rows.shape[1]
    return np.ascontiguousarray(rows).reshape(-1), ends


def _rows(hashes: Iterable[bytes]) -> Bytes:
    return np.frombuffer(b"".join(hashes), dtype=np.uint8).reshape(-1, DIGEST_BYTES)
