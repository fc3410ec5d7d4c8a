"""The store in memory: the rules of `carbonbank.ports.Store` in the plainest words."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from carbonbank.errors import InvariantBroken, NotFound
from carbonbank.store.store import conflict, show_key
from carbonbank.store.tables import Shape, shape_of

R = TypeVar("R")
Tables = dict[type, dict[tuple[Any, ...], Any]]


class FakeSession:
    def __init__(self, tables: Tables, *, writes: bool) -> None:
        self._tables = tables
        self._writes = writes

    def add(self, record: Any) -> bool:
        shape, kept = self._writable(record)
        found = self._rows(type(record)).get(shape.key_of(record))
        if found is None:
            self._rows(type(record))[shape.key_of(record)] = kept
        elif found != record:
            raise conflict(shape, record, found)
        return found is None

    def put(self, record: Any) -> None:
        shape, kept = self._writable(record)
        self._rows(type(record))[shape.key_of(record)] = kept

    def get(self, kind: type[R], *key: Any) -> R | None:
        shape_of(kind).check_key(key)
        return self._rows(kind).get(key)

    def need(self, kind: type[R], *key: Any) -> R:
        found = self.get(kind, *key)
        if found is None:
            raise NotFound(kind=kind.__name__, key=show_key(key))
        return found

    def find(
        self, kind: type[R], *, order: str | None = None, limit: int | None = None, **equal: Any
    ) -> list[R]:
        if limit is not None and limit < 0:
            raise InvariantBroken(f"limit {limit}")
        shape = shape_of(kind)
        found = sorted(self._matching(kind, equal), key=shape.key_of)
        if order is not None:
            name = order.removeprefix("-")
            shape.check_name(name)

            def lowest_first(record: R) -> tuple[Any, ...]:
                value = getattr(record, name)
                return (0,) if value is None else (1, value)

            # Sorting is stable, reversed or not: equals stay in the order of their keys.
            found.sort(key=lowest_first, reverse=order.startswith("-"))
        return found[:limit]

    def count(self, kind: type[Any], **equal: Any) -> int:
        return len(self._matching(kind, equal))

    def remove(self, kind: type[Any], **equal: Any) -> int:
        if not self._writes:
            raise InvariantBroken("a write in a transaction that was opened to read")
        gone = self._matching(kind, equal)
        for record in gone:
            del self._rows(kind)[shape_of(kind).key_of(record)]
        return len(gone)

    def _rows(self, kind: type[R]) -> dict[tuple[Any, ...], R]:
        return self._tables.setdefault(kind, {})

    def _matching(self, kind: type[R], equal: dict[str, Any]) -> list[R]:
        shape_of(kind).check_filter(equal)
        wanted = {
            name: value if isinstance(value, list) else [value] for name, value in equal.items()
        }
        return [
            record
            for record in self._rows(kind).values()
            if all(getattr(record, name) in values for name, values in wanted.items())
        ]

    def _writable(self, record: Any) -> tuple[Shape, Any]:
        if not self._writes:
            raise InvariantBroken("a write in a transaction that was opened to read")
        shape = shape_of(type(record))
        return shape, type(record)(**shape.row(record))


class FakeStore:
    def __init__(self) -> None:
        self._tables: Tables = {}
        self._writer = threading.Lock()
        self._here = threading.local()

    @contextmanager
    def begin(self) -> Iterator[FakeSession]:
        with self._alone_in_thread(), self._writer:
            draft = self._copy()
            yield FakeSession(draft, writes=True)
            self._tables = draft

    @contextmanager
    def read(self) -> Iterator[FakeSession]:
        with self._alone_in_thread():
            yield FakeSession(self._copy(), writes=False)

    def _copy(self) -> Tables:
        return {kind: dict(rows) for kind, rows in self._tables.items()}

    @contextmanager
    def _alone_in_thread(self) -> Iterator[None]:
        if getattr(self._here, "is_open", False):
            raise InvariantBroken("a transaction inside a transaction of the same thread")
        self._here.is_open = True
        try:
            yield
        finally:
            self._here.is_open = False
