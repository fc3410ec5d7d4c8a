"""Charging sessions: whole files, once in the whole bank, and the energy of trips by them."""

import json
from typing import Any

import pytest

from carbonbank.domain.charge import allotted_wh
from carbonbank.domain.records import ChargeSession, ChargeTelling, SealedBatch, StoredTrip
from carbonbank.errors import ChargesLeftOut, Conflict, NotFound, TripsNotCharges, UploadInBatch
from carbonbank.service.charged_energy import charged_energy
from carbonbank.service.import_charges import ChargesImported, import_charges
from carbonbank.service.map_columns import assign_token
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.withdraw_charges import ChargesWithdrawn, withdraw_charges
from tests.stage import FLEET, JUNE, Stage, trip

CDR = {
    "country_code": "BE",
    "party_id": "BEC",
    "id": "1",
    "start_date_time": "2024-06-02T20:00:00Z",
    "end_date_time": "2024-06-03T04:00:00Z",
    "cdr_token": {"uid": "card-1", "contract_id": "C-1"},
    "total_energy": 10,
}
CREDIT = CDR | {"id": "1-C", "credit": True, "credit_reference_id": "1"}


def by_charges(document: dict[str, Any]) -> None:
    document["project"] = {
        "energy_source": "grid",
        "metered_by": "charging_records",
        "grid_factor": document["project"]["grid_factor"],
        "transmission_loss": document["project"]["transmission_loss"],
    }


@pytest.fixture
def stage() -> Stage:
    made = Stage(change=by_charges)
    assign_token(made.bank, fleet=FLEET, token="card-1", vehicle_id="car-1")
    return made


def charge(stage: Stage, *records: dict[str, Any], fleet: str = FLEET) -> ChargesImported:
    data = json.dumps(records).encode()
    return import_charges(stage.bank, fleet=fleet, filename="cdrs.json", data=data)


def energy(stage: Stage, vehicle_id: str = "car-1") -> dict[tuple[str, int], int]:
    with stage.bank.store.read() as session:
        return charged_energy(session, fleet=FLEET, vehicle_ids=[vehicle_id])


def states(stage: Stage) -> list[tuple[str, str]]:
    found = stage.all(StoredTrip, vehicle_id="car-1")
    return [(t.state, t.reason) for t in sorted(found, key=lambda t: t.start_at)]


TRIPS = [trip(), trip("2024-06-04T08:00:00", distance_m=45_000, minutes=60)]


def sealed_energies(stage: Stage) -> list[int]:
    (batch,) = stage.all(SealedBatch)
    lines = [json.loads(line) for line in batch.trips.splitlines()]
    return [one["record"]["energy_grid_wh"] for one in lines]


# --- sessions ----------------------------------------------------------------------------------


def test_the_same_session_twice_is_a_success(stage: Stage) -> None:
    assert charge(stage, CDR).file.sessions_new == 1
    assert charge(stage, CDR).repeated
    again = charge(stage, CDR, CDR | {"id": "2"})
    assert (again.file.sessions_new, again.file.sessions_known) == (1, 1)
    assert [i.code for i in again.issues] == ["charge_known"]
    assert stage.bank.store is not None
    assert len(stage.all(ChargeSession)) == 2


def test_other_content_under_one_id_is_a_conflict_that_names_both(stage: Stage) -> None:
    charge(stage, CDR)
    with pytest.raises(Conflict, match="energy_grid_wh 10000, now 11000"):
        charge(stage, CDR | {"total_energy": 11, "party_id": "bec"})


def test_a_session_can_not_count_for_two_fleets(stage: Stage) -> None:
    charge(stage, CDR)
    register_fleet(stage.bank, handle="other", title="Other", operator="olga")
    assign_token(stage.bank, fleet="other", token="card-1", vehicle_id="car-1")
    with pytest.raises(Conflict, match=f"fleet {FLEET} has it"):
        charge(stage, CDR, fleet="other")


def test_a_file_with_a_charge_left_out_is_refused_whole(stage: Stage) -> None:
    stranger = CDR | {"id": "2", "cdr_token": {"uid": "stranger"}}
    with pytest.raises(ChargesLeftOut, match="row 3 charge_of_no_vehicle stranger"):
        charge(stage, CDR, stranger)
    assert stage.all(ChargeSession) == []
    assign_token(stage.bank, fleet=FLEET, token="stranger", vehicle_id="")
    assert charge(stage, CDR, stranger).file.sessions_new == 1


def test_a_contract_says_whose_a_new_card_is(stage: Stage) -> None:
    assign_token(stage.bank, fleet=FLEET, token="C-1", vehicle_id="car-2")
    charge(stage, CDR | {"cdr_token": {"uid": "new card", "contract_id": "C-1"}})
    (told,) = stage.all(ChargeSession)
    assert told.vehicle_id == "car-2"


def test_a_token_is_one_vehicles_once_sessions_were_read_by_it(stage: Stage) -> None:
    charge(stage, CDR)
    with pytest.raises(Conflict):
        assign_token(stage.bank, fleet=FLEET, token="card-1", vehicle_id="car-2")


@pytest.mark.parametrize("order", [(CDR, CREDIT), (CREDIT, CDR)])
def test_a_credit_takes_its_charge_back_from_another_file(
    stage: Stage, order: tuple[dict[str, Any], ...]
) -> None:
    stage.offer(TRIPS)
    for one in order:
        charge(stage, one)
    assert energy(stage) == {}
    assert {state for state, _ in states(stage)} == {"quarantined"}


def test_trips_are_no_charges(stage: Stage) -> None:
    record = {"deviceId": 1, "startTime": "x", "endTime": "y", "distance": 1}
    table = "deviceId,startTime,endTime,distance,averageSpeed,maxSpeed\n1,a,b,1,1,1\n"
    assert record["deviceId"]
    with pytest.raises(TripsNotCharges):
        import_charges(stage.bank, fleet=FLEET, filename="t.csv", data=table.encode())


# --- a file that was wrong ---------------------------------------------------------------------


def withdraw(stage: Stage, done: ChargesImported) -> ChargesWithdrawn:
    return withdraw_charges(stage.bank, fleet=FLEET, file_hash=done.file.file_hash)


def test_a_withdrawn_file_takes_its_sessions_and_can_come_again(stage: Stage) -> None:
    stage.offer(TRIPS)
    first = charge(stage, CDR)
    gone = withdraw(stage, first)
    assert (gone.sessions_removed, gone.sessions_kept, gone.repeated) == (1, 0, False)
    assert stage.all(ChargeSession) == stage.all(ChargeTelling) == []
    assert states(stage) == [("quarantined", "charges_missing")] * 2
    assert withdraw(stage, first).repeated
    assert charge(stage, CDR) == first
    assert states(stage) == [("accepted", "")] * 2
    with pytest.raises(NotFound):
        withdraw_charges(stage.bank, fleet=FLEET, file_hash="00")


def test_a_session_that_another_file_tells_stays(stage: Stage) -> None:
    first = charge(stage, CDR)
    second = charge(stage, CDR | {"id": "2"}, CDR)
    gone = withdraw(stage, first)
    assert (gone.sessions_removed, gone.sessions_kept) == (0, 1)
    told = {one.source_record_id: one for one in stage.all(ChargeSession)}
    assert {one.file_hash for one in told.values()} == {second.file.file_hash}
    assert told["be/bec/1"].row == 3
    withdraw(stage, second)
    assert stage.all(ChargeSession) == []


def test_a_withdrawn_credit_gives_its_charge_back_and_the_charge_its_credit(stage: Stage) -> None:
    stage.offer(TRIPS)
    told, credited = charge(stage, CDR), charge(stage, CREDIT)
    assert energy(stage) == {}
    withdraw(stage, told)
    (left,) = stage.all(ChargeSession)
    assert (left.vehicle_id, left.state) == ("", "credited")
    charge(stage, CDR)
    assert energy(stage) == {}
    withdraw(stage, credited)
    assert energy(stage) == {("car-1", JUNE): 10_000}


@pytest.mark.parametrize("both_first", [True, False])
def test_a_charge_credited_in_one_file_does_not_count_by_another(
    stage: Stage, both_first: bool
) -> None:
    stage.offer(TRIPS)
    both = (CDR, CREDIT)
    for records in (both, (CDR,)) if both_first else ((CDR,), both):
        charge(stage, *records)
    assert energy(stage) == {}


def test_a_file_under_a_batch_is_not_withdrawn_and_one_withdrawn_is_named(stage: Stage) -> None:
    stage.offer(TRIPS)
    gone = charge(stage, CDR | {"id": "9", "total_energy": 3})
    withdraw(stage, gone)
    done = charge(stage, CDR)
    stage.close()
    sealed = stage.seal()
    with pytest.raises(UploadInBatch) as refused:
        withdraw(stage, done)
    assert refused.value.batch_ids == [sealed.batch_id]
    (batch,) = stage.all(SealedBatch)
    assert json.loads(batch.report)["charges"]["withdrawn"] == [gone.file.file_hash]


def test_a_token_is_mended_once_no_file_was_read_by_it(stage: Stage) -> None:
    done = charge(stage, CDR)
    withdraw(stage, done)
    assign_token(stage.bank, fleet=FLEET, token="card-1", vehicle_id="car-2")
    charge(stage, CDR)
    assert [one.vehicle_id for one in stage.all(ChargeSession)] == ["car-2"]


# --- energy of trips ---------------------------------------------------------------------------


def test_trips_wait_for_their_charges_and_then_share_them_by_distance(stage: Stage) -> None:
    stage.offer(TRIPS)
    assert states(stage) == [("quarantined", "charges_missing")] * 2
    charge(stage, CDR)
    assert states(stage) == [("accepted", "")] * 2
    assert energy(stage) == {("car-1", JUNE): 10_000}
    stage.close()
    stage.seal()
    # 10 kWh over 15 and 45 km: a quarter and three quarters.
    assert sealed_energies(stage) == [2_500, 7_500]


def test_what_trips_tell_counts_where_it_is_more(stage: Stage) -> None:
    done = stage.offer([trip(energy_battery_wh=2_000), trip("2024-06-04T08:00:00")])
    charge(stage, CDR | {"total_energy": 1.5})
    assert "charges_missing" in {i.code for i in done.issues}
    stage.close()
    stage.seal()
    assert sealed_energies(stage) == [1_000, 1_000]


def test_a_trip_that_is_kept_out_leaves_its_energy_to_the_others(stage: Stage) -> None:
    too_fast = trip("2024-06-05T08:00:00", distance_m=60_000, minutes=5)
    stage.offer([*TRIPS, too_fast])
    charge(stage, CDR)
    assert [reason for _, reason in states(stage)] == ["", "", "speed_too_high"]
    stage.close()
    stage.seal()
    assert sum(sealed_energies(stage)) == 10_000


def test_a_session_counts_in_the_month_it_starts_in(stage: Stage) -> None:
    stage.offer([*TRIPS, trip("2024-07-02T08:00:00", distance_m=40_000, minutes=60)])
    over = {"start_date_time": "2024-06-30T23:00:00Z", "end_date_time": "2024-07-01T05:00:00Z"}
    charge(stage, CDR, CDR | over | {"id": "2", "total_energy": 5})
    assert energy(stage) == {("car-1", JUNE): 15_000}


def test_a_month_without_trips_hands_its_charges_on(stage: Stage) -> None:
    stage.offer([*TRIPS, trip("2024-08-02T08:00:00", distance_m=40_000, minutes=60)])
    july = {"start_date_time": "2024-07-10T20:00:00Z", "end_date_time": "2024-07-10T23:00:00Z"}
    charge(stage, CDR, CDR | july | {"id": "2", "total_energy": 8})
    assert energy(stage) == {("car-1", JUNE): 10_000, ("car-1", JUNE + 2): 8_000}


def test_a_charge_of_a_sealed_month_counts_in_the_next(stage: Stage) -> None:
    stage.offer([*TRIPS, trip("2024-07-02T08:00:00", distance_m=40_000, minutes=60)])
    charge(stage, CDR)
    stage.close()
    stage.seal()
    late = charge(stage, CDR | {"id": "2", "total_energy": 9})
    assert [i.code for i in late.issues] == ["charge_late"]
    assert energy(stage) == {("car-1", JUNE): 10_000, ("car-1", JUNE + 1): 9_000}


def test_the_order_of_files_changes_nothing(stage: Stage) -> None:
    charge(stage, CDR)
    stage.offer(TRIPS)
    assert states(stage) == [("accepted", "")] * 2
    stage.close()
    stage.seal()
    assert sealed_energies(stage) == [2_500, 7_500]


@pytest.mark.parametrize(
    ("energy_wh", "distances_m", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (0, [5, 5], [0, 0]),
        (7, [0, 0], [4, 3]),
        (1, [1, 10**9], [1, 0]),
    ],
)
def test_parts_add_up_to_the_whole(
    energy_wh: int, distances_m: list[int], parts: list[int]
) -> None:
    assert allotted_wh(energy_wh, distances_m) == parts
    assert sum(parts) == energy_wh
