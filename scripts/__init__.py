"""Thin commands for those who build: a docstring, arguments, one call into the package."""
