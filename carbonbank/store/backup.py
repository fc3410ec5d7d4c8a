"""All records of a store as one text file, the same bytes from either database.

Line 1 names the format; then comes one record a line, in the order of kinds and keys; the last line
is the SHA-256 of all before it. The file holds everything
the store holds, salts and key hashes too: keep it as you keep the data directory.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from carbonbank.domain.records import PROJECTIONS, TRUTH
from carbonbank.errors import BackupUnreadable, InvariantBroken, StoreNotEmpty
from carbonbank.ports import Session, Store
from carbonbank.store.tables import shape_of

HEAD = {"format": "carbonbank store 1"}
KINDS = {kind.__name__: kind for kind in (*TRUTH, *PROJECTIONS)}


def dump(store: Store, path: Path) -> int:
    """Write one committed state of the store to a file, whole or not at all.

    Returns:
        How many records it holds.
    """
    draft = path.with_name(path.name + ".part")
    digest = hashlib.sha256()
    written = 0
    with store.read() as session, draft.open("wb") as file:
        for written, line in enumerate(_lines(session)):  # noqa: B007 - the header is number 0
            digest.update(line)
            file.write(line)
        file.write(_line({"sha256": digest.hexdigest()}))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return written


def restore(store: Store, path: Path) -> int:
    """Read a file written by `dump` into an empty store, whole or not at all.

    Returns:
        How many records were restored.

    Raises:
        StoreNotEmpty: the store holds records.
        BackupUnreadable: the file is not a backup, is cut short, was altered, or was written by a
            bank with other records.
    """
    _check_sum(path)
    number = 0
    with store.begin() as session, path.open("rb") as file:
        held = sum(session.count(kind) for kind in KINDS.values())
        if held:
            raise StoreNotEmpty(records=held)
        for number, line in enumerate(file):
            told = json.loads(line)
            if number == 0 and told != HEAD:
                raise BackupUnreadable(path=str(path), line=1, reason=f"the first is not {HEAD}")
            if number > 0 and "sha256" not in told:
                try:
                    session.add(_record(told))
                except (ValueError, KeyError, TypeError) as error:
                    reason = f"{type(error).__name__} {error}"
                    raise BackupUnreadable(
                        path=str(path), line=number + 1, reason=reason
                    ) from error
    return number - 1


def _check_sum(path: Path) -> None:
    digest = hashlib.sha256()
    number, last = 0, b""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):  # noqa: B007 - the last one is in the message
            digest.update(last)
            last = line
    if last != _line({"sha256": digest.hexdigest()}):
        raise BackupUnreadable(path=str(path), line=number, reason="not the checksum of the rest")


def _lines(session: Session) -> Iterator[bytes]:
    yield _line(HEAD)
    for name, kind in KINDS.items():
        record: Any
        for record in session.find(kind):
            yield _line({name: asdict(record)})


def _record(told: dict[str, Any]) -> Any:
    [(name, content)] = told.items()
    kind = KINDS[name]
    types = shape_of(kind).types
    return kind(**{name: _value(*types[name], value) for name, value in content.items()})


def _value(plain: type, optional: bool, told: Any) -> Any:
    if told is None and optional:
        return None
    value = told
    if plain is bytes:
        value = bytes.fromhex(told)
    if plain is datetime:
        value = datetime.fromisoformat(told).astimezone(UTC)
    if type(value) is not plain:
        raise TypeError(f"{told!r} is not {plain.__name__}")
    return value


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, default=_text, separators=(",", ":")).encode() + b"\n"


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise InvariantBroken(f"no text for {type(value)}")
