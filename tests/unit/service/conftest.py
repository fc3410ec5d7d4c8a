"""The stage of the measurement use cases."""

import pytest

from tests.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()
