"""Rewrite the initial migration from the record classes: run after every change to records.py.

Until the first release there is one migration, and its revision names the schema it makes, so that
a database of another schema is refused instead of misread. From the first release on it is frozen
and changes get a migration of their own.
"""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from carbonbank.store.tables import METADATA, UtcDateTime

TARGET = (
    Path(__file__).parents[1] / "carbonbank" / "store" / "migrations" / "versions/0001_initial.py"
)
HEAD = '''"""All tables, as the bank first knew them. Written by scripts/make_migration.py."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INT64 = sa.BigInteger()
BOOL = sa.Boolean()
BYTES = sa.LargeBinary()
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create all tables."""
'''
NAMES = {
    sa.Text: "TEXT",
    sa.BigInteger: "INT64",
    sa.Boolean: "BOOL",
    sa.LargeBinary: "BYTES",
    UtcDateTime: "UTC_TIME",
}


def column(one: sa.Column[Any]) -> str:
    """Write a column."""
    rest = ", primary_key=True, autoincrement=False" if one.primary_key else ", nullable=False"
    return f'sa.Column("{one.name}", {NAMES[type(one.type)]}{"" if one.nullable else rest}),'


def body() -> str:
    """Write the statements that make every table and index."""
    lines = []
    for table in METADATA.tables.values():
        lines += ["op.create_table(", f'    "{table.name}",']
        lines += [f"    {column(one)}" for one in table.columns]
        lines += [")"]
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            names = ", ".join(f'"{one.name}"' for one in index.columns)
            lines += [f'op.create_index("{index.name}", "{table.name}", [{names}])']
    return "".join(f"    {line}\n" for line in lines)


def migration() -> str:
    """Write the whole file; the revision is the hash of what it makes."""
    made = body()
    revision = f"0001_{hashlib.sha256(made.encode()).hexdigest()[:8]}"
    text = HEAD.format(revision=revision) + made
    command = [sys.executable, "-m", "ruff", "format", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    TARGET.write_text(migration())
    print(TARGET)
