"""A bank on fakes with a fleet, drivers and a programme: what the use case tests play on."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from carbonbank.audit.verify import verify_and_sign
from carbonbank.chain.deploy import Roles
from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import Vehicle
from carbonbank.domain.trip import Trip
from carbonbank.intake.canonical import write_csv
from carbonbank.intake.factor_library import load_factors
from carbonbank.intake.reader import FileReader
from carbonbank.ports import Signer
from carbonbank.report.press import TypstPress
from carbonbank.service.bank import Bank
from carbonbank.service.certify_methodology import certify_methodology
from carbonbank.service.close_month import close_month
from carbonbank.service.enrol_vehicle import enrol_vehicle
from carbonbank.service.export_package import export_package
from carbonbank.service.import_trips import Imported, import_trips
from carbonbank.service.open_account import open_account
from carbonbank.service.record_verification import record_verification
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme
from carbonbank.service.seal_batch import Sealed, seal_batch
from carbonbank.units import month_from_label
from tests.fakes.chain import FakeChain
from tests.fakes.signer import FakeSigner
from tests.fakes.store import FakeStore

FLEET, PROGRAMME = "chicago-2007", "demo-chicago"
JUNE = month_from_label("2024-06")
ROLES = ("certifier", "verifier", "issuer", "registrar", "guardian", "treasurer")
Change = Callable[[dict[str, Any]], None]


class Clock:
    def __init__(self, moment_at: datetime) -> None:
        self.moment_at = moment_at

    def now_at(self) -> datetime:
        return self.moment_at


@cache
def factors() -> dict[str, Any]:
    return load_factors()


def programme_file(name: str = PROGRAMME, change: Change | None = None) -> bytes:
    """A shipped programme, changed where a test needs it to be."""
    file = files("carbonbank.data").joinpath("programmes", f"{name}.json")
    document = json.loads(file.read_bytes())
    if change is not None:
        change(document)
    return json.dumps(document).encode()


def bank_on_fakes(store: Any = None) -> Bank:
    signer, clock = FakeSigner(), Clock(datetime(2026, 11, 22, tzinfo=UTC))
    roles = Roles(**{role: signer.address(f"role/{role}") for role in ROLES})
    secrets = iter(range(10**6))
    return Bank(
        store=store or FakeStore(),
        chain=FakeChain(signer, clock, roles),
        signer=signer,
        clock=clock,
        reader=FileReader(),
        press=TypstPress(),
        factors=factors(),
        registry_key=sha256(b"registry"),
        new_secret=lambda: sha256(f"secret {next(secrets)}".encode()),
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def trip(
    start: str = "2024-06-03T08:00:00",
    *,
    vehicle_id: str = "car-1",
    minutes: int = 20,
    distance_m: int = 15_000,
    driver_id: str | None = "anna",
    **rest: Any,
) -> Trip:
    return Trip(
        vehicle_id=vehicle_id,
        driver_id=driver_id,
        start_at=at(start),
        end_at=at(start) + timedelta(minutes=minutes),
        distance_m=distance_m,
        distance_source="gps",
        source="test",
        source_record_id=rest.pop("source_record_id", f"{vehicle_id} {start}"),
        **rest,
    )


class Stage:
    """Two cars (`car-1`, `car-2`) of one fleet, drivers `anna` and `ben`, verifier role."""

    def __init__(
        self,
        *,
        store: Any = None,
        change: Change | None = None,
        bank: Bank | None = None,
        verifier: Signer | None = None,
    ) -> None:
        self.bank = bank or bank_on_fakes(store)
        self.verifier_keys = verifier or self.bank.signer
        self.verifier = self.verifier_keys.address("role/verifier")
        open_account(self.bank, handle="olga", kind="operator", person="Olga O.")
        register_fleet(self.bank, handle=FLEET, title="Cars", operator="olga")

        def changed(document: dict[str, Any]) -> None:
            document["base_year"] = 2024
            document["reading"] = {}
            if change is not None:
                change(document)

        record = register_programme(self.bank, content=programme_file(change=changed))
        self.methodology_id = record.methodology_id
        for handle in ("anna", "ben"):
            open_account(
                self.bank, handle=handle, kind="driver", person=f"{handle} of old", fleet=FLEET
            )
        for number in (1, 2):
            self.enrol(f"car-{number}", number)

    def enrol(self, vehicle_id: str, number: int, **rest: Any) -> Vehicle:
        terms = {"category": "M1", "powertrain": "petrol", "from_month": 2024 * 12} | rest
        vin = f"TESTDEM000000{number:04d}"
        return enrol_vehicle(self.bank, fleet=FLEET, vehicle_id=vehicle_id, vin=vin, **terms)

    def offer(self, trips: Sequence[Trip], filename: str = "trips.csv", **rest: Any) -> Imported:
        return self.offer_bytes(write_csv(trips), filename, **rest)

    def offer_bytes(self, data: bytes, filename: str = "trips.csv", **rest: Any) -> Imported:
        terms = {"programme": PROGRAMME} | rest
        return import_trips(self.bank, fleet=FLEET, filename=filename, data=data, **terms)

    def close(self, month: int = JUNE, vehicle_id: str | None = None) -> None:
        close_month(self.bank, fleet=FLEET, month=month, vehicle_id=vehicle_id)

    def seal(self, month: int = JUNE, **rest: Any) -> Sealed:
        terms = {"verifier": self.verifier, "programme": PROGRAMME} | rest
        return seal_batch(self.bank, fleet=FLEET, month=month, **terms)

    def signed(self, batch: str, key: str = "role/verifier") -> bytes:
        package = export_package(self.bank, batch)
        return verify_and_sign(package, lambda digest: self.verifier_keys.sign_digest(key, digest))

    def sealed(self, trips: Sequence[Trip]) -> Sealed:
        self.offer(trips)
        self.close()
        return self.seal()

    def verified(self, trips: Sequence[Trip]) -> Sealed:
        sealed = self.sealed(trips)
        record_verification(self.bank, sealed.batch_id, self.signed(sealed.batch_id))
        return sealed

    def certify(self) -> None:
        certify_methodology(self.bank, PROGRAMME)

    def all(self, kind: type[Any], **equal: Any) -> list[Any]:
        with self.bank.store.read() as session:
            return session.find(kind, **equal)


__all__ = ["FLEET", "JUNE", "PROGRAMME", "Stage", "at", "programme_file", "trip"]
