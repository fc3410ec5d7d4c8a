"""What a transaction promises, alone and among threads, on the fake and on both databases."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from carbonbank.domain.records import ChainMoney
from carbonbank.errors import Conflict, InvariantBroken
from carbonbank.ports import Store
from tests.ports.store_samples import fill, money


def test_a_transaction_sees_itself_and_an_exception_undoes_all_of_it(store: Store) -> None:
    fill(store, money("0xA"), money("0xB"))

    class Stop(Exception):
        pass

    def half() -> None:
        with store.begin() as session:
            session.add(money("0xC"))
            session.put(money("0xA", 99))
            session.remove(ChainMoney, address="0xB")
            assert session.find(ChainMoney) == [money("0xA", 99), money("0xC")]
            raise Stop

    with pytest.raises(Stop):
        half()
    with store.begin() as session:
        assert session.find(ChainMoney) == [money("0xA"), money("0xB")]


def test_a_transaction_inside_a_transaction_is_refused(store: Store) -> None:
    for outer, inner in [
        (store.begin, store.begin),
        (store.begin, store.read),
        (store.read, store.begin),
    ]:
        with outer(), pytest.raises(InvariantBroken, match="inside"), inner():
            pass
    with store.begin() as session:
        assert session.add(money())


def test_a_reader_waits_for_no_writer_and_sees_what_was_committed(store: Store) -> None:
    fill(store, money("0xA"))

    def look() -> list[ChainMoney]:
        with store.read() as session:
            return session.find(ChainMoney)

    with store.begin() as session, ThreadPoolExecutor(1) as pool:
        session.add(money("0xB"))
        assert pool.submit(look).result(20) == [money("0xA")]
    assert look() == [money("0xA"), money("0xB")]


def test_a_reader_sees_one_state_while_writers_go_on(store: Store) -> None:
    fill(store, money("0xA"))
    with store.read() as session, ThreadPoolExecutor(1) as pool:
        assert session.count(ChainMoney) == 1
        pool.submit(fill, store, money("0xB")).result(20)
        assert session.count(ChainMoney) == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda session: session.add(money()),
        lambda session: session.put(money()),
        lambda session: session.remove(ChainMoney),
    ],
    ids=["add", "put", "remove"],
)
def test_a_reader_cannot_write(store: Store, write: Callable[[Any], Any]) -> None:
    with store.read() as session, pytest.raises(InvariantBroken, match="opened to read"):
        write(session)


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work in threads that start at once; return results or exceptions."""
    start = threading.Barrier(count)

    def one(number: int) -> Any:
        start.wait(20)
        try:
            return work(number)
        except Conflict as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_two_threads_adding_the_same_make_one(store: Store) -> None:
    def add(record: ChainMoney, _: int) -> bool:
        with store.begin() as session:
            return session.add(record)

    for i in range(10):
        record = money(f"0x{i}")
        assert sorted(together(2, partial(add, record))) == [False, True]


def test_threads_adding_different_content_make_one_and_conflicts(store: Store) -> None:
    def add(number: int) -> bool:
        with store.begin() as session:
            return session.add(money(held_units=number))

    made = together(4, add)
    assert made.count(True) == 1
    assert sum(isinstance(one, Conflict) for one in made) == 3
    with store.begin() as session:
        assert session.find(ChainMoney) == [money(held_units=made.index(True))]


def test_read_and_write_in_threads_loses_nothing(store: Store) -> None:
    fill(store, money(held_units=0))

    def spend(_: int) -> None:
        for _again in range(10):
            with store.begin() as session:
                now = session.need(ChainMoney, "0xA")
                session.put(money(held_units=now.held_units + 1))

    together(4, spend)
    with store.begin() as session:
        assert session.need(ChainMoney, "0xA").held_units == 40
