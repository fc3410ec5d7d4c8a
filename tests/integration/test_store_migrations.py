"""The schema a migrated database has is the schema the records ask for."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from carbonbank.domain.records import ChainMoney
from carbonbank.errors import StoreFailed, StoreUnreachable, StoreVersionUnknown
from carbonbank.store.migrate import MIGRATIONS, migrate, open_store
from carbonbank.store.store import SqlStore
from carbonbank.store.tables import METADATA
from scripts import make_migration

RECORD = ChainMoney(address="0xA", held_units=1)


def tables_in(url: str) -> set[str]:
    store = SqlStore(url)
    with store.connected(writes=False) as connection:
        names = set(sa.inspect(connection).get_table_names())
    store.close()
    return names


def test_the_initial_migration_is_drawn_from_the_records() -> None:
    assert make_migration.TARGET.read_text() == make_migration.migration(), (
        "run python -m scripts.make_migration"
    )


def test_migrated_schema_and_records_are_equal(database_url: str) -> None:
    store = SqlStore(database_url)
    with store.connected(writes=False) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    store.close()


def test_the_comparison_would_see_a_forgotten_field(database_url: str) -> None:
    other = sa.MetaData()
    for table in METADATA.tables.values():
        table.to_metadata(other)
    other.tables["fleet"].append_column(sa.Column("colour", sa.Text))
    store = SqlStore(database_url)
    with store.connected(writes=False) as connection:
        found = compare_metadata(MigrationContext.configure(connection), other)
    assert [change[0] for change in found] == ["add_column"]
    store.close()


def test_keys_and_text_order_are_in_the_schema(postgresql_url: str) -> None:
    store = SqlStore(postgresql_url)
    with store.connected(writes=False) as connection:
        odd = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'text'"
            " AND collation_name IS DISTINCT FROM 'C'"
        )
        assert odd.all() == []
        inspector = sa.inspect(connection)
        for table in METADATA.tables.values():
            key = inspector.get_pk_constraint(table.name)["constrained_columns"]
            assert set(key) == {column.name for column in table.primary_key}
    store.close()


def test_migrating_is_idempotent_and_keeps_records(empty_database_url: str) -> None:
    store = open_store(empty_database_url)
    with store.begin() as session:
        session.add(RECORD)
    assert migrate(empty_database_url).startswith("0001_")
    with store.begin() as session:
        assert session.find(ChainMoney) == [RECORD]
    store.close()


def test_processes_that_start_together_migrate_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(migrate, [empty_database_url] * 4))) == 1
    assert tables_in(empty_database_url) == {*METADATA.tables, "alembic_version"}


def test_many_that_open_a_new_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    together = Barrier(4)

    def opened(store: SqlStore) -> str:
        together.wait()
        with store.connected(writes=True) as connection:
            return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())

    for number in range(20):
        stores = [SqlStore(f"sqlite:///{tmp_path}/{number}.db") for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(opened, stores)) == ["wal"] * 4
        for store in stores:
            store.close()


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    store = SqlStore(database_url)
    with store.connected(writes=True) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0099_later'")
    with pytest.raises(StoreVersionUnknown) as caught:
        migrate(database_url)
    assert caught.value.found == "0099_later"
    assert caught.value.known.startswith("0001_")
    with store.connected(writes=True) as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        assert found == "0099_later"
        known = caught.value.known
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{known}'")
    store.close()


def later_scripts(tmp_path: Path, body: str) -> Path:
    """Copy the migrations and add one."""
    scripts = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    before = make_migration.migration().partition('revision = "')[2].partition('"')[0]
    (scripts / "versions" / "0002_later.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision = "0002"\ndown_revision = "{before}"\n'
        f"def upgrade():\n    op.add_column('fleet', sa.Column('colour', sa.Text))\n    {body}\n"
    )
    return scripts


def test_an_older_database_comes_to_head_with_its_records(
    empty_database_url: str, tmp_path: Path
) -> None:
    store = open_store(empty_database_url)
    with store.begin() as session:
        session.add(RECORD)
    assert migrate(empty_database_url, later_scripts(tmp_path, "pass")) == "0002"
    with store.connected(writes=False) as connection:
        names = {column["name"] for column in sa.inspect(connection).get_columns("fleet")}
        assert "colour" in names
    with store.read() as session:
        assert session.find(ChainMoney) == [RECORD]
    store.close()


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_database_url: str, tmp_path: Path
) -> None:
    scripts = later_scripts(tmp_path, "op.execute('SELECT 1 FROM nowhere')")
    with pytest.raises(StoreFailed, match="nowhere"):
        migrate(empty_database_url, scripts)
    assert tables_in(empty_database_url) == set()


def test_no_server_is_told_at_migration() -> None:
    with pytest.raises(StoreUnreachable):
        migrate("postgresql://bank@127.0.0.1:1/bank")
