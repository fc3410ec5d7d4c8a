"""Bring a database to the schema of this code, in one transaction, whatever version it is at."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from carbonbank.errors import StoreVersionUnknown
from carbonbank.store.store import SqlStore

MIGRATIONS = Path(__file__).parent / "migrations"


def open_store(url: str) -> SqlStore:
    """Return the store at a URL, migrated to head."""
    migrate(url)
    return SqlStore(url)


def migrate(url: str, scripts: Path = MIGRATIONS) -> str:
    """Migrate to head as the one writer, all or nothing, and return the revision.

    Raises:
        StoreVersionUnknown: a newer bank wrote this database.
        StoreUnreachable: no connection.
    """
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    known = ScriptDirectory.from_config(config)
    store = SqlStore(url)
    try:
        with store.connected(writes=True) as connection:
            found = MigrationContext.configure(connection).get_current_heads()
            unknown = set(found) - {script.revision for script in known.walk_revisions()}
            head = str(known.get_current_head())
            if unknown:
                raise StoreVersionUnknown(url=store.url, found=", ".join(unknown), known=head)
            if found != (head,):
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    finally:
        store.close()
    return head
