"""What a store promises, on the fake, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from carbonbank.domain.records import (
    PROJECTIONS,
    TRUTH,
    ChainHolding,
    ChainMoney,
    ErasableKey,
    SealedBatch,
    StoredIssue,
    StoredTrip,
    Upload,
    Vehicle,
)
from carbonbank.errors import Conflict, InvariantBroken, NotFound, Unstorable
from carbonbank.ports import Store
from carbonbank.store.tables import shape_of
from tests.ports.store_samples import MICROSECOND_AT, fill, money, samples_of, vehicle


@pytest.mark.parametrize("kind", [*TRUTH, *PROJECTIONS], ids=lambda kind: kind.__name__)
def test_every_record_comes_back_as_it_went_in(store: Store, kind: type) -> None:
    records = samples_of(kind)
    fill(store, *records)
    with store.begin() as session:
        for record in records:
            assert session.need(kind, *shape_of(kind).key_of(record)) == record
        assert session.count(kind) == len(records)


def test_times_come_back_in_utc(store: Store) -> None:
    casablanca = timezone(timedelta(hours=1))
    upload = replace(samples_of(Upload)[0], received_at=MICROSECOND_AT.astimezone(casablanca))
    fill(store, upload)
    with store.begin() as session:
        found = session.need(Upload, upload.fleet, upload.file_hash)
        assert found.received_at.isoformat() == "2021-07-01T23:59:59.999999+00:00"
        assert session.find(Upload, received_at=upload.received_at) == [upload]
        assert not session.add(upload)


def test_adding_the_same_again_is_false_and_changes_nothing(store: Store) -> None:
    fill(store, money())
    with store.begin() as session:
        assert session.add(money()) is False
        assert session.find(ChainMoney) == [money()]


def test_the_same_object_twice_in_one_transaction_is_one_record(store: Store) -> None:
    record = money()
    with store.begin() as session:
        assert [session.add(record), session.add(record)] == [True, False]


def test_other_content_is_a_conflict_that_names_the_fields_and_keeps_the_first(
    store: Store,
) -> None:
    fill(store, vehicle("T3"), ErasableKey(subject="driver", secret="hush"))
    with store.begin() as session:
        with pytest.raises(Conflict) as caught:
            session.add(vehicle("T3", category="M1", vehicle_index=7))
        assert caught.value.fields == {
            "kind": "Vehicle",
            "key": "atlas T3",
            "difference": "vehicle_index, category",
        }
        with pytest.raises(Conflict) as secret:
            session.add(ErasableKey(subject="driver", secret="loud"))
        assert "hush" not in str(secret.value)
        # The transaction goes on.
        assert session.add(money())
    with store.begin() as session:
        assert session.need(Vehicle, "atlas", "T3") == vehicle("T3")
        assert session.count(ChainMoney) == 1


def test_put_inserts_and_replaces(store: Store) -> None:
    with store.begin() as session:
        session.put(money())
        session.put(money(held_units=-3))
        session.put(money("0xB"))
    with store.begin() as session:
        assert session.find(ChainMoney) == [money(held_units=-3), money("0xB")]


def test_get_and_need_what_is_not_there(store: Store) -> None:
    with store.begin() as session:
        assert session.get(Vehicle, "atlas", "T3") is None
        with pytest.raises(NotFound, match="there is no Vehicle atlas T3"):
            session.need(Vehicle, "atlas", "T3")


def test_find_by_values_none_and_lists(store: Store) -> None:
    a, b, c = vehicle("a", vehicle_index=1), vehicle("b"), vehicle("c", vehicle_index=3)
    fill(store, c, a, b)
    with store.begin() as session:
        assert session.find(Vehicle) == [a, b, c]
        assert session.find(Vehicle, vehicle_id="b") == [b]
        assert session.find(Vehicle, vehicle_id="B") == []
        assert session.find(Vehicle, vehicle_index=None) == [b]
        assert session.find(Vehicle, vehicle_index=[1, 3]) == [a, c]
        assert session.find(Vehicle, vehicle_index=[3, None]) == [b, c]
        assert session.find(Vehicle, vehicle_index=[None]) == [b]
        assert session.find(Vehicle, vehicle_index=[]) == []
        assert session.find(Vehicle, vehicle_id=["a", "b"], vehicle_index=[1, 3]) == [a]
        assert session.count(Vehicle, vehicle_index=[1, 3, 9]) == 2
        assert session.count(Vehicle, fleet="other") == 0


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Upload, "received_at"),
        (Upload, "withdrawn"),
        (SealedBatch, "leaves"),
        (Upload, "filename"),
        (Upload, "size_bytes"),
    ],
)
def test_a_list_finds_every_type_of_value(store: Store, kind: type, name: str) -> None:
    records = samples_of(kind)
    fill(store, *records)
    values = [getattr(record, name) for record in records]
    with store.begin() as session:
        assert session.count(kind, **{name: values}) == len(records)
        expected = values.count(values[0])
        assert session.count(kind, **{name: [values[0]]}) == expected
        assert session.count(kind, **{name: values[0]}) == expected


def test_find_takes_lists_longer_than_a_database_takes_parameters(store: Store) -> None:
    fill(store, money("0x77"), money("0x70001"))
    with store.begin() as session:
        many = [f"0x{i}" for i in range(70_000)]
        assert session.find(ChainMoney, address=many) == [money("0x77")]
        assert session.count(ChainMoney, held_units=list(range(70_000))) == 2


def test_order_and_limit(store: Store) -> None:
    a, b = vehicle("a", vehicle_index=2), vehicle("b")
    c, d = vehicle("c", vehicle_index=1), vehicle("d", vehicle_index=2)
    fill(store, d, c, b, a)
    with store.begin() as session:
        assert session.find(Vehicle, order="vehicle_index") == [b, c, a, d]
        assert session.find(Vehicle, order="-vehicle_index") == [a, d, c, b]
        assert session.find(Vehicle, order="-vehicle_id", limit=2) == [d, c]
        assert session.find(Vehicle, limit=3) == [a, b, c]
        assert session.find(Vehicle, limit=0) == []
        assert session.find(Vehicle, limit=9, vehicle_index=2) == [a, d]


def test_text_is_ordered_by_code_point(store: Store) -> None:
    # UTF-16 would put U+10330 before U+FF5E, a language's own order "a" before "Z".
    addresses = ["", "Z", "a", "a b", "aa", "é", "～", "𐌰"]
    fill(store, *(money(one) for one in reversed(addresses)))
    with store.begin() as session:
        assert [one.address for one in session.find(ChainMoney)] == addresses


def test_remove_counts_what_it_removed(store: Store) -> None:
    fill(store, money("0xA", 1), money("0xB", 1), money("0xC", 2))
    with store.begin() as session:
        assert session.remove(ChainMoney, address=["0xZ"]) == 0
        assert session.remove(ChainMoney, held_units=1) == 2
        assert session.find(ChainMoney) == [money("0xC", 2)]
        assert session.remove(ChainMoney) == 1
    with store.begin() as session:
        assert session.count(ChainMoney) == 0


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (money(held_units=2**63), "ChainMoney.held_units cannot be stored: 9223372036854775808"),
        (money(held_units=-(2**63) - 1), "does not fit 64 bits"),
        (money("0x\0"), "has a NUL character"),
        (money("\ud800"), "is not valid Unicode"),
    ],
    ids=["too large", "too small", "NUL", "surrogate"],
)
def test_what_no_database_keeps_is_refused_alike(
    store: Store, record: ChainMoney, said: str
) -> None:
    with store.begin() as session:
        with pytest.raises(Unstorable) as caught:
            session.add(record)
        assert said in str(caught.value)
        with pytest.raises(Unstorable):
            session.put(record)
        with pytest.raises(Unstorable):
            session.find(ChainMoney, address=record.address, held_units=[1, record.held_units])
        assert session.count(ChainMoney) == 0


@pytest.mark.parametrize(
    "mistake",
    [
        lambda session: session.add(money(held_units=True)),
        lambda session: session.add(money(held_units="5")),  # type: ignore[arg-type]
        lambda session: session.add(money(held_units=5.0)),  # type: ignore[arg-type]
        lambda session: session.add(money(held_units=None)),  # type: ignore[arg-type]
        lambda session: session.add(money(b"0xA")),  # type: ignore[arg-type]
        lambda session: session.add("0xA"),
        lambda session: session.find(StoredTrip, start_at=MICROSECOND_AT.replace(tzinfo=None)),
        lambda session: session.find(ChainMoney, adress="0xA"),
        lambda session: session.find(ChainMoney, order="adress"),
        lambda session: session.find(ChainMoney, limit=-1),
        lambda session: session.count(str),
        lambda session: session.get(ChainHolding, "0xA"),
        lambda session: session.get(ChainMoney, "0xA", "batch"),
    ],
)
def test_mistakes_in_code_are_told_from_bad_input(
    store: Store, mistake: Callable[[Any], Any]
) -> None:
    with store.begin() as session, pytest.raises(InvariantBroken):
        mistake(session)


def test_issues_keep_their_reading_order(store: Store) -> None:
    plain = samples_of(StoredIssue)[0]
    issues = [replace(plain, number=number) for number in range(12)]
    fill(store, *reversed(issues))
    with store.begin() as session:
        assert session.find(StoredIssue) == issues
