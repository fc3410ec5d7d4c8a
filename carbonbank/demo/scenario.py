"""The invented people, VINs and prices of the demonstration, and where its real trips lie."""

import json
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from carbonbank.domain.codec import decode

DATA = files("carbonbank.data")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVehicle:
    """A real vehicle of the trips, with an invented VIN and driver."""

    vehicle_id: str
    vin: str
    driver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFleet:
    """A fleet, its programme and its files; `refused_first` is offered and must be refused."""

    handle: str
    title: str
    operator: str
    programme: str
    refused_first: str | None
    from_month: str
    category: str
    powertrain: str
    trips: str
    vehicles: tuple[DemoVehicle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTrade:
    """Who trades a share of whose batch, at what price, with how much money."""

    fleet: str
    seller: str
    buyer: str
    share_bps: int
    ask_units_per_t: int
    bid_units_per_t: int
    funds_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRetirement:
    """Which share of the bought grams is retired, and for whom."""

    share_bps: int
    beneficiary: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The whole demonstration."""

    note: str
    fleets: tuple[DemoFleet, ...]
    claimant: str
    trade: DemoTrade
    retirement: DemoRetirement


def load_scenario() -> Scenario:
    """Read the scenario that ships with the package."""
    return decode(Scenario, json.loads((DATA / "demo" / "scenario.json").read_text("utf-8")))


def programme_file(name: str) -> bytes:
    """Return a programme file of the package."""
    return (DATA / "programmes" / name).read_bytes()


def programme_handle(name: str) -> str:
    """Return the handle a programme file gives itself."""
    document: dict[str, Any] = json.loads(programme_file(name))
    return str(document["handle"])


def trip_files(fleet: DemoFleet) -> list[Traversable]:
    """Return the fleet's files of trips, by name."""
    place = DATA / "trips" / fleet.trips
    return sorted(place.iterdir(), key=lambda f: f.name) if place.is_dir() else [place]
