"""Charging sessions: the commitment to them, the months they count in, and the energy of trips."""

import hashlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from carbonbank.audit.outcome import Unchecked, require, require_equal
from carbonbank.audit.package import Package, SealedCharge, SealedTrip
from carbonbank.audit.reading import canonical, month_bounds, month_number, octets, unix, whole
from carbonbank.audit.trees import rfc9162_root

RECORD_FIELDS = frozenset(
    {
        "vehicle_id",
        "month",
        "start_at",
        "end_at",
        "energy_grid_wh",
        "source",
        "source_record_id",
    }
)
OCPI = "ocpi_cdrs"  # the one source whose ids are unique anywhere


def check_charges(package: Package) -> str:
    """Sessions are those the report commits to, and the trips' energy is theirs, by distance."""
    if not is_metered_by_charges(package.methodology):
        require("charges.ndjson" not in package.files, "charges.ndjson of no such programme")
        return "the programme does not measure by charging records"
    if "charges" not in package.report:
        raise Unchecked("the report commits to no charging sessions")
    charges = package.charges
    _check_commitment(package, charges)
    _check_sessions(package, charges)
    above = _check_energy(package, charges)
    told = f"{len(charges)} sessions, {sum(_wh(one) for one in charges)} Wh"
    withdrawn = package.report["charges"].get("withdrawn", ())
    if withdrawn:
        told += f"; the fleet has withdrawn {len(withdrawn)} files of charges"
    if above:
        told += f"; more is told by the trips of {', '.join(above)}, and counts"
    if "trips.ndjson" not in package.files:
        return f"{told}; shares of trips are not shown"
    _check_shares(package.trips)
    return f"{told}, shared by {len(package.trips)} trips"


def is_metered_by_charges(methodology: Any) -> bool:
    """Tell whether a programme declares its energy by charging records."""
    metered_by = methodology["programme"]["project"].get("metered_by")
    return bool(metered_by == "charging_records")


def charges_by_vehicle(charges: Sequence[SealedCharge]) -> dict[str, list[SealedCharge]]:
    """Return sessions by their vehicle's id."""
    found: dict[str, list[SealedCharge]] = {}
    for one in charges:
        found.setdefault(one.record["vehicle_id"], []).append(one)
    return found


def _check_commitment(package: Package, charges: Sequence[SealedCharge]) -> None:
    """The salted hashes of the sessions, in their order, have the root of the report."""
    committed = package.report["charges"]
    require_equal("sessions of charges.ndjson", len(charges), committed["sessions"])
    hashes = [hashlib.sha256(one.salt + canonical(one.record)).digest() for one in charges]
    root = rfc9162_root(hashes).hex()
    require_equal("charges' root", octets(committed["root"], 32).hex(), root)


def _check_sessions(package: Package, charges: Sequence[SealedCharge]) -> None:
    """No session stands twice; each is of a credited vehicle, and counts no earlier than it was."""
    batch_month, seen = whole(package.claim["claim"]["month"]), set[str]()
    vehicles = {one["vehicle_id"] for one in package.report["vehicles"]}
    for number, one in enumerate(charges):
        record, what = one.record, f"session {number} of charges.ndjson"
        require_equal(f"fields of {what}", set(record), RECORD_FIELDS)
        require_equal(f"id of {what}", one.session_id, _session_id(package.fleet, record))
        require(one.session_id not in seen, f"{what} stands twice: {one.session_id}")
        seen.add(one.session_id)
        require(record["vehicle_id"] in vehicles, f"{what} is of no credited vehicle")
        require(_wh(one) >= 0, f"{what} has {_wh(one)} Wh")
        start_at, counts_in = unix(record["start_at"]), month_number(record["month"])
        require(start_at <= unix(record["end_at"]), f"{what} ends before it starts")
        require(counts_in <= batch_month, f"{what} counts in a later month")
        require(start_at < month_bounds(counts_in)[1], f"{what} starts after {record['month']}")


def _session_id(fleet: str, record: dict[str, Any]) -> str:
    own = f"{record['source']}/{record['source_record_id']}"
    return own if record["source"] == OCPI else f"{fleet}/{own}"


def _check_energy(package: Package, charges: Sequence[SealedCharge]) -> list[str]:
    """No vehicle-month counts less than was charged; return those that count more."""
    by_vehicle = charges_by_vehicle(charges)
    source = package.methodology["programme"]["project"]["energy_source"]
    above = []
    for row in package.report["vehicles"]:
        vehicle = row["vehicle_id"]
        charged_wh = sum(_wh(one) for one in by_vehicle.get(vehicle, ()))
        told = f"{vehicle} counts {row['energy_wh']} Wh, {charged_wh} Wh were charged"
        counted_wh = whole(row["energy_wh"])
        require(0 < charged_wh <= counted_wh, told)
        # By approach 2 more energy claims more: there the meter alone counts.
        require(source != "charged" or counted_wh == charged_wh, told)
        above += [vehicle] if counted_wh > charged_wh else []
    return above


def _check_shares(trips: Sequence[SealedTrip]) -> None:
    """A month's trips share its energy by distance: due up to each, upward, less what was given."""
    by_vehicle: dict[str, list[SealedTrip]] = {}
    for trip in sorted(trips, key=lambda one: (unix(one.record["start_at"]), one.trip_id)):
        by_vehicle.setdefault(trip.record["vehicle_id"], []).append(trip)
    for own in by_vehicle.values():
        energy_wh = sum(whole(trip.record["energy_grid_wh"]) for trip in own)
        metres = [whole(trip.record["distance_m"]) for trip in own]
        metres = metres if sum(metres) else [1] * len(own)
        whole_m, given_wh = sum(metres), 0
        for trip, driven_m in zip(own, accumulate(metres), strict=True):
            due_wh = -(-energy_wh * driven_m // whole_m)
            share = f"energy of trip {trip.trip_id}"
            require_equal(share, trip.record["energy_grid_wh"], due_wh - given_wh)
            given_wh = due_wh


def _wh(charge: SealedCharge) -> int:
    return whole(charge.record["energy_grid_wh"])
