"""One deployment a session, one snapshot a test."""

from collections.abc import Iterator

import pytest

from tests.contracts.ledger_site import Site, deployed


@pytest.fixture(scope="session")
def deployed_site() -> Iterator[Site]:
    yield from deployed()


@pytest.fixture
def site(deployed_site: Site) -> Iterator[Site]:
    snapshot = deployed_site.tester.take_snapshot()
    yield deployed_site
    deployed_site.tester.revert_to_snapshot(snapshot)
