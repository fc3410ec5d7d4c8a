"""A backup holds everything, restores to equal tables on either database, and is checked."""

import json
from pathlib import Path

import pytest

from carbonbank.domain.records import PROJECTIONS, TRUTH, ChainMoney, Fleet
from carbonbank.errors import BackupUnreadable, StoreNotEmpty
from carbonbank.ports import Store
from carbonbank.store.backup import dump, restore
from carbonbank.store.store import SqlStore
from tests.fakes.store import FakeStore
from tests.ports.store_samples import fill, samples_of

KINDS = (*TRUTH, *PROJECTIONS)


def tables(store: Store) -> dict[str, list[object]]:
    with store.read() as session:
        return {kind.__name__: session.find(kind) for kind in KINDS}


@pytest.fixture
def full() -> FakeStore:
    store = FakeStore()
    for kind in KINDS:
        fill(store, *samples_of(kind))
    return store


def test_equal_tables_and_equal_bytes_on_both_databases(
    full: FakeStore, sql_store: SqlStore, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    written = dump(full, first)
    assert written == sum(len(samples_of(kind)) for kind in KINDS)
    assert restore(sql_store, first) == written
    assert tables(sql_store) == tables(full)
    assert dump(sql_store, second) == written
    assert second.read_bytes() == first.read_bytes()
    assert sorted(tmp_path.glob("*.jsonl*")) == [first, second]


def test_an_empty_store_has_a_backup_too(sql_store: SqlStore, tmp_path: Path) -> None:
    assert dump(sql_store, tmp_path / "empty.jsonl") == 0
    assert restore(sql_store, tmp_path / "empty.jsonl") == 0


def test_only_an_empty_store_is_restored_into(full: FakeStore, tmp_path: Path) -> None:
    dump(full, tmp_path / "a.jsonl")
    before = tables(full)
    with pytest.raises(StoreNotEmpty, match="already holds"):
        restore(full, tmp_path / "a.jsonl")
    assert tables(full) == before


def signed(lines: list[bytes]) -> bytes:
    """Close a file with its right checksum."""
    from hashlib import sha256  # noqa: PLC0415 - the format in three lines, on purpose

    rest = b"".join(lines)
    return rest + b'{"sha256":"' + sha256(rest).hexdigest().encode() + b'"}\n'


HEAD = b'{"format":"carbonbank store 1"}\n'
FLEET = b'{"Fleet":{"handle":"a","title":"A","fleet_id":"00","operator":"o"}}\n'


def test_the_format_is_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(signed([HEAD, FLEET]))
    store = FakeStore()
    assert restore(store, path) == 1
    with store.read() as session:
        fleet = Fleet(handle="a", title="A", fleet_id="00", operator="o")
        assert session.find(Fleet) == [fleet]
    dump(store, tmp_path / "b.jsonl")
    assert (tmp_path / "b.jsonl").read_bytes() == path.read_bytes()


MONEY = b'{"ChainMoney":{"address":"a","held_units":1}}\n'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 0"),
        (b"trip_id,distance_m\n", "not the checksum"),
        (HEAD + FLEET, "line 2: not the checksum"),
        (signed([HEAD, MONEY])[:-2], "not the checksum"),
        (signed([HEAD, MONEY]).replace(b":1}}", b":2}}"), "line 3: not the checksum"),
        (signed([HEAD, MONEY]) + MONEY, "line 4: not the checksum"),
        (signed([]), "line 1: the first is not"),
        (signed([b'{"format":"carbonbank store 2"}\n', MONEY]), "line 1: the first is not"),
        (signed([HEAD, MONEY, b'{"Wheel":{}}\n']), "line 3: KeyError 'Wheel'"),
        (signed([HEAD, MONEY.replace(b"1}", b'"1"}')]), "line 2: TypeError '1' is not int"),
        (signed([HEAD, MONEY.replace(b"1}", b"null}")]), "None is not int"),
        (signed([HEAD, MONEY.replace(b"1}", b'1,"x":2}')]), "line 2: KeyError 'x'"),
        (signed([HEAD, MONEY, b'{"Fleet":{"handle":"a"}}\n']), "line 3: TypeError"),
    ],
)
def test_what_is_no_whole_backup_restores_nothing(
    sql_store: SqlStore, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(BackupUnreadable, match="is not a complete backup") as caught:
        restore(sql_store, path)
    assert reason in str(caught.value)
    with sql_store.read() as session:
        assert session.count(ChainMoney) == 0


def test_records_are_lines_of_plain_json(full: FakeStore, tmp_path: Path) -> None:
    dump(full, tmp_path / "a.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_bytes().splitlines()]
    uploads = [line["Upload"] for line in lines if "Upload" in line]
    assert "2021-07-01T23:59:59.999999+00:00" in {upload["received_at"] for upload in uploads}
