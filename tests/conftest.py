"""Fixtures that several folders share, and which files take their turn first."""

import pytest

pytest_plugins = [
    "tests.ports.backends",
    "tests.ports.chain_fixtures",
    "tests.ports.store_fixtures",
    "tests.web.story",
]

# Files of few and long tests go first, or the last of them keeps one of two workers waiting.
LONG_FIRST = ("tests/e2e/", "tests/web/", "tests/browser/", "tests/faults/", "tests/contracts/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        found = [place for place, start in enumerate(LONG_FIRST) if item.nodeid.startswith(start)]
        return found[0] if found else len(LONG_FIRST)

    items.sort(key=turn)  # stable: the random order stays within each turn
