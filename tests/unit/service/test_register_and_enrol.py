"""Fleets, accounts, programmes and vehicles: repeating is success, changing is a conflict."""

from dataclasses import replace
from typing import Any

import pytest
from eth_utils import keccak

from carbonbank.domain.records import Account, Fleet, StoredTrip, Vehicle
from carbonbank.errors import (
    Conflict,
    DemoElsewhere,
    FieldInvalid,
    NotFound,
    ProgrammeInvalid,
    VinMalformed,
)
from carbonbank.service.enrol_vehicle import enrol_vehicle
from carbonbank.service.open_account import open_account
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme
from tests.fakes.chain import FakeChain
from tests.stage import FLEET, Stage, programme_file, trip


def test_fleet_id_is_the_hash_of_its_handle_and_its_operator_is_on_the_chain(stage: Stage) -> None:
    (fleet,) = stage.all(Fleet)
    assert fleet.fleet_id == keccak(text=f"carbonbank.fleet:{FLEET}").hex()
    operator = stage.bank.signer.address("account/olga")
    assert stage.bank.chain.operator_of(bytes.fromhex(fleet.fleet_id)) == operator


def test_registering_again_changes_nothing(stage: Stage) -> None:
    height = stage.bank.chain.head().number
    register_fleet(stage.bank, handle=FLEET, title="Cars", operator="olga")
    stage.enrol("car-1", 1)
    assert stage.bank.chain.head().number == height
    assert (len(stage.all(Fleet)), len(stage.all(Vehicle))) == (1, 2)


def test_a_killed_registration_is_finished_by_the_next(stage: Stage) -> None:
    """The chain has fleet and vehicle, the store was never written."""
    before = stage.all(Vehicle)
    with stage.bank.store.begin() as session:
        session.remove(Fleet)
        session.remove(Vehicle)
    height = stage.bank.chain.head().number
    register_fleet(stage.bank, handle=FLEET, title="Cars", operator="olga")
    assert [stage.enrol("car-1", 1), stage.enrol("car-2", 2)] == before
    assert stage.bank.chain.head().number == height


def test_a_fleet_with_another_title_or_operator_is_a_conflict(stage: Stage) -> None:
    with pytest.raises(Conflict):
        register_fleet(stage.bank, handle=FLEET, title="Vans", operator="olga")
    open_account(stage.bank, handle="otto", kind="operator", person="Otto")
    with stage.bank.store.begin() as session:
        session.remove(Fleet)
    with pytest.raises(Conflict, match="operator"):
        register_fleet(stage.bank, handle=FLEET, title="Cars", operator="otto")


@pytest.mark.parametrize("handle", ["", "A", "a/b", "ü-fleet", "x" * 64])
def test_a_handle_has_a_form(stage: Stage, handle: str) -> None:
    with pytest.raises(FieldInvalid):
        register_fleet(stage.bank, handle=handle, title="", operator="olga")


def test_account_address_follows_from_its_handle(stage: Stage) -> None:
    (anna,) = stage.all(Account, handle="anna")
    assert anna.address == stage.bank.signer.address("account/anna")
    again = open_account(
        stage.bank, handle="anna", kind="driver", person="anna of old", fleet=FLEET
    )
    assert again == anna


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"kind": "king"}, FieldInvalid),
        ({"handle": ""}, FieldInvalid),
        ({"handle": "a/b"}, FieldInvalid),
        ({"fleet": None}, FieldInvalid),
        ({"fleet": "nowhere"}, NotFound),
        ({"handle": "anna", "person": "somebody else"}, Conflict),
    ],
)
def test_bad_accounts_are_refused(
    stage: Stage, terms: dict[str, Any], error: type[Exception]
) -> None:
    account: dict[str, Any] = {"handle": "new", "kind": "driver", "person": "P", "fleet": FLEET}
    with pytest.raises(error):
        open_account(stage.bank, **(account | terms))
    assert stage.all(Account, handle="new") == []


def test_a_vehicle_id_with_another_vin_and_a_vin_twice_are_conflicts(stage: Stage) -> None:
    with pytest.raises(Conflict, match="another VIN"):
        stage.enrol("car-1", 99)
    with pytest.raises(Conflict, match="car-1"):
        stage.enrol("car-3", 1)
    with pytest.raises(Conflict, match="from"):
        stage.enrol("car-1", 1, from_month=2025 * 12)
    assert len(stage.all(Vehicle)) == 2


def test_the_vin_is_not_kept(stage: Stage) -> None:
    assert "TESTDEM" not in repr(stage.all(Vehicle))


def test_a_malformed_vin_and_an_unknown_fleet_are_refused(stage: Stage) -> None:
    rest: dict[str, Any] = {"category": "M1", "powertrain": "petrol", "from_month": 1}
    with pytest.raises(VinMalformed):
        enrol_vehicle(stage.bank, fleet=FLEET, vehicle_id="x", vin="IOQ", **rest)
    with pytest.raises(NotFound):
        enrol_vehicle(stage.bank, fleet="no", vehicle_id="x", vin="TESTDEM0000000009", **rest)
    with pytest.raises(FieldInvalid):
        enrol_vehicle(stage.bank, fleet=FLEET, vehicle_id="", vin="TESTDEM0000000009", **rest)


def test_trips_that_waited_for_their_vehicle_count_once_it_is_enrolled(stage: Stage) -> None:
    stage.offer([trip(), trip(vehicle_id="car-3", driver_id=None)])
    (waiting,) = stage.all(StoredTrip, vehicle_id="car-3")
    assert (waiting.state, waiting.reason) == ("quarantined", "vehicle_not_enrolled")
    stage.enrol("car-3", 3)
    (counted,) = stage.all(StoredTrip, vehicle_id="car-3")
    assert (counted.state, counted.reason) == ("accepted", "")


def test_a_vehicle_that_is_not_eligible_lets_no_waiting_trip_count(stage: Stage) -> None:
    stage.offer([trip(), trip(vehicle_id="car-3")])
    stage.enrol("car-3", 3, category="N3")
    (waiting,) = stage.all(StoredTrip, vehicle_id="car-3")
    assert (waiting.state, waiting.reason) == ("quarantined", "vehicle_not_eligible")


def test_a_programme_is_registered_once(stage: Stage) -> None:
    def other_shares(document: dict[str, Any]) -> None:
        document["shares_bps"]["drivers"] = 1

    with pytest.raises(Conflict):
        register_programme(stage.bank, content=programme_file(change=other_shares))
    with pytest.raises(ProgrammeInvalid):
        register_programme(stage.bank, content=b"{}")


def test_a_demo_programme_stays_on_embedded_chains(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(stage.bank.chain.identity, embedded=False)
    monkeypatch.setattr(FakeChain, "identity", property(lambda _: elsewhere))
    with pytest.raises(DemoElsewhere) as refused:
        register_programme(stage.bank, content=programme_file())
    assert refused.value.chain_id == elsewhere.chain_id
