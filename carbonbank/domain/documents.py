"""The documents of an audit package: values in, canonical JSON out.

The format is told in docs/reference/audit-package.md.
They are pure because hashes of them are signed: the same batch gives the same bytes anywhere.
Grams, metres and watt-hours are JSON integers; nanograms and exact decimals are text, as they pass
2^53. SHA-256, trip and batch ids are plain hex; what a contract names as bytes is `0x` hex.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from carbonbank.domain.chain_facts import ChainEvent
from carbonbank.domain.claim import BatchClaim, batch_id, batch_text
from carbonbank.domain.codec import encode
from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.domain.merkle import evidence_root
from carbonbank.domain.payout import PayoutTree, Shares, Split
from carbonbank.domain.records import ChainRetirement, ChargeSession
from carbonbank.domain.salt import record_hash
from carbonbank.domain.trip import iso_at
from carbonbank.units import month_label

EIP712_NAME, EIP712_VERSION = "CarbonBank", "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedVehicle:
    """A credited vehicle-month. Masses in ng are before the discount, grams after it.

    `energy_wh` is what the method read from the trips (0 where it assumes a consumption);
    `exact_g` comes straight from the equations, with the discount on the trips that gain.
    `project_ug_per_kwh` is told where the hours of charging decide it.
    """

    vehicle_id: str
    vehicle_index: int
    trips: int
    distance_m: int
    energy_wh: int
    discount_bps: int
    baseline_ng: int
    project_ng: int
    reduction_g: int
    exact_g: Decimal
    project_ug_per_kwh: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleLeftOut:
    """A vehicle of the fleet that is not in the batch, and why."""

    vehicle_id: str
    trips: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedDriver:
    """A driver with an account: the reductions of the driver's trips decide the payout."""

    driver_id: str
    account: str
    reduction_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """An uploaded file that trips of the batch came from; `sha256` as hex."""

    filename: str
    format: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTrip:
    """A trip as sealed: its content id, the salt of its leaf and the canonical record's bytes."""

    trip_id: str
    salt: bytes
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCharge:
    """A charging session as sealed: its id in the bank, its salt and the record's bytes."""

    session_id: str
    salt: bytes
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVehicle:
    """A vehicle's place in the bitmap and its commitment as hex."""

    vehicle_id: str
    vehicle_index: int
    commitment: str


def report_document(
    *,
    fleet: str,
    fleet_id: bytes,
    programme: str,
    methodology_id: bytes,
    month: int,
    demo: bool,
    retroactive: bool,
    coefficients: Mapping[str, int],
    vehicles: Sequence[ReportedVehicle],
    left_out: Sequence[VehicleLeftOut],
    drivers: Sequence[ReportedDriver],
    undriven_g: int,
    shares: Shares,
    split: Split,
    leaves: bytes,
    source_files: Sequence[SourceFile],
    charges: Sequence[SealedCharge] | None = None,
    withdrawn: Sequence[str] = (),
) -> bytes:
    """Return report.json; its SHA-256 is the claim's `reportHash`.

    Args:
        fleet: the fleet's handle.
        fleet_id: the fleet's id on the chain.
        programme: the programme's handle.
        methodology_id: SHA-256 of package.json.
        month: month number.
        demo: flagged DEMO.
        retroactive: the method is applied to trips before the programme began.
        coefficients: the package's integers, compiled for the month's year.
        vehicles: the credited vehicle-months.
        left_out: vehicles of the fleet that are not credited.
        drivers: drivers with an account.
        undriven_g: reductions of trips without a driver's account, in grams.
        shares: the programme's shares.
        split: the batch in parts.
        leaves: the leaf file.
        source_files: where the trips came from.
        charges: the charging sessions that the energy is of, as in charges.ndjson; None where
            the programme measures otherwise.
        withdrawn: SHA-256 of the fleet's files of charges that were taken back, as hex.
    """
    committed = {} if charges is None else {"charges": _charges(charges, withdrawn)}
    return canonical_json(
        {
            "schema": "carbonbank.report/1",
            "fleet": fleet,
            "fleet_id": encode(fleet_id),
            "programme": programme,
            "methodology_id": encode(methodology_id),
            "month": month_label(month),
            "demo": demo,
            "retroactive": retroactive,
            "coefficients": dict(coefficients),
            "vehicles": [_vehicle(v) for v in sorted(vehicles, key=lambda v: v.vehicle_index)],
            "left_out": [asdict(one) for one in sorted(left_out, key=lambda v: v.vehicle_id)],
            "totals": _totals(vehicles),
            "shares": asdict(shares),
            "drivers": [asdict(one) for one in sorted(drivers, key=lambda d: d.driver_id)],
            "undriven_g": undriven_g,
            "split": {
                "operator_g": split.operator_g,
                "drivers_g": split.drivers_g,
                "buffer_g": split.buffer_g,
            },
            "leaves_sha256": sha256(leaves).hex(),
            "source_files": [asdict(one) for one in sorted(source_files, key=lambda f: f.sha256)],
            # A full census of telemetry needs no sample; a verifier who draws one anyway takes this
            # seed, so that nobody chooses the trips that are looked at.
            "sampling": {"plan": "census", "seed": sha256(b"sampling" + leaves).hex()},
        }
        | committed
    )


def claim_document(
    claim: BatchClaim,
    *,
    chain_id: int,
    contract: str,
    word_index: Sequence[int],
    bits: Sequence[int],
) -> bytes:
    """Return claim.json: what the verifier signs, for which chain, and the credited vehicles."""
    return canonical_json(
        {
            "schema": "carbonbank.claim/1",
            "batch_id": batch_text(batch_id(claim)),
            "domain": {
                "name": EIP712_NAME,
                "version": EIP712_VERSION,
                "chain_id": str(chain_id),
                "verifying_contract": contract,
            },
            "claim": encode(claim),
            "word_index": list(word_index),
            "bits": [f"0x{word:064x}" for word in bits],
        }
    )


def trips_document(trips: Sequence[SealedTrip]) -> bytes:
    """Return trips.ndjson: one sealed trip a line, in the order of the leaves."""
    # The record is canonical JSON already, and the three keys stand in their canonical order.
    return b"".join(
        b'{"record":%b,"salt":"%b","trip_id":"%b"}\n'
        % (trip.record, encode(trip.salt).encode(), trip.trip_id.encode())
        for trip in trips
    )


def charge_record(charge: ChargeSession) -> bytes:
    """Return the RFC 8785 bytes of a session's record; `month` is the one it counts in."""
    return canonical_json(
        {
            "vehicle_id": charge.vehicle_id,
            "month": month_label(charge.month),
            "start_at": iso_at(charge.start_at),
            "end_at": iso_at(charge.end_at),
            "energy_grid_wh": charge.energy_grid_wh,
            "source": charge.source,
            "source_record_id": charge.source_record_id,
        }
    )


def charges_document(charges: Sequence[SealedCharge]) -> bytes:
    """Return charges.ndjson: one sealed session a line, in the order of the report's root."""
    # The three keys stand in their canonical order; only an id may need escaping.
    return b"".join(
        b'{"record":%b,"salt":"%b","session_id":%b}\n'
        % (one.record, encode(one.salt).encode(), canonical_json(one.session_id))
        for one in charges
    )


def vehicles_document(vehicles: Sequence[ListedVehicle]) -> bytes:
    """Return vehicles.json, by index."""
    listed = [asdict(v) for v in sorted(vehicles, key=lambda v: v.vehicle_index)]
    return canonical_json({"schema": "carbonbank.vehicles/1", "vehicles": listed})


def payouts_document(tree: PayoutTree) -> bytes:
    """Return payouts.json: the tree as npm's `StandardMerkleTree.load` reads it."""
    return canonical_json(tree.dump())


def verification_document(
    batch: str, verifier: str, signature: bytes, statement: str, **rest: Any
) -> bytes:
    """Return verification.json: who signed the claim, and the statement in words.

    `rest` may have `statement_signature` (bytes) and `work` (plan and findings).
    """
    return canonical_json(
        {
            "schema": "carbonbank.verification/1",
            "batch_id": batch,
            "verifier": verifier,
            "signature": encode(signature),
            "statement": statement,
        }
        | encode(rest)
    )


def receipt_document(event: ChainEvent) -> bytes:
    """Return receipt.json: the `BatchIssued` event as read back from the chain."""
    return canonical_json({"schema": "carbonbank.receipt/1"} | encode(event))


def retirements_document(retirements: Sequence[ChainRetirement]) -> bytes:
    """Return retirements.json: what was retired of the batch when the package was written."""
    told = [encode(one) for one in sorted(retirements, key=lambda r: r.retirement_id)]
    return canonical_json({"schema": "carbonbank.retirements/1", "retirements": told})


def _charges(charges: Sequence[SealedCharge], withdrawn: Sequence[str]) -> dict[str, Any]:
    """Commit to sessions by salted hashes, so that one can be shown without the others."""
    root = evidence_root(record_hash(one.salt, one.record) for one in charges)
    told = {"sessions": len(charges), "root": encode(root)}
    return told | ({"withdrawn": sorted(withdrawn)} if withdrawn else {})


def _vehicle(vehicle: ReportedVehicle) -> dict[str, Any]:
    told = asdict(vehicle)
    if vehicle.project_ug_per_kwh is None:
        del told["project_ug_per_kwh"]
    return told | {
        "baseline_ng": str(vehicle.baseline_ng),
        "project_ng": str(vehicle.project_ng),
        "exact_g": str(vehicle.exact_g),
    }


def _totals(vehicles: Sequence[ReportedVehicle]) -> dict[str, Any]:
    trips = sum(v.trips for v in vehicles)
    distance_m = sum(v.distance_m for v in vehicles)
    energy_wh = sum(v.energy_wh for v in vehicles)
    return {
        "vehicles": len(vehicles),
        "trips": trips,
        "distance_m": distance_m,
        "energy_wh": energy_wh,
        "baseline_ng": str(sum(v.baseline_ng for v in vehicles)),
        "project_ng": str(sum(v.project_ng for v in vehicles)),
        "reduction_g": sum(v.reduction_g for v in vehicles),
        "exact_g": str(sum((v.exact_g for v in vehicles), Decimal(0))),
    }
