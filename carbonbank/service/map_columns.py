"""Tables of no known format: propose a mapping, confirm it, list what is confirmed."""

import json
from typing import Any

from carbonbank.domain.hashing import canonical_json
from carbonbank.domain.mapping import Proposal, parse_mapping
from carbonbank.domain.records import ChargeFile, ChargeToken, Fleet, TableMapping
from carbonbank.errors import Conflict
from carbonbank.ports import Session
from carbonbank.service.bank import Bank


def propose_mapping(
    bank: Bank,
    *,
    fleet: str,
    filename: str,
    data: bytes,
    name: str,
    options: dict[str, Any] | None = None,
) -> Proposal:
    """Propose how a table of no known format may be read; nothing is stored.

    Args:
        bank: the bank.
        fleet: the fleet's handle.
        filename: shown in messages.
        data: the file.
        name: what the mapping is to be called.
        options: reading options, such as the sheet of a workbook.

    Raises:
        InputError: the file is no table, or of a format that is known already.
        NotFound: no such fleet.
    """
    with bank.store.read() as session:
        session.need(Fleet, fleet)
        mappings = mappings_of(session, fleet)
    known = {"mappings": mappings} | (options or {})
    return bank.reader.propose(data, filename, name, known)


def confirm_mapping(bank: Bank, *, fleet: str, mapping: dict[str, Any]) -> TableMapping:
    """Keep a mapping for a fleet; from now on it reads files with its header.

    The same mapping again changes nothing. One that is confirmed is never changed, for files were
    read by it: confirm another for another header.

    Raises:
        MappingInvalid: with everything that is missing.
        NotFound: no such fleet.
        Conflict: another mapping is confirmed for that header.
    """
    whole = parse_mapping(mapping)
    document = canonical_json(whole.document).decode()
    with bank.store.begin() as session:
        session.need(Fleet, fleet)
        known = session.get(TableMapping, fleet, whole.header_hash)
        if known is not None:
            if known.document != document:
                raise Conflict(
                    kind="mapping", key=known.name, difference="it reads this header otherwise"
                )
            return known
        record = TableMapping(
            fleet=fleet,
            header_hash=whole.header_hash,
            name=whole.name,
            kind=whole.kind,
            confirmed_at=bank.clock.now_at(),
            document=document,
        )
        session.add(record)
    return record


def list_mappings(bank: Bank, *, fleet: str) -> list[TableMapping]:
    """Return the confirmed mappings of a fleet.

    Raises:
        NotFound: no such fleet.
    """
    with bank.store.read() as session:
        session.need(Fleet, fleet)
        return session.find(TableMapping, fleet=fleet)


def mappings_of(session: Session, fleet: str) -> list[Any]:
    """Return the confirmed mappings of a fleet as JSON values."""
    return [json.loads(one.document) for one in session.find(TableMapping, fleet=fleet)]


def assign_token(bank: Bank, *, fleet: str, token: str, vehicle_id: str) -> ChargeToken:
    """Say whose a charging token or contract is: a vehicle's, or with an empty id nobody's.

    A mistake is mended by saying it again once every file of charges of the fleet is withdrawn.

    Raises:
        NotFound: no such fleet.
        Conflict: it is another vehicle's already; sessions were read by that.
    """
    record = ChargeToken(fleet=fleet, token=token, vehicle_id=vehicle_id)
    with bank.store.begin() as session:
        session.need(Fleet, fleet)
        if session.count(ChargeFile, fleet=fleet, withdrawn=False):
            session.add(record)
        else:
            session.put(record)  # no session was read by what it was before
    return record
