"""Edge: the database and its migrations."""
