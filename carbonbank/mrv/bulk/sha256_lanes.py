"""SHA-256 (FIPS 180-4) of many messages at once: sixteen side by side, compiled by numba.

Every step of the hash is a loop over the lanes, which the compiler turns into vector instructions.
The code is compiled on first use and kept on disk; the lock of the interpreter is let go. What it
gives is what `hashlib` gives (a test), only sooner: use `carbonbank.mrv.bulk.hashes`.
"""

from collections.abc import Callable
from math import isqrt
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import i8, njit, u1, u4, void
from numba.types import Array, UniTuple

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]
Word = np.uint32

BLOCK_BYTES = 64
DIGEST_BYTES = 32
_LANES = 16
_u32 = Word
Function = TypeVar("Function", bound=Callable[..., Any])


def _compiled(signature: Any) -> Callable[[Function], Function]:
    """Compile a function for these types at once, or take what is on disk."""
    compiled: Callable[[Function], Function] = njit(signature, cache=True, nogil=True)
    return compiled


# What comes from Arrow may not be written to.
_read_u1, _read_u1s = Array(u1, 1, "C", readonly=True), Array(u1, 2, "C", readonly=True)


def _cube_root(number: int) -> int:
    """Return the floor of a cube root (Newton's steps, from above)."""
    root = 1 << -(-number.bit_length() // 3)
    while root**3 > number:
        root = (2 * root + number // root**2) // 3
    return root


_PRIMES = [n for n in range(2, 312) if all(n % divisor for divisor in range(2, n))]
_FRACTION = 2**32 - 1
# The first 32 bits of the fractions of cube roots and square roots of primes (4.2.2, 5.3.3).
_ROUND: Words = np.array([_cube_root(n << 96) & _FRACTION for n in _PRIMES], dtype=_u32)
START: Words = np.array([isqrt(n << 64) & _FRACTION for n in _PRIMES[:8]], dtype=_u32)


# Sums of 32-bit numbers are wider than 32 bits here, so every step casts back.
@_compiled(u4(u4, u4))
def _rotated(x: Word, bits: int) -> Word:
    return _u32((x >> _u32(bits)) | (x << _u32(32 - bits)))


@_compiled(UniTuple(u4, 2)(*[u4] * 9))
def _round(
    a: Word, b: Word, c: Word, d: Word, e: Word, f: Word, g: Word, h: Word, kw: Word
) -> tuple[Word, Word]:
    """Return the new `e` (in the place of d) and the new `a` (in the place of h)."""
    t = _u32(h + kw + (_rotated(e, 6) ^ _rotated(e, 11) ^ _rotated(e, 25)) + (g ^ (e & (f ^ g))))
    new = t + (_rotated(a, 2) ^ _rotated(a, 13) ^ _rotated(a, 22)) + ((a & b) | (c & (a | b)))
    return _u32(d + t), _u32(new)


@_compiled(void(*[u4[:, ::1]] * 3))
def _compress(state: Words, w: Words, s: Words) -> None:
    """Take in one block of every lane; `w` holds its 16 words and room for 48, `s` is room."""
    for t in range(16, 64):
        for lane in range(_LANES):
            x, y = w[t - 15, lane], w[t - 2, lane]
            small = _rotated(x, 7) ^ _rotated(x, 18) ^ (x >> _u32(3))
            large = _rotated(y, 17) ^ _rotated(y, 19) ^ (y >> _u32(10))
            w[t, lane] = _u32(w[t - 16, lane] + small + w[t - 7, lane] + large)
    s[:] = state
    for t in range(0, 64, 8):
        k = _ROUND[t : t + 8]
        for lane in range(_LANES):
            a, b, c, d = s[0, lane], s[1, lane], s[2, lane], s[3, lane]
            e, f, g, h = s[4, lane], s[5, lane], s[6, lane], s[7, lane]
            d, h = _round(a, b, c, d, e, f, g, h, _u32(k[0] + w[t, lane]))
            c, g = _round(h, a, b, c, d, e, f, g, _u32(k[1] + w[t + 1, lane]))
            b, f = _round(g, h, a, b, c, d, e, f, _u32(k[2] + w[t + 2, lane]))
            a, e = _round(f, g, h, a, b, c, d, e, _u32(k[3] + w[t + 3, lane]))
            h, d = _round(e, f, g, h, a, b, c, d, _u32(k[4] + w[t + 4, lane]))
            g, c = _round(d, e, f, g, h, a, b, c, _u32(k[5] + w[t + 5, lane]))
            f, b = _round(c, d, e, f, g, h, a, b, _u32(k[6] + w[t + 6, lane]))
            e, a = _round(b, c, d, e, f, g, h, a, _u32(k[7] + w[t + 7, lane]))
            s[0, lane], s[1, lane], s[2, lane], s[3, lane] = a, b, c, d
            s[4, lane], s[5, lane], s[6, lane], s[7, lane] = e, f, g, h
    for place in range(8):
        for lane in range(_LANES):
            state[place, lane] = _u32(state[place, lane] + s[place, lane])


@_compiled(void(_read_u1s, i8, u4[:, ::1]))
def _load(rooms: Bytes, block: int, w: Words) -> None:
    for word in range(16):
        at = block * BLOCK_BYTES + 4 * word
        for lane in range(_LANES):
            high = (_u32(rooms[lane, at]) << _u32(24)) | (_u32(rooms[lane, at + 1]) << _u32(16))
            low = (_u32(rooms[lane, at + 2]) << _u32(8)) | _u32(rooms[lane, at + 3])
            w[word, lane] = _u32(high | low)


@_compiled(i8(u1[::1], _read_u1, _read_u1, i8))
def _padded(room: Bytes, head: Bytes, text: Bytes, before_bytes: int) -> int:
    """Write a message with its padding (5.1.1) and return how many blocks it has."""
    end = len(head) + len(text)
    blocks = (end + 9 + BLOCK_BYTES - 1) // BLOCK_BYTES
    for place in range(len(head)):
        room[place] = head[place]
    tail = room[len(head) :]
    for place in range(len(text)):
        tail[place] = text[place]
    room[end] = 0x80
    rest = room[end + 1 : blocks * BLOCK_BYTES]
    for place in range(len(rest)):
        rest[place] = 0
    bits = (before_bytes + end) * 8
    for place in range(5):  # far more than any message is long
        room[blocks * BLOCK_BYTES - 1 - place] = (bits >> (8 * place)) & 0xFF
    return blocks


@_compiled(u1[:, ::1](_read_u1s, _read_u1, i8[::1], u4[:, ::1], u4[::1]))
def digests(
    heads: Bytes, data: Bytes, ends: npt.NDArray[np.int64], states: Words, which: Words
) -> Bytes:
    """Return the SHA-256 of every message as 32 bytes.

    Message n is `heads[n % len(heads)]` and then `data[ends[n]:ends[n + 1]]`.

    Args:
        heads: rows of bytes of one length, which may be 0.
        data: what comes after the heads, without anything between.
        ends: n + 1 places in `data`.
        states: rows of 8 words to start from; more than one row: after a block of 64 bytes each.
        which: the row of `states` of each message; empty where all start from the only one.
    """
    count, before_bytes = len(ends) - 1, BLOCK_BYTES if len(which) else 0
    longest = heads.shape[1] + (np.diff(ends).max() if count else 0)
    room = np.zeros((_LANES, longest + 2 * BLOCK_BYTES), dtype=np.uint8)
    state, work = np.empty((8, _LANES), dtype=_u32), np.empty((8, _LANES), dtype=_u32)
    w = np.zeros((64, _LANES), dtype=_u32)
    blocks = np.zeros(_LANES, dtype=np.int64)
    found = np.empty((count, DIGEST_BYTES), dtype=np.uint8)
    for first in range(0, count, _LANES):
        filled = min(_LANES, count - first)
        for lane in range(filled):
            at = first + lane
            text = data[ends[at] : ends[at + 1]]
            blocks[lane] = _padded(room[lane], heads[at % len(heads)], text, before_bytes)
            begin = states[which[at] if before_bytes else 0]
            for place in range(8):
                state[place, lane] = begin[place]
        for block in range(blocks[:filled].max()):
            _load(room, block, w)
            _compress(state, w, work)
            # A lane that is through goes on with what is left in its room; nobody looks.
            for lane in range(filled):
                if blocks[lane] == block + 1:
                    for byte in range(DIGEST_BYTES):
                        shift = _u32(24 - 8 * (byte % 4))
                        found[first + lane, byte] = (state[byte // 4, lane] >> shift) & _u32(0xFF)
    return found


@_compiled(u4[:, ::1](_read_u1s))
def states_after(blocks: Bytes) -> Words:
    """Return the eight words of SHA-256 after one block, for rows of 64 bytes."""
    state, work = np.empty((8, _LANES), dtype=_u32), np.empty((8, _LANES), dtype=_u32)
    w = np.zeros((64, _LANES), dtype=_u32)
    found = np.empty((len(blocks), 8), dtype=_u32)
    for row in range(len(blocks)):
        for place in range(8):
            state[place, 0] = START[place]
        _load(blocks[row : row + 1], 0, w)
        _compress(state, w, work)
        found[row] = state[:, 0]
    return found
