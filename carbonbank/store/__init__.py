"""The store: typed records in SQLite or PostgreSQL, its schema, its migrations, its backup."""
