"""Seal a batch: one fleet, one programme, one month, every vehicle whose month is closed.

closed vehicle-months ─gather─▶ leaves ─split─▶ shares ─▶ report ─▶ claim ─▶ batch id
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from eth_utils.address import is_checksum_address

from carbonbank.domain.claim import (
    BatchClaim,
    batch_id,
    batch_text,
    vehicle_words,
    vehicles_hash,
)
from carbonbank.domain.codec import from_text, to_text
from carbonbank.domain.documents import (
    ListedVehicle,
    ReportedDriver,
    ReportedVehicle,
    SealedCharge,
    SourceFile,
    charges_document,
    payouts_document,
    report_document,
    trips_document,
    vehicles_document,
)
from carbonbank.domain.evidence import encode_leaf, leaf_file
from carbonbank.domain.hashing import sha256
from carbonbank.domain.merkle import evidence_root
from carbonbank.domain.payout import Shares, payout_tree, split_batch
from carbonbank.domain.records import (
    Account,
    ChargeFile,
    Fleet,
    SealedBatch,
    StoredTrip,
    Upload,
    Vehicle,
    VehicleMonth,
)
from carbonbank.domain.trip import trip_of_record_text
from carbonbank.errors import Conflict, FieldInvalid, ProgrammeTotalNotPositive
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.charged_energy import is_metered_by_charges
from carbonbank.service.gather_batch import Gathered, gather_batch
from carbonbank.service.hold_terms import (
    Version,
    hold_terms,
    hold_totals,
    in_force,
    versions_of,
)
from carbonbank.service.judge_trips import package_of
from carbonbank.service.reckon import ReckonedVehicle, reckon
from carbonbank.service.sealed_charges import sealed_charges
from carbonbank.service.wallets import payee

STATES = ("sealed", "verified", "issued")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed batch in grams; `repeated` if nothing was left to seal and this one stood there."""

    batch_id: str
    month: int
    total_g: int
    operator_g: int
    drivers_g: int
    buffer_g: int
    trips: int
    vehicles: tuple[str, ...]
    left_out: tuple[str, ...]
    repeated: bool


def seal_batch(bank: Bank, *, fleet: str, programme: str, month: int, verifier: str) -> Sealed:
    """Seal every closed, not yet credited vehicle-month of a fleet's month into one batch.

    Sealing again gives the same batch.

    Args:
        bank: the bank.
        fleet: the fleet's handle.
        programme: the programme's handle.
        month: month number.
        verifier: EIP-55 address of who is to sign.

    Raises:
        FieldInvalid: the verifier is no address.
        NotFound: no such fleet or programme.
        MonthStillOpen: a vehicle with trips in the month is not closed.
        NothingToSeal: no closed vehicle has a trip that counts.
        BatchTotalNotPositive: the total is not positive; the months stay closed.
        ProgrammeTotalNotPositive: it is, but not with the programme's other months.
        MethodNeverIssues: the programme's method is shown alone.
        OutsideCreditingPeriod: the month is not in the crediting period.
        OtherVersionInForce: the month belongs to another version of the programme.
        AnnualCapReached: the batch would pass the cap of 60 kt a year.
        FleetLargerThanSold: it has more vehicles than the declared sales leave on the road.
        Conflict: the batch was sealed for another verifier.
    """
    if not is_checksum_address(verifier):
        raise FieldInvalid(field="verifier", value=verifier, expected="an EIP-55 address")
    with bank.store.begin() as session:
        owner = session.need(Fleet, fleet)
        package = package_of(session, fleet=fleet, programme=programme)
        known = _standing(session, fleet, programme, month)
        if known is not None and not session.count(
            VehicleMonth, fleet=fleet, month=month, state="closed"
        ):
            return _answer(session, known, verifier)
        line = versions_of(session, fleet, programme)
        hold_terms(package, line, month)
        gathered = gather_batch(bank, session, fleet=fleet, package=package, month=month)
        _refuse_losing(session, line, gathered, fleet, programme, month)
        hold_totals(
            session,
            package,
            line,
            month=month,
            batch_g=gathered.leaves[-1].running_g,
            vehicles=len(gathered.vehicles),
        )
        now_at = bank.clock.now_at()
        charges = (
            sealed_charges(bank, session, gathered.reckoning, demo=package.programme.demo)
            if is_metered_by_charges(package)
            else None
        )
        sealed = _decide(
            session, owner, package, gathered, charges, programme, month, verifier, now_at
        )
        session.add(sealed)
        for vehicle_id in gathered.vehicles:
            credited = session.need(VehicleMonth, fleet, vehicle_id, month)
            session.put(replace(credited, state="sealed", batch_id=sealed.batch_id))
        return _sealed(session, sealed, [one.vehicle_id for one in gathered.left_out])


def _refuse_losing(
    session: Session,
    line: list[Version],
    gathered: Gathered,
    fleet: str,
    programme: str,
    month: int,
) -> None:
    """Refuse a good month of a programme that loses: bad months can not be left unsealed."""
    batch_g = gathered.leaves[-1].running_g
    handles = {version.handle for version in line}  # a new version takes the losses along
    batches = session.find(SealedBatch, fleet=fleet)
    total_g = batch_g + sum(one.total_g for one in batches if one.programme in handles)
    months = session.find(VehicleMonth, fleet=fleet)
    counted = {(one.vehicle_id, one.month) for one in months if one.batch_id is not None}
    counted |= {(vehicle_id, month) for vehicle_id in gathered.vehicles}
    others: dict[int, list[StoredTrip]] = {}
    for trip in session.find(StoredTrip, fleet=fleet, state="accepted"):
        if (trip.vehicle_id, trip.month) not in counted:
            others.setdefault(trip.month, []).append(trip)
    for other, trips in sorted(others.items()):
        reckoned = reckon(session, in_force(line, other).package, month=other, trips=trips)
        total_g += sum(vehicle.reduction_g for vehicle in reckoned.vehicles)
    if batch_g > 0 >= total_g:
        raise ProgrammeTotalNotPositive(programme=programme, total_g=total_g)


def _decide(
    session: Session,
    owner: Fleet,
    package: MethodologyPackage,
    gathered: Gathered,
    charges: list[SealedCharge] | None,
    programme: str,
    month: int,
    verifier: str,
    now_at: datetime,
) -> SealedBatch:
    """Share out what was gathered, write the documents and the claim over them."""
    terms = package.programme
    drivers, undriven_g = _by_driver(session, owner.handle, gathered, now_at)
    shares = Shares(drivers_bps=terms.shares_bps.drivers, buffer_bps=terms.shares_bps.buffer)
    total_g = gathered.leaves[-1].running_g
    driven_g = {driver.account: driver.reduction_g for driver in drivers}
    split = split_batch(total_g, shares, driven_g, undriven_g)
    tree = payout_tree(split.payouts)
    leaves = leaf_file(gathered.leaves)
    report = report_document(
        fleet=owner.handle,
        fleet_id=bytes.fromhex(owner.fleet_id),
        programme=programme,
        methodology_id=package.methodology_id,
        month=month,
        demo=terms.demo,
        retroactive=terms.retroactive,
        coefficients=gathered.reckoning.coefficients.integers,
        vehicles=[
            _reported(one, gathered.vehicles[one.vehicle_id]) for one in gathered.reckoning.vehicles
        ],
        left_out=gathered.left_out,
        drivers=drivers,
        undriven_g=undriven_g,
        shares=shares,
        split=split,
        leaves=leaves,
        source_files=_source_files(session, owner.handle, gathered),
        charges=charges,
        withdrawn=[
            one.file_hash for one in session.find(ChargeFile, fleet=owner.handle, withdrawn=True)
        ],
    )
    indices = sorted({leaf.vehicle_index for leaf in gathered.leaves})
    claim = BatchClaim(
        fleet_id=bytes.fromhex(owner.fleet_id),
        operator=session.need(Account, owner.operator).address,
        verifier=verifier,
        valid_until=_end_of(terms.claims_valid_until),
        methodology_id=package.methodology_id,
        month=month,
        trip_count=len(gathered.leaves),
        evidence_root=evidence_root(map(encode_leaf, gathered.leaves)),
        report_hash=sha256(report),
        payout_root=tree.root,
        operator_g=split.operator_g,
        drivers_g=split.drivers_g,
        buffer_g=split.buffer_g,
        vehicles_hash=vehicles_hash(*vehicle_words(indices)),
    )
    assert claim.total_g == total_g  # the split gives away all and no more
    return SealedBatch(
        batch_id=batch_text(batch_id(claim)),
        fleet=owner.handle,
        programme=programme,
        month=month,
        state="sealed",
        total_g=total_g,
        claim=to_text(claim),
        report=report.decode(),
        leaves=leaves,
        trips=trips_document(gathered.trips).decode(),
        charges=charges_document(charges or []).decode(),
        payouts=payouts_document(tree).decode(),
        vehicles=vehicles_document([_listed(v) for v in gathered.vehicles.values()]).decode(),
    )


def _standing(session: Session, fleet: str, programme: str, month: int) -> SealedBatch | None:
    """Return the batch of this month that is least far on its way."""
    batches = session.find(SealedBatch, fleet=fleet, month=month)
    ours = [one for one in batches if one.programme == programme]
    return min(ours, key=lambda one: STATES.index(one.state), default=None)


def _answer(session: Session, known: SealedBatch, verifier: str) -> Sealed:
    named = from_text(BatchClaim, known.claim).verifier
    if named != verifier:
        difference = f"it names the verifier {named}"
        raise Conflict(kind="batch", key=known.batch_id, difference=difference)
    return replace(_sealed(session, known, []), repeated=True)


def _sealed(session: Session, batch: SealedBatch, left_out: list[str]) -> Sealed:
    claim = from_text(BatchClaim, batch.claim)
    months = session.find(VehicleMonth, batch_id=batch.batch_id)
    return Sealed(
        batch_id=batch.batch_id,
        month=batch.month,
        total_g=claim.total_g,
        operator_g=claim.operator_g,
        drivers_g=claim.drivers_g,
        buffer_g=claim.buffer_g,
        trips=claim.trip_count,
        vehicles=tuple(one.vehicle_id for one in months),
        left_out=tuple(left_out),
        repeated=False,
    )


def _by_driver(
    session: Session, fleet: str, gathered: Gathered, now_at: datetime
) -> tuple[list[ReportedDriver], int]:
    """Sum the leaves by driver with an account; the rest counts in the denominator alone."""
    opened = session.find(Account, fleet=fleet)
    accounts = {a.handle: payee(session, a, now_at) for a in opened if a.kind == "driver"}
    grams: dict[str, int] = {}
    undriven_g = 0
    for stored, leaf in zip(gathered.stored, gathered.leaves, strict=True):
        driver_id = trip_of_record_text(stored.record).driver_id
        if driver_id in accounts:
            grams[driver_id] = grams.get(driver_id, 0) + leaf.reduction_g
        else:
            undriven_g += leaf.reduction_g
    drivers = [
        ReportedDriver(driver_id=one, account=accounts[one], reduction_g=reduction_g)
        for one, reduction_g in sorted(grams.items())
    ]
    return drivers, undriven_g


def _reported(one: ReckonedVehicle, vehicle: Vehicle) -> ReportedVehicle:
    assert vehicle.vehicle_index is not None
    return ReportedVehicle(
        vehicle_id=one.vehicle_id,
        vehicle_index=vehicle.vehicle_index,
        trips=len(one.trips),
        distance_m=one.distance_m,
        energy_wh=one.energy_wh,
        discount_bps=one.discount_bps,
        baseline_ng=one.baseline_ng,
        project_ng=one.project_ng,
        reduction_g=one.reduction_g,
        exact_g=one.exact_g,
        project_ug_per_kwh=one.project_ug_per_kwh,
    )


def _listed(vehicle: Vehicle) -> ListedVehicle:
    assert vehicle.vehicle_index is not None
    return ListedVehicle(
        vehicle_id=vehicle.vehicle_id,
        vehicle_index=vehicle.vehicle_index,
        commitment=vehicle.commitment,
    )


def _source_files(session: Session, fleet: str, gathered: Gathered) -> list[SourceFile]:
    charges = [one for vehicle in gathered.reckoning.vehicles for one in vehicle.charges]
    hashes = sorted({one.file_hash for one in gathered.stored})
    files: list[Upload | ChargeFile] = [*session.find(Upload, fleet=fleet, file_hash=hashes)]
    hashes = sorted({one.file_hash for one in charges})
    files += session.find(ChargeFile, fleet=fleet, file_hash=hashes)
    return [
        SourceFile(filename=one.filename, format=one.format, sha256=one.file_hash) for one in files
    ]


def _end_of(day: date) -> int:
    """Return the Unix second at which a day is over in UTC."""
    midnight = datetime.combine(day, time(), UTC) + timedelta(days=1)
    return int(midnight.timestamp())
