"""The application over a real SQLite store and real jobs whose worker is not running."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from carbonbank.bootstrap.open_bank import NothingHere
from carbonbank.config import Settings, SystemClock
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import Account, ApiKey, Fleet
from carbonbank.intake.factor_library import load_factors
from carbonbank.intake.reader import FileReader
from carbonbank.jobs.beat import Beat
from carbonbank.jobs.durable import DurableJobs, Worker
from carbonbank.ports import Store
from carbonbank.report.press import TypstPress
from carbonbank.service.bank import Bank
from carbonbank.store.migrate import open_store
from carbonbank.web.app import create_app

ROLES = ("bank", "operator", "verifier", "guardian", "driver", "trader")
UPLOAD_BYTES_MAX = 10**6


@pytest.fixture(scope="session")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DurableJobs]:
    url = f"sqlite:///{tmp_path_factory.mktemp('jobs')}/jobs.sqlite"
    worker = Worker(url, "web-tests", {})
    worker.start()  # makes the tables
    worker.stop()
    durable = DurableJobs(url)
    yield durable
    durable.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/bank.sqlite")
    with opened.begin() as records:
        for role in ROLES:
            account = None if role in {"bank", "verifier", "guardian"} else f"{role}-1"
            fleet = "fleet-1" if role == "operator" else None
            records.add(
                ApiKey(
                    key_id=role,
                    secret_hash=sha256(f"secret-of-{role}".encode()).hex(),
                    role=role,
                    account=account,
                    fleet=fleet,
                )
            )
        for number in (1, 2):
            records.add(
                Fleet(
                    handle=f"fleet-{number}",
                    title=f"Fleet {number}",
                    fleet_id=f"{number:064x}",
                    operator=f"operator-{number}",
                )
            )
        records.add(
            Account(
                handle="driver-1",
                kind="driver",
                address="0x" + "11" * 20,
                key="account/driver-1",
                fleet="fleet-1",
                person="somebody",
            )
        )
    yield opened
    opened.close()


@pytest.fixture
def app(store: Store, jobs: DurableJobs, tmp_path: Path) -> APIFlask:
    identity = ChainIdentity(
        chain_id=7,
        bank="0x" + "01" * 20,
        market="0x" + "02" * 20,
        money="0x" + "03" * 20,
        forwarder="0x" + "04" * 20,
        challenge="0x" + "05" * 20,
        embedded=True,
    )
    nothing: Any = NothingHere(identity)
    bank = Bank(
        store=store,
        chain=nothing,
        signer=nothing,
        clock=SystemClock(),
        reader=FileReader(),
        press=TypstPress(),
        factors=load_factors(),
        registry_key=b"k" * 32,
        new_secret=nothing.new_secret,
    )
    settings = Settings(upload_bytes_max=UPLOAD_BYTES_MAX)
    beat = Beat(synced_block=0, reconciled_at="2026-11-22T00:00:00Z", findings=0)
    application = create_app(bank, jobs, settings, tmp_path / "uploads", lambda: beat)
    application.config["TESTING"] = True
    return application


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


def bearer(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer cb_{role}_secret-of-{role}"}
