"""All of a bank in one file and back: store, chain, keystore (still encrypted), deployment.

backup.zip:  backup.json (format, SHA-256 of each member)   store.ndjson   chain.sqlite
keys/bank.json   deployment.json   uploads/<hash>
"""

import json
import shutil
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.open_bank import database_url
from carbonbank.config import Settings
from carbonbank.domain.hashing import canonical_json
from carbonbank.errors import BackupUnreadable, DirectoryNotEmpty
from carbonbank.store import backup as store_backup
from carbonbank.store.migrate import open_store

FORMAT = "carbonbank.backup/1"
HEAD = "backup.json"
STORE = "store.ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A backup as written or restored."""

    path: str
    records: int
    members: int


def backup(settings: Settings, path: Path) -> BackedUp:
    """Write all of a bank to one new file; the bank must not be at work meanwhile.

    Raises:
        DataDirectoryBusy: a process works on it.
    """
    directory = DataDirectory(settings.data)
    with directory.locked(), tempfile.TemporaryDirectory(dir=directory.path) as folder:
        draft = Path(folder)
        with closing(open_store(database_url(settings))) as store:
            records = store_backup.dump(store, draft / STORE)
        if directory.chain.exists():
            _copy_chain(directory.chain, draft / directory.chain.name)
        members = {one.name: one for one in draft.iterdir()} | _files_of(directory)
        head = {"format": FORMAT, "sha256": {name: _sha256(p) for name, p in members.items()}}
        written = draft / "written.zip"
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(HEAD, canonical_json(head))
            for name, file in sorted(members.items()):
                archive.write(file, name)
        shutil.move(written, path)
    return BackedUp(path=str(path), records=records, members=len(members))


def restore(settings: Settings, path: Path) -> BackedUp:
    """Read a backup into an empty data directory and, if one is named, an empty database.

    Raises:
        DirectoryNotEmpty: the data directory holds something.
        BackupUnreadable: the file is no backup, or not all of it.
        StoreNotEmpty: the database named in the settings holds records.
    """
    directory = DataDirectory(settings.data)
    found = sorted(one.name for one in directory.path.glob("*")) if directory.path.exists() else []
    if found:
        raise DirectoryNotEmpty(directory=str(directory.path), found=", ".join(found))
    with directory.locked(), tempfile.TemporaryDirectory(dir=directory.path) as folder:
        draft = Path(folder)
        members = _unpacked(path, draft)
        with closing(open_store(database_url(settings))) as store:
            records = store_backup.restore(store, draft / STORE)
        for name in members:
            if name != STORE:
                (directory.path / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                (draft / name).replace(directory.path / name)
    return BackedUp(path=str(path), records=records, members=len(members))


def _files_of(directory: DataDirectory) -> dict[str, Path]:
    files = [directory.keystore, directory.deployment, *directory.uploads.glob("*")]
    if directory.is_demo:
        files.append(directory.demo_passphrase)
    return {str(one.relative_to(directory.path)): one for one in files if one.is_file()}


def _copy_chain(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _unpacked(path: Path, draft: Path) -> list[str]:
    """Unpack a backup and check every member against its hash."""

    def refuse(reason: str) -> BackupUnreadable:
        return BackupUnreadable(path=str(path), line=0, reason=reason)

    try:
        with zipfile.ZipFile(path) as archive:
            head = json.loads(archive.read(HEAD))
            expected: dict[str, str] = head["sha256"]
            if head["format"] != FORMAT or {*archive.namelist()} != {HEAD, *expected}:
                raise refuse("its members are not those it names")
            archive.extractall(draft, members=expected)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise refuse(f"{type(error).__name__}: {error}") from error
    for name, digest in expected.items():
        if _sha256(draft / name) != digest:
            raise refuse(f"{name} was altered")
    if STORE not in expected:
        raise refuse(f"it has no {STORE}")
    return sorted(expected)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
