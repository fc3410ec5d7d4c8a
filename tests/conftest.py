"""Fixtures that several folders share."""

pytest_plugins = [
    "tests.ports.backends",
    "tests.ports.chain_fixtures",
    "tests.ports.store_fixtures",
    "tests.web.story",
]
