"""Methodologies, each a frozen module: a new version is a new file."""
