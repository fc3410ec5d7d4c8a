"""Fleets and their vehicles."""

from typing import Any

from apiflask import APIBlueprint
from flask import g

from carbonbank.domain.records import Fleet, Vehicle
from carbonbank.domain.vin import vin_commitment
from carbonbank.web.access import own_fleet
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import (
    FleetIn,
    FleetOut,
    FleetPage,
    JobRef,
    MoveIn,
    Page,
    VehicleIn,
    VehicleOut,
    VehiclePage,
    page,
)
from carbonbank.web.months import month_in_text

fleets = APIBlueprint("fleets", __name__, url_prefix="/api/v1/fleets")


@fleets.get("")
@fleets.input(Page, location="query")
@fleets.output(FleetPage)
def list_fleets(query_data: Page) -> Any:
    """List fleets; an operator sees the own one."""
    with bank().store.read() as records:
        found = records.find(Fleet)
    if g.caller.role == "operator":
        found = [fleet for fleet in found if fleet.handle == g.caller.fleet]
    return page(FleetOut, found, query_data)


@fleets.post("")
@fleets.input(FleetIn)
@fleets.output(JobRef, status_code=202)
def create_fleet(json_data: FleetIn) -> Any:
    """Register a fleet and enrol it on the chain."""
    return take_on("register_fleet", json_data.model_dump())


@fleets.get("/<fleet>/vehicles")
@fleets.input(Page, location="query")
@fleets.output(VehiclePage)
def list_vehicles(fleet: str, query_data: Page) -> Any:
    """List a fleet's vehicles."""
    own_fleet(fleet)
    with bank().store.read() as records:
        records.need(Fleet, fleet)
        found = records.find(Vehicle, fleet=fleet)
    return page(VehicleOut, found, query_data)


@fleets.post("/<fleet>/vehicles")
@fleets.input(VehicleIn)
@fleets.output(JobRef, status_code=202)
def create_vehicle(fleet: str, json_data: VehicleIn) -> Any:
    """Enrol a vehicle: its VIN is turned into a keyed commitment here and goes no further."""
    own_fleet(fleet)
    commitment = vin_commitment(bank().registry_key, json_data.vin)
    content = json_data.model_dump(exclude={"vin"}) | {
        "fleet": fleet,
        "commitment": commitment.hex(),
        "from_month": month_in_text("/json/from_month", json_data.from_month),
    }
    return take_on("enrol_vehicle", content)


@fleets.post("/<fleet>/vehicles/<vehicle_id>/move")
@fleets.input(MoveIn)
@fleets.output(JobRef, status_code=202)
def move(fleet: str, vehicle_id: str, json_data: MoveIn) -> Any:
    """Move a vehicle to another fleet, from the first of a month that has not begun."""
    content = json_data.model_dump() | {
        "fleet": fleet,
        "vehicle_id": vehicle_id,
        "from_month": month_in_text("/json/from_month", json_data.from_month),
    }
    return take_on("move_vehicle", content)
