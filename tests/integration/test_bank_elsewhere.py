"""The same bank on PostgreSQL and a node: a programme in earnest, from import to retirement."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from carbonbank.audit.check import check_package
from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import ROLES, init_keys
from carbonbank.bootstrap.open_bank import jobs_url, open_bank
from carbonbank.chain.rpc import connect
from carbonbank.config import Settings
from carbonbank.domain.factor import FactorState
from carbonbank.domain.job import JobState
from carbonbank.errors import DemoElsewhere
from carbonbank.jobs.durable import DurableJobs, Worker
from carbonbank.service.account_balance import account_balance
from carbonbank.service.bank import Bank
from carbonbank.service.batch_view import batch_view
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.export_package import export_package
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.reconcile import reconcile
from carbonbank.service.retire_credits import retire_credits
from tests.fakes.signer import FakeSigner
from tests.integration.test_jobs import until_ended
from tests.on_record import put_on_record
from tests.ports.anvil import Anvil
from tests.stage import Stage, factors, trip

PASSPHRASE = "long enough for a test"
OUTSIDE = FakeSigner()  # certifier, verifier and guardian keep their keys elsewhere


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    anvil = Anvil()
    yield anvil
    anvil.stop()


@pytest.fixture
def bank(node: Anvil, empty_postgresql_url: str, tmp_path: Path) -> Iterator[Bank]:
    settings = Settings(
        data=tmp_path / "bank",
        database_url=empty_postgresql_url,
        rpc_url=node.url,
        passphrase=SecretStr(PASSPHRASE),
        certifier=OUTSIDE.address("role/certifier"),
        verifier=OUTSIDE.address("role/verifier"),
        guardian=OUTSIDE.address("role/guardian"),
        proposers=OUTSIDE.address("role/admin"),
    )
    keys = init_keys(DataDirectory(settings.data), PASSPHRASE, cost=2)
    web3 = connect(node.url)
    payers = [keys.address(f"role/{role}") for role in ROLES] + [settings.certifier]
    for address in payers:
        web3.provider.make_request("anvil_setBalance", [address, hex(10**20)])  # type: ignore[arg-type]
    # No factor of the library is primary yet; here one reader vouches for all of them.
    vouched = {
        name: replace(one, state=FactorState.PRIMARY, derived_from=())
        for name, one in factors().items()
    }
    with open_bank(settings, certifier=OUTSIDE, factors=vouched) as opened:
        yield opened


def in_earnest(document: dict[str, Any]) -> None:
    """Turn the counterfactual into a programme of electric cars with evidence for every value."""
    document["demo"] = False
    document["vehicles"]["powertrain"] = "battery_electric"
    document["eligibility"]["assumed_electric"] = False
    put_on_record(document)


def test_a_demo_programme_is_refused_on_a_public_chain(bank: Bank) -> None:
    with pytest.raises(DemoElsewhere):
        Stage(bank=bank, verifier=OUTSIDE)


def test_grams_are_issued_claimed_and_retired_and_the_audit_asks_the_node(
    bank: Bank, node: Anvil
) -> None:
    stage = Stage(bank=bank, verifier=OUTSIDE, change=in_earnest)
    stage.enrol("car-3", 3, powertrain="battery_electric")
    stage.certify()
    batch = stage.verified([trip(vehicle_id="car-3")]).batch_id
    issued = issue_batch(bank, batch)
    paid = claim_payout(bank, "anna")
    retire_credits(bank, "anna", batch, 100, beneficiary="library", purpose="test")
    held = account_balance(bank, "anna")
    assert paid.amount_g == issued.drivers_g
    assert held.held_g == issued.drivers_g - 100
    assert batch_view(bank, batch).demo is False
    assert reconcile(bank).findings == ()
    checks = check_package(export_package(bank, batch), node.url)
    # A plan, sample and findings are the verifier's to hand in; this one signed the words alone.
    assert [one.name for one in checks if one.state.value != "ok"] == ["work"]


def test_jobs_run_on_postgresql(empty_postgresql_url: str) -> None:
    url = jobs_url(Settings(database_url=empty_postgresql_url))
    worker = Worker(url, "elsewhere", {"double": lambda content: {"n": 2 * content["n"]}})
    worker.start()
    try:
        jobs = DurableJobs(url)
        job = until_ended(jobs, jobs.enqueue("double", {"n": 21}))
        jobs.close()
    finally:
        worker.stop()
    assert (job.state, job.result) == (JobState.DONE, {"n": 42})
