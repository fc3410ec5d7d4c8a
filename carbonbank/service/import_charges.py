"""Import a file of charging sessions: whole, or not at all."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from carbonbank.domain.charge import Charge, OfferedCharges
from carbonbank.domain.hashing import sha256
from carbonbank.domain.issue import RowIssue, Severity
from carbonbank.domain.records import (
    ChargeFile,
    ChargeSession,
    ChargeTelling,
    ChargeToken,
    Fleet,
    StoredTrip,
    VehicleMonth,
)
from carbonbank.domain.trip import iso_at
from carbonbank.errors import ChargesLeftOut, Conflict
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.judge_trips import issue_on, judge_trips
from carbonbank.service.map_columns import mappings_of
from carbonbank.units import month_label, month_of

_IN_A_BATCH = frozenset({"sealed", "issued"})
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 5
OCPI = "ocpi_cdrs"  # the one source whose record ids are unique anywhere, and that has credits


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesImported:
    """What became of a file of charges; `repeated` says that it was imported before."""

    file: ChargeFile
    issues: tuple[RowIssue, ...]
    repeated: bool


class _DryRun(Exception):
    pass


def import_charges(
    bank: Bank,
    *,
    fleet: str,
    filename: str,
    data: bytes,
    options: dict[str, Any] | None = None,
    dry_run: bool = False,
) -> ChargesImported:
    """Import a file of charging sessions of a fleet.

    A session that is known with the same content changes nothing. Trips of programmes that measure
    by charging records are judged again.

    Args:
        bank: the bank.
        fleet: the fleet's handle.
        filename: shown in messages.
        data: the file.
        options: reading options, as for trips.
        dry_run: give the same answer and store nothing.

    Raises:
        InputError: the file is not what it claims.
        ChargesLeftOut: a charge can not be read, or belongs to no vehicle and not to nobody.
        NotFound: no such fleet.
        Conflict: a session is known with other content, in this fleet or another.
    """
    file_hash = sha256(data).hex()
    with bank.store.read() as session:
        session.need(Fleet, fleet)
        known = session.get(ChargeFile, fleet, file_hash)
        book = {t.token: t.vehicle_id for t in session.find(ChargeToken, fleet=fleet)}
        mappings = mappings_of(session, fleet)
    if known is not None and not known.withdrawn:
        return ChargesImported(file=known, issues=(), repeated=True)
    offered = bank.reader.read_charges(
        data, filename, book, {"mappings": mappings} | (options or {})
    )
    if offered.left_out and not dry_run:
        raise _left_out(filename, offered)
    file = ChargeFile(
        fleet=fleet,
        file_hash=file_hash,
        filename=filename,
        format=offered.source,
        size_bytes=len(data),
        received_at=bank.clock.now_at(),
        rows_read=offered.rows_read,
        withdrawn=False,
        sessions_new=0,
        sessions_known=0,
        sessions_credited=0,
    )
    answer = None
    try:
        with bank.store.begin() as session:
            answer = _import(bank, session, file, offered)
            if dry_run:
                raise _DryRun  # noqa: TRY301 - leaving by exception is what rolls back
    except _DryRun:
        pass
    assert answer is not None  # _DryRun is raised after it is set
    return answer


def _left_out(filename: str, offered: OfferedCharges) -> ChargesLeftOut:
    shown = [
        f"row {one.row} {one.code} {one.value}"
        for one in offered.issues
        if one.severity in {Severity.QUARANTINED, Severity.DROPPED}
        and one.code not in {"charge_credited", "duplicate_charge", "charge_ongoing"}
    ]
    return ChargesLeftOut(
        filename=filename, count=offered.left_out, reasons="; ".join(shown[:_SHOWN])
    )


def _import(
    bank: Bank, session: Session, file: ChargeFile, offered: OfferedCharges
) -> ChargesImported:
    issues = list(offered.issues)
    touched: set[str] = set()
    new = known = 0
    for row, charge in offered.charges:
        _tell(session, file, charge.source, charge.source_record_id, row=row)
        told, issue = _session(session, file, row, charge)
        if issue is not None:
            issues.append(issue)
        if told is None:
            known += 1
            continue
        new += 1
        touched.add(told.vehicle_id)
        session.put(told)
    for record_id in offered.credited:
        _tell(session, file, OCPI, record_id, credit=True)
        touched |= _take_back(session, file, record_id)
    file = replace(
        file, sessions_new=new, sessions_known=known, sessions_credited=len(offered.credited)
    )
    session.put(file)
    # Only vehicles that have trips stand anywhere to be judged.
    driven = {
        t.vehicle_id for t in session.find(StoredTrip, fleet=file.fleet, vehicle_id=sorted(touched))
    }
    judge_trips(bank, session, fleet=file.fleet, vehicle_ids=sorted(driven))
    return ChargesImported(
        file=file, issues=tuple(sorted(issues, key=lambda i: (i.row, i.code))), repeated=False
    )


def _tell(
    session: Session,
    file: ChargeFile,
    source: str,
    record_id: str,
    *,
    row: int = 0,
    credit: bool = False,
) -> None:
    session.put(
        ChargeTelling(
            session_id=session_id_of(file.fleet, source, record_id),
            file_hash=file.file_hash,
            credit=credit,
            fleet=file.fleet,
            row=row,
        )
    )


def session_id_of(fleet: str, source: str, record_id: str) -> str:
    """Return what a session is known by: OCPI's id is unique anywhere, others in their fleet."""
    return f"{source}/{record_id}" if source == OCPI else f"{fleet}/{source}/{record_id}"


def _session(
    session: Session, file: ChargeFile, row: int, charge: Charge
) -> tuple[ChargeSession | None, RowIssue | None]:
    """Return the session to store, None if it is known; and what is to be told of it.

    Raises:
        Conflict: it is known with other content.
    """
    session_id = session_id_of(file.fleet, charge.source, charge.source_record_id)
    own_month = month_of(charge.start_at)
    month = _open_month(session, file.fleet, charge.vehicle_id, own_month)
    told = ChargeSession(
        session_id=session_id,
        fleet=file.fleet,
        vehicle_id=charge.vehicle_id,
        month=month,
        start_at=charge.start_at,
        end_at=charge.end_at,
        energy_grid_wh=charge.energy_grid_wh,
        source=charge.source,
        source_record_id=charge.source_record_id,
        state="counted",
        file_hash=file.file_hash,
        row=row,
    )
    known = session.get(ChargeSession, session_id)
    if known is not None and known.vehicle_id:
        same = replace(
            told, month=known.month, state=known.state, file_hash=known.file_hash, row=known.row
        )
        if same != known:
            raise Conflict(kind="charging session", key=session_id, difference=_told(known, told))
        value = f"in upload {known.file_hash[:8]}"
        return None, issue_on(row, "charge_known", "", value, charge.source_record_id)
    if known is not None:  # its credit came before it
        return replace(told, state="credited"), issue_on(
            row, "charge_credited", "", session_id, charge.source_record_id
        )
    if month != own_month:
        value = f"{month_label(own_month)} is in a batch, {month_label(month)} counts"
        return told, issue_on(row, "charge_late", "", value, charge.source_record_id)
    return told, None


def _told(known: ChargeSession, told: ChargeSession) -> str:
    if known.fleet != told.fleet:
        return f"fleet {known.fleet} has it"
    names = ("vehicle_id", "start_at", "end_at", "energy_grid_wh")
    values = ((name, getattr(known, name), getattr(told, name)) for name in names)
    return ", ".join(
        f"{name} {_shown(was)}, now {_shown(now)}" for name, was, now in values if was != now
    )


def _shown(value: Any) -> str:
    return iso_at(value) if isinstance(value, datetime) else str(value)


def _open_month(session: Session, fleet: str, vehicle_id: str, month: int) -> int:
    """Return the month a session counts in: its own, or the next one that is in no batch."""
    states = {
        one.month: one.state
        for one in session.find(VehicleMonth, fleet=fleet, vehicle_id=vehicle_id)
    }
    while states.get(month) in _IN_A_BATCH:
        month += 1
    return month


def _take_back(session: Session, file: ChargeFile, record_id: str) -> set[str]:
    """Take a session back by its credit, or remember the credit until the session comes.

    A batch that counted it stands: its claim was smaller, and stays so.
    """
    session_id = session_id_of(file.fleet, OCPI, record_id)
    known = session.get(ChargeSession, session_id)
    if known is not None and known.fleet != file.fleet:
        raise Conflict(
            kind="charging session", key=session_id, difference=f"fleet {known.fleet} has it"
        )
    if known is not None:
        session.put(replace(known, state="credited"))
        return {known.vehicle_id} - {""}
    session.put(only_credited(session_id, file.fleet, record_id, file.file_hash))
    return set()


def only_credited(session_id: str, fleet: str, record_id: str, file_hash: str) -> ChargeSession:
    """Return a session of which its credit alone is known."""
    return ChargeSession(
        session_id=session_id,
        fleet=fleet,
        vehicle_id="",
        month=0,
        start_at=_NO_TIME,
        end_at=_NO_TIME,
        energy_grid_wh=0,
        source=OCPI,
        source_record_id=record_id,
        state="credited",
        file_hash=file_hash,
        row=0,
    )
