"""The store on SQLite or PostgreSQL: typed records in transactions.

One writer at a time, on both databases: SQLite begins IMMEDIATE, PostgreSQL takes an advisory lock
at the start of the transaction. What a transaction reads is therefore what it writes upon; there
are no serialization failures and nothing to retry. Readers (`read`) wait for nobody: they see
the last committed state. A process that forks opens its store after the fork.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from carbonbank.errors import (
    CarbonBankError,
    Conflict,
    InvariantBroken,
    NotFound,
    StoreBusy,
    StoreFailed,
    StoreUnreachable,
    StoreUrlRefused,
)
from carbonbank.store.tables import SHAPES, Shape, shape_of

R = TypeVar("R")
Insert = sqlite.Insert | postgresql.Insert

WAIT_S = 30
"""How long a transaction waits for another to end, in seconds."""
_SWITCH_S = 0.01  # between two tries to switch a new file to its log
WRITER_LOCK = 0x6361726262616E6B
"""The PostgreSQL advisory lock of the one writer: `carbbank` as a number."""


class SqlSession:
    """One transaction; `carbonbank.ports.Session`."""

    def __init__(self, store: "SqlStore", connection: sa.Connection, *, writes: bool) -> None:
        self._store = store
        self._connection = connection
        self._writes = writes

    def add(self, record: Any) -> bool:
        """Insert; False if the same record exists.

        Raises:
            Conflict: it exists with other content; the message names the fields, not the values,
                which may be secret.
        """
        shape, row = self._write(record)
        if self._execute(self._store.inserts[shape.kind], row).rowcount == 1:
            return True
        key = shape.key_of(record)
        found = self.need(type(record), *key)
        if found == record:
            return False
        raise conflict(shape, record, found)

    def put(self, record: Any) -> None:
        """Insert or replace by key."""
        shape, row = self._write(record)
        self._execute(self._store.upserts[shape.kind], row)

    def get(self, kind: type[R], *key: Any) -> R | None:
        """Return the record with this key, or None."""
        shape = shape_of(kind)
        found = self._select(kind, shape.check_key(key))
        return found[0] if found else None

    def need(self, kind: type[R], *key: Any) -> R:
        """Return the record with this key, or raise `NotFound`."""
        found = self.get(kind, *key)
        if found is None:
            raise NotFound(kind=kind.__name__, key=show_key(key))
        return found

    def find(
        self, kind: type[R], *, order: str | None = None, limit: int | None = None, **equal: Any
    ) -> list[R]:
        """Return records whose fields equal the given values; a list value means any of.

        They come ordered by `order` (`-name` descends, None sorts lowest) and then by key.
        """
        if limit is not None and limit < 0:
            raise InvariantBroken(f"limit {limit}")
        return self._select(kind, equal, order, limit)

    def count(self, kind: type[Any], **equal: Any) -> int:
        """Count records."""
        shape = shape_of(kind)
        query = sa.select(sa.func.count()).select_from(shape.table)
        return int(self._execute(query.where(*self._where(shape, equal))).scalar_one())

    def remove(self, kind: type[Any], **equal: Any) -> int:
        """Delete matching records and return how many."""
        self._check_writes()
        shape = shape_of(kind)
        return self._execute(sa.delete(shape.table).where(*self._where(shape, equal))).rowcount

    def _select(
        self,
        kind: type[R],
        equal: dict[str, Any],
        order: str | None = None,
        limit: int | None = None,
    ) -> list[R]:
        shape = shape_of(kind)
        columns = shape.table.c
        where = self._where(shape, equal)
        by: list[sa.ColumnElement[Any]] = [columns[name] for name in shape.key]
        if order is not None:
            name = order.removeprefix("-")
            shape.check_name(name)
            down = order.startswith("-")
            first = columns[name].desc().nulls_last() if down else columns[name].nulls_first()
            by = [first, *by]
        query = sa.select(shape.table).where(*where).order_by(*by)
        rows = self._execute(query if limit is None else query.limit(limit))
        return [kind(**row) for row in rows.mappings()]

    def _where(self, shape: Shape, equal: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
        shape.check_filter(equal)
        return [self._is(shape.table.c[name], value) for name, value in equal.items()]

    def _is(self, column: sa.Column[Any], value: Any) -> sa.ColumnElement[bool]:
        if not isinstance(value, list):
            return column.is_(None) if value is None else column == value
        some = [one for one in value if one is not None]
        condition = self._is_any(column, some)
        return condition if len(some) == len(value) else condition | column.is_(None)

    def _is_any(self, column: sa.Column[Any], some: list[Any]) -> sa.ColumnElement[bool]:
        # One parameter, however long the list: databases limit how many there may be.
        if not self._store.is_sqlite:
            return column == sa.any_(sa.bindparam(None, some, postgresql.ARRAY(column.type)))
        if some and isinstance(some[0], (str, int)):
            values = sa.func.json_each(json.dumps(some)).table_valued("value")
            return column.in_(sa.select(values.c.value))
        return column.in_(some)

    def _write(self, record: Any) -> tuple[Shape, dict[str, Any]]:
        self._check_writes()
        shape = shape_of(type(record))
        return shape, shape.row(record)

    def _check_writes(self) -> None:
        if not self._writes:
            raise InvariantBroken("a write in a transaction that was opened to read")

    def _execute(
        self, statement: sa.Executable, row: dict[str, Any] | None = None
    ) -> sa.CursorResult[Any]:
        with self._store.translated():
            return self._connection.execute(
                statement, row, execution_options={"preserve_rowcount": True}
            )


class SqlStore:
    """A database by URL; `carbonbank.ports.Store`. `migrate` it before use.

    Raises:
        StoreUrlRefused: neither an SQLite file nor PostgreSQL.
    """

    def __init__(self, url: str, *, wait_s: int = WAIT_S) -> None:
        self.wait_s = wait_s
        try:
            parsed = sa.make_url(url)
        except ArgumentError:
            raise StoreUrlRefused(url=url.partition(":")[0]) from None
        self.url = parsed.render_as_string(hide_password=True)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database not in {None, "", ":memory:"}:
            self.engine = sa.create_engine(
                parsed.set(drivername="sqlite+pysqlite"),
                connect_args={"timeout": wait_s},
                pool_timeout=wait_s,
            )
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
        elif parsed.get_backend_name() == "postgresql":
            self.engine = sa.create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                connect_args={"connect_timeout": max(2, wait_s)},
                pool_pre_ping=True,
                pool_timeout=wait_s,
            )
        else:
            raise StoreUrlRefused(url=self.url)
        self._here = threading.local()
        # Made once: making one takes longer than running it.
        insert = sqlite.insert if self.is_sqlite else postgresql.insert
        self.inserts = {kind: _insert(insert(one.table), one) for kind, one in SHAPES.items()}
        self.upserts = {kind: _upsert(insert(one.table), one) for kind, one in SHAPES.items()}

    @contextmanager
    def begin(self) -> Iterator[SqlSession]:
        """Open a transaction as the one writer: commit at the end, roll back on any exception.

        Raises:
            StoreBusy: another writer took longer than `wait_s`.
            StoreUnreachable: no connection.
            InvariantBroken: this thread is inside a transaction already.
        """
        with self.connected(writes=True) as connection:
            yield SqlSession(self, connection, writes=True)

    @contextmanager
    def read(self) -> Iterator[SqlSession]:
        """Open a snapshot of the last committed state; it waits for no writer and cannot write."""
        with self.connected(writes=False) as connection:
            yield SqlSession(self, connection, writes=False)

    @contextmanager
    def connected(self, *, writes: bool) -> Iterator[sa.Connection]:
        """Hold a connection inside a transaction."""
        if getattr(self._here, "is_open", False):
            raise InvariantBroken("a transaction inside a transaction of the same thread")
        self._here.is_open = True
        try:
            with self.translated(), self.engine.connect() as connection:
                self._start(connection, writes=writes)
                yield connection
                connection.commit()
        finally:
            self._here.is_open = False

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the database's errors into ours."""
        try:
            yield
        except SQLAlchemyError as error:
            raise self._error(error) from error

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _start(self, connection: sa.Connection, *, writes: bool) -> None:
        # SQLAlchemy's own "begin" sends nothing on SQLite (the driver is in autocommit mode).
        if self.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        elif writes:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{self.wait_s}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def _error(self, error: SQLAlchemyError) -> CarbonBankError:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = str(cause).partition("\n")[0]
        if isinstance(cause, (psycopg.errors.LockNotAvailable, PoolTimeout)) or _is_locked(cause):
            return StoreBusy(url=self.url, waited_s=self.wait_s)
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if lost or isinstance(cause, psycopg.OperationalError) or "unable to open" in reason:
            return StoreUnreachable(url=self.url, reason=reason)
        return StoreFailed(url=self.url, reason=reason)


def conflict(shape: Shape, record: Any, found: Any) -> Conflict:
    """Say which fields of a record differ from the one found under its key."""
    names = [name for name in shape.types if getattr(record, name) != getattr(found, name)]
    return Conflict(
        kind=shape.kind.__name__, key=show_key(shape.key_of(record)), difference=", ".join(names)
    )


def show_key(key: tuple[Any, ...]) -> str:
    """Write a key for people."""
    return " ".join(str(part) for part in key)


def _insert(insert: Insert, shape: Shape) -> sa.Executable:
    return insert.on_conflict_do_nothing(index_elements=shape.key)


def _upsert(insert: Insert, shape: Shape) -> sa.Executable:
    rest = {name: insert.excluded[name] for name in shape.types if name not in shape.key}
    if not rest:
        return _insert(insert, shape)
    return insert.on_conflict_do_update(index_elements=shape.key, set_=rest)


def _is_locked(cause: BaseException | None) -> bool:
    return isinstance(cause, sqlite3.OperationalError) and (
        cause.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    )


def _use_wal(connection: sqlite3.Connection) -> None:
    """Have a write-ahead log. A new file is switched by one connection; the others wait here.

    SQLite waits for locks, but not for the one of that switch: it says at once that it is busy.
    """
    (wait_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    until_s = time.monotonic() + wait_ms / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() > until_s:
                raise
            time.sleep(_SWITCH_S)
        else:
            return


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    _use_wal(connection)
    # Money: a committed transaction outlives a power cut.
    connection.execute("PRAGMA synchronous = FULL")
