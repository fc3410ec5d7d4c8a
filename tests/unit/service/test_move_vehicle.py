"""A vehicle that moves: its months before stay, those after are the other fleet's, none is both."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from carbonbank.domain.commands import MoveVehicle
from carbonbank.domain.records import ChainVehicle, Fleet, StoredTrip, Vehicle, VehicleMonth
from carbonbank.errors import (
    Conflict,
    FieldInvalid,
    MoveNotAfterLast,
    MoveNotInFuture,
    NotFound,
    VehicleLeft,
    VehicleMonthInBatch,
    VehicleOfOtherFleet,
)
from carbonbank.intake.canonical import write_csv
from carbonbank.service.certify_methodology import certify_methodology
from carbonbank.service.close_month import close_month
from carbonbank.service.import_trips import import_trips
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.move_vehicle import move_vehicle
from carbonbank.service.open_account import open_account
from carbonbank.service.reconcile import reconcile
from carbonbank.service.record_verification import record_verification
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme
from carbonbank.service.seal_batch import Sealed, seal_batch
from carbonbank.service.sync_chain import sync_chain
from carbonbank.units import month_from_label
from tests.stage import FLEET, Clock, Stage, programme_file, trip

NOVEMBER, DECEMBER = month_from_label("2026-11"), month_from_label("2026-12")
OTHER = "other-fleet"
BEFORE, AFTER = trip("2026-11-03T08:00:00"), trip("2026-12-03T08:00:00", driver_id=None)


@pytest.fixture
def stage() -> Stage:
    """The stage of 22 November 2026, with a second fleet and its programme."""
    stage = Stage()
    open_account(stage.bank, handle="otto", kind="operator", person="Otto O.")
    register_fleet(stage.bank, handle=OTHER, title="Other", operator="otto")

    def theirs(document: dict[str, Any]) -> None:
        document.update(handle="theirs", base_year=2024, reading={})
        document["fleet"]["handle"] = OTHER

    register_programme(stage.bank, content=programme_file(change=theirs))
    return stage


def move(stage: Stage, **rest: Any) -> Vehicle:
    terms: dict[str, Any] = {
        "fleet": FLEET,
        "vehicle_id": "car-1",
        "to_fleet": OTHER,
        "from_month": DECEMBER,
    }
    return move_vehicle(stage.bank, **(terms | rest))


def later(stage: Stage) -> None:
    assert isinstance(stage.bank.clock, Clock)
    stage.bank.clock.moment_at = datetime(2027, 2, 1, tzinfo=UTC)


def offer_theirs(stage: Stage, *trips: Any) -> None:
    import_trips(
        stage.bank, fleet=OTHER, programme="theirs", filename="t.csv", data=write_csv(trips)
    )


def seal_theirs(stage: Stage, month: int = DECEMBER) -> Sealed:
    close_month(stage.bank, fleet=OTHER, month=month)
    return seal_batch(
        stage.bank, fleet=OTHER, programme="theirs", month=month, verifier=stage.verifier
    )


def states(stage: Stage, fleet: str) -> dict[int, tuple[str, str]]:
    return {one.month: (one.state, one.reason) for one in stage.all(StoredTrip, fleet=fleet)}


def test_a_move_leaves_a_record_in_both_fleets_and_may_be_repeated(stage: Stage) -> None:
    arrived = move(stage, to_vehicle_id="van-9")
    assert (arrived.vehicle_id, arrived.from_month, arrived.until_month) == (
        "van-9",
        DECEMBER,
        None,
    )
    (left,) = stage.all(Vehicle, fleet=FLEET, vehicle_id="car-1")
    assert left.until_month == DECEMBER
    assert (left.commitment, left.vehicle_index) == (arrived.commitment, arrived.vehicle_index)
    height = stage.bank.chain.head().number
    assert move(stage, to_vehicle_id="van-9") == arrived
    assert stage.bank.chain.head().number == height


def test_months_belong_to_the_fleet_of_their_time(stage: Stage) -> None:
    move(stage)
    later(stage)
    stage.offer([BEFORE, AFTER])
    assert states(stage, FLEET) == {
        NOVEMBER: ("accepted", ""),
        DECEMBER: ("quarantined", "after_move"),
    }
    offer_theirs(stage, BEFORE, AFTER)
    assert states(stage, OTHER) == {
        NOVEMBER: ("quarantined", "before_enrolment"),
        DECEMBER: ("accepted", ""),
    }
    stage.close(month=NOVEMBER)
    assert stage.seal(month=NOVEMBER).vehicles == ("car-1",)
    stage.close(month=DECEMBER)  # nothing of it counts, and nothing is missing
    theirs = seal_theirs(stage)
    assert theirs.vehicles == ("car-1",)
    certify_methodology(stage.bank, "theirs")
    record_verification(stage.bank, theirs.batch_id, stage.signed(theirs.batch_id))
    issue_batch(stage.bank, theirs.batch_id)
    sync_chain(stage.bank)
    assert reconcile(stage.bank).findings == ()


def test_a_killed_move_is_finished_by_the_next(stage: Stage) -> None:
    """The chain has moved the vehicle, the store was never written; the month may have begun."""
    (vehicle,) = stage.all(Vehicle, vehicle_id="car-1")
    (other,) = stage.all(Fleet, handle=OTHER)
    command = MoveVehicle(
        vehicle_index=vehicle.vehicle_index,
        to_fleet_id=bytes.fromhex(other.fleet_id),
        from_month=DECEMBER,
    )
    stage.bank.chain.submit(command, "role/registrar")
    height = stage.bank.chain.head().number
    later(stage)
    assert move(stage).from_month == DECEMBER
    assert stage.bank.chain.head().number == height


def test_a_move_that_only_the_chain_knows_keeps_the_month_from_being_sealed(stage: Stage) -> None:
    (vehicle,) = stage.all(Vehicle, vehicle_id="car-1")
    (other,) = stage.all(Fleet, handle=OTHER)
    command = MoveVehicle(
        vehicle_index=vehicle.vehicle_index,
        to_fleet_id=bytes.fromhex(other.fleet_id),
        from_month=DECEMBER,
    )
    stage.bank.chain.submit(command, "role/registrar")
    sync_chain(stage.bank)
    assert [
        (one.from_month, one.fleet_id)
        for one in stage.all(ChainVehicle, vehicle_index=vehicle.vehicle_index)
    ][1:] == [(DECEMBER, other.fleet_id)]
    later(stage)
    stage.offer([BEFORE, AFTER])
    stage.close(month=DECEMBER)
    with pytest.raises(VehicleOfOtherFleet, match=r"car-1 .* 2026-12"):
        stage.seal(month=DECEMBER)
    stage.close(month=NOVEMBER)
    assert stage.seal(month=NOVEMBER).vehicles == ("car-1",)


def test_a_vehicle_month_in_a_batch_of_one_fleet_is_not_sealed_in_another(stage: Stage) -> None:
    """As if the other fleet's books had kept the month."""
    move(stage)
    later(stage)
    (left,) = stage.all(Vehicle, fleet=FLEET, vehicle_id="car-1")
    with stage.bank.store.begin() as session:
        session.put(
            VehicleMonth(
                fleet=FLEET,
                vehicle_id=left.vehicle_id,
                month=DECEMBER,
                state="sealed",
                batch_id="ab",
            )
        )
    offer_theirs(stage, AFTER)
    with pytest.raises(VehicleMonthInBatch, match=f"batch ab of fleet {FLEET}"):
        seal_theirs(stage)


def test_bad_moves_are_refused(stage: Stage) -> None:
    with pytest.raises(FieldInvalid):
        move(stage, to_fleet=FLEET)
    with pytest.raises(NotFound):
        move(stage, to_fleet="nowhere")
    with pytest.raises(NotFound):
        move(stage, vehicle_id="stranger")
    with pytest.raises(MoveNotInFuture):
        move(stage, from_month=NOVEMBER)
    move(stage)
    with pytest.raises(VehicleLeft, match="2026-12"):
        move(stage, from_month=DECEMBER + 1)
    with pytest.raises(VehicleLeft):
        stage.enrol("car-1", 1)
    with pytest.raises(MoveNotAfterLast):
        move(stage, fleet=OTHER, to_fleet=FLEET, to_vehicle_id="back", from_month=DECEMBER)
    with pytest.raises(Conflict, match="of that name"):
        move(stage, fleet=OTHER, to_fleet=FLEET, to_vehicle_id="car-2", from_month=DECEMBER + 1)
    back = move(stage, fleet=OTHER, to_fleet=FLEET, to_vehicle_id="back", from_month=DECEMBER + 1)
    (original,) = stage.all(Vehicle, fleet=FLEET, vehicle_id="car-1")
    assert back == replace(original, vehicle_id="back", from_month=DECEMBER + 1, until_month=None)


def test_a_trip_over_the_month_of_a_move_is_not_counted_twice(stage: Stage) -> None:
    """It starts with the old fleet and ends with the new; the new one's overlapping trip gives."""
    move(stage)
    later(stage)
    stage.offer([trip("2026-11-30T23:50:00", minutes=30)])
    stage.close(month=NOVEMBER)
    first = stage.seal(month=NOVEMBER)
    offer_theirs(stage, trip("2026-12-01T00:05:00", minutes=10), AFTER)
    second = seal_theirs(stage)
    assert (first.trips, second.trips) == (1, 1)
