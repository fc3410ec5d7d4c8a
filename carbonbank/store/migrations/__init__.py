"""The history of the schema; alembic loads the files in `versions` by path."""
