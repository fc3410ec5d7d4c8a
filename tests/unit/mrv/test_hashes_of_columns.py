"""Many messages hashed in one call give what `hashlib` and `hmac` give one by one."""

import hashlib
import hmac
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from carbonbank.domain.merkle import evidence_root
from carbonbank.mrv.bulk import hashes
from carbonbank.mrv.bulk.hashes import Hashes, root_of_rows

# Around the ends of blocks: the padding fits into the last one, or needs one more.
LENGTHS = [0, 1, 31, 54, 55, 56, 63, 64, 65, 118, 119, 120, 127, 128, 129, 500]


WAYS = ["one by one", *(["side by side"] if find_spec("numba") else [])]  # no wheels: Intel Macs


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    side_by_side = request.param == "side by side"
    monkeypatch.setattr(hashes, "LANES_MIN", 0 if side_by_side else 10**9)
    assert not side_by_side or hashes.lanes() is not None  # else both ways are the same
    return str(request.param)


def texts_of(lengths: list[int]) -> list[str]:
    letters = np.random.default_rng(7).integers(ord("a"), ord("z"), sum(lengths), dtype=np.uint8)
    ends = np.cumsum([0, *lengths])
    return [letters[a:b].tobytes().decode() for a, b in pairwise(ends)]


@pytest.mark.usefixtures("way")
def test_texts_of_any_length() -> None:
    texts = texts_of([length for length in LENGTHS for _ in range(3)])
    found = Hashes(1).of_texts(pa.array(texts))
    assert [one.tobytes() for one in found] == [hashlib.sha256(t.encode()).digest() for t in texts]


@pytest.mark.usefixtures("way")
def test_a_slice_of_texts_behind_heads() -> None:
    texts = texts_of(LENGTHS)
    heads = np.arange(32 * 10, dtype=np.uint64).astype(np.uint8).reshape(10, 32)
    found = Hashes(1).of_texts(pa.array(texts).slice(3, 10), heads)
    assert [one.tobytes() for one in found] == [
        hashlib.sha256(head.tobytes() + text.encode()).digest()
        for head, text in zip(heads, texts[3:13], strict=True)
    ]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("width", [32, 68])
def test_rows_under_keys(width: int) -> None:
    rows = np.random.default_rng(8).integers(0, 256, (37, width)).astype(np.uint8)
    keys = [b"", b"short", b"k" * 32, b"x" * 64]
    which = np.arange(37) % 4
    hashed = Hashes(1)
    found = hashed.under_keys(hashed.prepared(keys), which, rows)
    assert [one.tobytes() for one in found] == [
        hmac.digest(keys[key], row.tobytes(), "sha256")
        for key, row in zip(which.tolist(), rows, strict=True)
    ]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 33])
def test_the_root_over_rows(count: int) -> None:
    rows = np.random.default_rng(9).integers(0, 256, (count, 68)).astype(np.uint8)
    assert root_of_rows(rows) == evidence_root(row.tobytes() for row in rows)
