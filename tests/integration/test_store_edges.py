"""When a database is busy, gone, damaged or killed: typed errors, nothing half done."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from carbonbank.domain.records import ChainMoney, ErasableKey
from carbonbank.errors import (
    StoreBusy,
    StoreFailed,
    StoreUnreachable,
    StoreUrlRefused,
)
from carbonbank.store.store import SqlStore

RECORD = ChainMoney(address="0xA", held_units=1)


def write(store: SqlStore) -> None:
    with store.begin() as session:
        session.add(RECORD)


@contextmanager
def writer_elsewhere(store: SqlStore) -> Iterator[None]:
    """Keep a transaction open in another thread."""
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.begin() as session:
            session.add(RECORD)
            inside.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(20)
    yield
    done.set()
    thread.join()


def test_a_writer_that_waits_too_long_is_told_so(database_url: str, sql_store: SqlStore) -> None:
    impatient = SqlStore(database_url, wait_s=1)
    with writer_elsewhere(sql_store):
        with pytest.raises(StoreBusy, match="is busy; waited 1 s") as caught:
            write(impatient)
        assert caught.value.transient
    write(impatient)
    impatient.close()


def test_no_server_is_unreachable_and_the_password_stays_secret() -> None:
    store = SqlStore("postgresql://bank:hush@127.0.0.1:1/bank", wait_s=1)
    with pytest.raises(StoreUnreachable) as caught:
        write(store)
    assert "127.0.0.1:1/bank" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_no_directory_is_unreachable(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/nowhere/bank.db")
    with pytest.raises(StoreUnreachable, match="unable to open database file"):
        write(store)


def test_a_file_that_is_no_database_fails(tmp_path: Path) -> None:
    (tmp_path / "bank.db").write_bytes(b"trip_id,distance_m\n" * 100)
    store = SqlStore(f"sqlite:///{tmp_path}/bank.db")
    with pytest.raises(StoreFailed, match="file is not a database"):
        write(store)


def test_a_database_without_tables_fails(empty_database_url: str) -> None:
    store = SqlStore(empty_database_url)
    with pytest.raises(StoreFailed, match="chain_money"):
        write(store)
    store.close()


def test_a_full_disk_fails_and_keeps_what_was_committed(sqlite_url: str) -> None:
    store = SqlStore(sqlite_url)
    write(store)

    def cap(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    def flood() -> None:
        with store.begin() as session:
            for number in range(1000):
                session.add(ErasableKey(subject=str(number), secret="s" * 1000))

    sa.event.listen(store.engine, "checkout", cap)
    with pytest.raises(StoreFailed, match="database or disk is full"):
        flood()
    with store.read() as session:
        assert session.count(ErasableKey) == 0
        assert session.find(ChainMoney) == [RECORD]
    store.close()


def test_a_lost_connection_is_told_and_the_next_transaction_works(postgresql_url: str) -> None:
    store = SqlStore(postgresql_url)

    def cut() -> None:
        with store.begin() as session:
            session.add(RECORD)
            with psycopg.connect(postgresql_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            session.count(ChainMoney)

    with pytest.raises(StoreUnreachable):
        cut()
    with store.begin() as session:
        assert session.count(ChainMoney) == 0
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://bank:hush@host/bank",
        "sqlite://",
        "sqlite:///:memory:",
        "bank:hush@host",
        "",
        "bank.db",
    ],
)
def test_other_urls_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(StoreUrlRefused) as caught:
        SqlStore(url)
    assert "hush" not in str(caught.value)


def test_sqlite_keeps_money_through_a_power_cut(sqlite_url: str) -> None:
    store = SqlStore(sqlite_url)
    with store.connected(writes=False) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    store.close()


def test_a_killed_process_leaves_no_half(database_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.interrupted_writer", database_url],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "inside\n"
    process.kill()
    process.wait()
    process.stdout.close()

    store = SqlStore(database_url)
    with store.begin() as session:
        assert session.find(ErasableKey) == [ErasableKey(subject="committed", secret="s")]
        assert session.add(RECORD)
    store.close()
