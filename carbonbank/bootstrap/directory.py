"""The data directory: where everything of one bank lies, and the lock that makes it one bank."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from carbonbank.errors import DataDirectoryBusy, DirectoryUnusable


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The layout under `path`. Verifier and certifier stand beside it, in a demo alone."""

    path: Path

    @property
    def lock(self) -> Path:
        """Held by the one process that works here; says which."""
        return self.path / "lock"

    @property
    def database(self) -> Path:
        """The store, where no other database is named."""
        return self.path / "bank.sqlite"

    @property
    def jobs_database(self) -> Path:
        """The durable jobs, where no other database is named."""
        return self.path / "jobs.sqlite"

    @property
    def chain(self) -> Path:
        """The embedded chain, where no node is named."""
        return self.path / "chain.sqlite"

    @property
    def keystore(self) -> Path:
        """The bank's own keys, encrypted."""
        return self.path / "keys" / "bank.json"

    @property
    def demo_passphrase(self) -> Path:
        """The passphrase of a demo's keystore; its presence marks the directory as a demo."""
        return self.path / "keys" / "demo-passphrase"

    @property
    def deployment(self) -> Path:
        """Which chain and contracts this bank works with."""
        return self.path / "deployment.json"

    @property
    def uploads(self) -> Path:
        """Uploaded files, named by their hash."""
        return self.path / "uploads"

    @property
    def packages(self) -> Path:
        """Audit packages as written."""
        return self.path / "packages"

    @property
    def certificates(self) -> Path:
        """Retirement certificates as written."""
        return self.path / "certificates"

    def beside(self, role: str) -> Path:
        """Return the directory of another party of a demo: `.carbonbank-verifier`."""
        return self.path.with_name(f"{self.path.name}-{role}")

    @property
    def is_demo(self) -> bool:
        """Whether this directory was made for a demonstration."""
        return self.demo_passphrase.exists()

    def make(self) -> None:
        """Make what is missing, for the owner's eyes only.

        Raises:
            DirectoryUnusable: it can not be made or written.
        """
        try:
            for folder in (
                self.path,
                self.keystore.parent,
                self.uploads,
                self.packages,
                self.certificates,
            ):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            reason = error.strerror or str(error)
            raise DirectoryUnusable(directory=str(self.path), reason=reason) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory; the system lets go of it when the process ends, however it ends.

        Raises:
            DataDirectoryBusy: another process works here.
            DirectoryUnusable: it can not be made or written.
        """
        self.make()
        try:
            lock = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            reason = error.strerror or str(error)
            raise DirectoryUnusable(directory=str(self.path), reason=reason) from error
        try:
            self._take(lock)
            yield
        finally:
            os.close(lock)

    def _take(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            pid = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
            raise DataDirectoryBusy(directory=str(self.path), pid=pid) from held
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
