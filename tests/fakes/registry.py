"""The rules of methodologies, fleets and vehicles in plain Python, in the contracts' order."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn

from carbonbank import errors
from carbonbank.domain import commands as do
from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.hashing import keccak256
from carbonbank.domain.order import Order
from carbonbank.units import month_of
from tests.fakes.books import Ledger

NOBODY = "0x" + "0" * 40
ROLES = ("CERTIFIER", "VERIFIER", "ISSUER", "REGISTRAR", "GUARDIAN", "CHALLENGER", "MINTER")


def revert(name: str, **fields: Any) -> NoReturn:
    raise getattr(errors, name)(**fields)


def role_id(role: str) -> bytes:
    return bytes(32) if role == "ADMIN" else keccak256(role.encode())


class RegistryTurn:
    """One command by one actor in a block of a given time, against a ledger it changes."""

    def __init__(
        self,
        ledger: Ledger,
        actor: str,
        now_s: int,
        claim_digest: Callable[[BatchClaim], bytes],
        order_digest: Callable[[Order], bytes],
    ) -> None:
        self.ledger, self.actor, self.now_s = ledger, actor, now_s
        self.claim_digest, self.order_digest = claim_digest, order_digest
        self.month = month_of(datetime.fromtimestamp(now_s, UTC))
        self.emitted: list[tuple[str, str, dict[str, Any]]] = []

    def emit(self, contract: str, name: str, **fields: Any) -> None:
        self.emitted.append((contract, name, fields))

    def only(self, role: str) -> None:
        if self.ledger.roles.get(self.actor) != role:
            revert(
                "AccessControlUnauthorizedAccount", account=self.actor, needed_role=role_id(role)
            )

    def certify_methodology(self, c: do.CertifyMethodology) -> None:
        self.only("CERTIFIER")
        known = self.ledger.methodologies
        if c.methodology_id in known:
            revert("MethodologyExists", methodology_id=c.methodology_id)
        if c.buffer_bps > 10_000:
            revert("BufferShareTooLarge", buffer_bps=c.buffer_bps, max_bps=10_000)
        label = f"DEMO {c.class_label}" if c.demo else c.class_label
        if len(label) > 31:
            revert("StringTooLong", str=label)
        known[c.methodology_id] = (label, c.buffer_bps, c.demo)
        self.emit(
            "bank",
            "MethodologyCertified",
            methodology_id=c.methodology_id,
            number=len(known),
            class_label=label,
            buffer_bps=c.buffer_bps,
            demo=c.demo,
        )

    def enrol_fleet(self, c: do.EnrolFleet) -> None:
        self.only("REGISTRAR")
        fleets = self.ledger.fleets
        if c.fleet_id in fleets:
            revert("FleetExists", fleet_id=c.fleet_id)
        if c.operator == NOBODY:
            revert("ZeroAddress")
        role = self.ledger.roles.get(c.operator)
        if role is not None and role != "MINTER":  # the token's role is not the bank's
            revert("RoleConflict", account=c.operator, held_role=role_id(role))
        fleets[c.fleet_id] = c.operator
        self.emit(
            "bank", "FleetEnrolled", fleet_id=c.fleet_id, number=len(fleets), operator=c.operator
        )

    def enrol_vehicle(self, c: do.EnrolVehicle) -> None:
        self.only("REGISTRAR")
        if c.fleet_id not in self.ledger.fleets:
            revert("FleetNotFound", fleet_id=c.fleet_id)
        vehicles = self.ledger.vehicles
        for index, (commitment, _, _) in enumerate(vehicles, 1):
            if commitment == c.commitment:
                revert("VehicleExists", commitment=commitment, vehicle_index=index)
        vehicles.append((c.commitment, c.fleet_id, c.from_month))
        self.emit(
            "bank",
            "VehicleEnrolled",
            vehicle_index=len(vehicles),
            commitment=c.commitment,
            fleet_id=c.fleet_id,
            from_month=c.from_month,
        )

    def move_vehicle(self, c: do.MoveVehicle) -> None:
        self.only("REGISTRAR")
        if not 1 <= c.vehicle_index <= len(self.ledger.vehicles):
            revert("VehicleNotFound", vehicle_index=c.vehicle_index)
        if c.to_fleet_id not in self.ledger.fleets:
            revert("FleetNotFound", fleet_id=c.to_fleet_id)
        if c.from_month <= self.month:
            revert("MoveNotInFuture", from_month=c.from_month, current_month=self.month)
        last = self.ledger.stays(c.vehicle_index)[-1][1]
        if c.from_month <= last:
            revert("MoveNotAfterLast", from_month=c.from_month, last_from_month=last)
        self.ledger.moves.append((c.vehicle_index, c.to_fleet_id, c.from_month))
        self.emit(
            "bank",
            "VehicleMoved",
            vehicle_index=c.vehicle_index,
            to_fleet_id=c.to_fleet_id,
            from_month=c.from_month,
        )
