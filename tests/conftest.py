"""Fixtures that several folders share."""

pytest_plugins = ["tests.ports.backends", "tests.ports.store_fixtures"]
