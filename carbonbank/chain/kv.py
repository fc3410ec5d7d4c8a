"""The embedded chain's database: one SQLite file under py-evm, one transaction per mined block."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eth.db.backends.base import BaseDB

SCHEMA = """
CREATE TABLE IF NOT EXISTS node (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class SqliteNodes(BaseDB):  # type: ignore[misc]
    """py-evm's key-value store (trie nodes, headers, receipts) in one SQLite file.

    Belongs to the thread that made it. A write outside `one_transaction` is refused: nothing may
    reach the file half done.
    """

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        # Every mined block is on disk before its receipt is answered, also through a power cut.
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(SCHEMA)

    @contextmanager
    def one_transaction(self) -> Iterator[None]:
        """Keep all writes of the block, or none of them.

        Reads alone cost no disk write: SQLite begins to write at the first INSERT.
        """
        self._file.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def __getitem__(self, key: bytes) -> bytes:
        row = self._file.execute("SELECT value FROM node WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        return bytes(row[0])

    def __setitem__(self, key: bytes, value: bytes) -> None:
        assert self._file.in_transaction
        self._file.execute("INSERT OR REPLACE INTO node VALUES (?, ?)", (key, value))

    def __delitem__(self, key: bytes) -> None:
        assert self._file.in_transaction
        if self._file.execute("DELETE FROM node WHERE key = ?", (key,)).rowcount == 0:
            raise KeyError(key)

    def _exists(self, key: bytes) -> bool:
        found = self._file.execute("SELECT 1 FROM node WHERE key = ?", (key,)).fetchone()
        return found is not None

    def fact(self, name: str) -> str | None:
        """Return a fact about the chain itself, such as its id."""
        row = self._file.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_fact(self, name: str, value: str) -> None:
        """Write a fact once; it never changes."""
        self._file.execute("INSERT INTO fact VALUES (?, ?)", (name, value))

    def backup(self, target: Path) -> None:
        """Copy the whole file, consistent while in use (SQLite online backup)."""
        copy = sqlite3.connect(target)
        try:
            self._file.backup(copy)
        finally:
            copy.close()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._file.close()
