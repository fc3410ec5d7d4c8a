"""Alembic's entry: run inside the transaction that `carbonbank.store.migrate` holds open."""

from alembic import context

# SQLite can roll DDL back; alembic only has to be told.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
