"""The whole way over HTTP: from an account that is opened to a certificate that is printed."""

import signal
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_demo_keys, read_demo_passphrase
from carbonbank.intake.canonical import write_csv
from tests.stage import programme_file, trip
from tests.web.serving import FLEET, PROGRAMME, Client, Served, changed

VIN = "TESTDEM0000000017"
CAR = {"vehicle_id": "car-1", "category": "M1", "powertrain": "petrol", "from_month": "2024-01"}
# 15 km at (178.653770 - 107.661320) g/km = 1064.88… g, floored; the second is at 1500 km/h.
TRIPS = [trip(), trip("2024-06-05T08:00:00", distance_m=500_000)]
ASK_UNITS_PER_T, BID_UNITS_PER_T = 38_000_000, 40_000_000


@dataclass
class Story:
    """What the bank answered at every step."""

    served: Served
    bank: Client
    operator: Client
    anna: Client
    buyer: Client
    verifier: Client
    stranger: Client
    verifier_address: str = ""
    batch: str = ""
    package: bytes = b""
    verification: str = ""
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> list[Client]:
        return [self.bank, self.operator, self.anna, self.buyer, self.verifier, self.stranger]


def upload_path(filename: str, **rest: Any) -> str:
    query = {"programme": PROGRAMME, "filename": filename} | rest
    return f"/fleets/{FLEET}/uploads?" + "&".join(f"{k}={v}" for k, v in query.items())


def take_part(served: Served) -> Story:
    """People, fleet, programme and vehicle; the operator's key is made beside the running bank."""
    bank = served.key("bank")
    bank.done("/accounts", {"handle": "olga", "kind": "operator", "person": "Olga O."})
    bank.done("/fleets", {"handle": FLEET, "title": "Cars", "operator": "olga"})
    bank.done("/programmes", data=programme_file(PROGRAMME, changed))
    anna = {"handle": "anna", "kind": "driver", "person": "Anna A.", "fleet": FLEET}
    bank.done("/accounts", anna)
    bank.done("/accounts", {"handle": "buyer", "kind": "trader", "person": "Bert B."})
    bank.done("/accounts/buyer/funds", {"amount_units": 10_000_000})
    story = Story(
        served=served,
        bank=bank,
        operator=served.key("operator", account="olga", fleet=FLEET),
        anna=served.key("driver", account="anna"),
        buyer=served.key("trader", account="buyer"),
        verifier=served.key("verifier"),
        stranger=Client(served.url),
    )
    story.said["vehicle"] = story.operator.done(f"/fleets/{FLEET}/vehicles", CAR | {"vin": VIN})
    return story


def measure(story: Story) -> None:
    said, operator, data = story.said, story.operator, write_csv(TRIPS)
    said["dry_run"] = operator.call("POST", upload_path("june.csv", dry_run="true"), data=data)
    said["upload"] = operator.done(upload_path("june.csv"), data=data)
    said["upload_again"] = operator.done(upload_path("other-name.csv"), data=data)
    said["preview"] = operator.get(f"/fleets/{FLEET}/months/2024-06/preview?programme={PROGRAMME}")
    said["close"] = operator.done(f"/fleets/{FLEET}/months/2024-06/close", {})


def verify(story: Story) -> None:
    """Seal, hand the package to the verifier's own process and bring back what it signs."""
    directory = DataDirectory(story.served.folder / "bank")
    keys = open_demo_keys(directory, "verifier")
    story.verifier_address = keys.address("role/verifier")
    order = {"fleet": FLEET, "programme": PROGRAMME, "month": "2024-06"}
    sealed = story.operator.done("/batches", order | {"verifier": story.verifier_address})
    story.said["seal"], story.batch = sealed, sealed["batch_id"]
    answer = story.verifier.call("GET", f"/batches/{story.batch}/package")
    assert answer.headers["Content-Type"] == "application/zip"
    story.package = answer.content
    desk = story.served.folder / "desk"
    desk.mkdir()
    (desk / "package.zip").write_bytes(story.package)
    beside = directory.beside("verifier")
    story.served.command(
        "batch", "verify", str(desk / "package.zip"),
        "--keystore", str(beside / "keystore.json"), "--out", str(desk / "verification.json"),
        env={
            "CARBONBANK_PASSPHRASE": read_demo_passphrase(beside / "demo-passphrase"),
            "CARBONBANK_DATA": str(desk / "nothing-here"),
        },
    )  # fmt: skip
    story.verification = (desk / "verification.json").read_text()


def issue(story: Story) -> None:
    path, document = f"/batches/{story.batch}", {"document": story.verification}
    story.said["unverified"] = story.bank.refused(f"{path}/issue")
    story.said["verify"] = story.verifier.done(f"{path}/verifications", document)
    story.said["issue"] = story.bank.done(f"{path}/issue")
    story.said["unclaimed"] = story.anna.get("/accounts/anna")
    story.said["claim"] = story.anna.done("/accounts/anna/claim")
    story.said["claimed"] = story.anna.get("/accounts/anna")


def trade(story: Story) -> None:
    said, grams = story.said, {"batch": story.batch, "amount_g": 300}
    said["sell"] = story.anna.done(
        "/orders", grams | {"account": "anna", "side": "sell", "price_units_per_t": ASK_UNITS_PER_T}
    )
    said["buy"] = story.buyer.done(
        "/orders", grams | {"account": "buyer", "side": "buy", "price_units_per_t": BID_UNITS_PER_T}
    )
    orders = {"sell_hash": said["sell"]["order_hash"], "buy_hash": said["buy"]["order_hash"]}
    said["trade"] = story.bank.done("/trades", grams | orders)
    said["transfer"] = story.anna.done(
        "/accounts/anna/transfers", {"recipient": "olga", "batch": story.batch, "amount_g": 38}
    )
    said["retire"] = story.buyer.done(
        "/retirements",
        {
            "account": "buyer",
            "batch": story.batch,
            "amount_g": 100,
            "beneficiary": "City library",
            "purpose": "Bus of 2024",
        },
    )


def tell(folder: Path) -> Story:
    served = Served(folder)
    served.found()
    served.start()
    try:
        story = take_part(served)
        for step in (measure, verify, issue, trade):
            step(story)
    except BaseException:
        print(served.log())
        served.stop()
        raise
    return story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A served bank over which the whole way was gone; tests share it and only add to it."""
    told = tell(tmp_path_factory.mktemp("story"))
    yield told
    assert told.served.stop(signal.SIGINT) == 0, told.served.log()
    assert "Traceback" not in told.served.log()


def members(package: bytes) -> set[str]:
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return set(archive.namelist())
