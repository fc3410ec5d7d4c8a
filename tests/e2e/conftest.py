"""The demo, run once for all that ask about it."""

import pytest

from tests.e2e.demo_run import DemoRun


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """`carbonbank demo` in an empty directory, to its end."""
    return DemoRun.start(tmp_path_factory.mktemp("demo"))
