"""Packages for outsiders: the rows that who asks may see, and of all others what proofs need."""

import json
from collections.abc import Collection, Iterator

from carbonbank.domain.codec import decode
from carbonbank.domain.disclosure import (
    DisclosedTrip,
    disclosed_document,
    payout_document,
    withhold_work,
)
from carbonbank.domain.documents import SealedTrip
from carbonbank.domain.evidence import encode_leaf, leaves_of_file
from carbonbank.domain.hashing import canonical_json
from carbonbank.domain.merkle import evidence_tree, leaf_hash
from carbonbank.domain.payout import payout_tree, payouts_of_dump
from carbonbank.domain.records import Account, SealedBatch
from carbonbank.domain.salt import record_hash
from carbonbank.errors import NotFound
from carbonbank.service.bank import Bank
from carbonbank.service.export_package import package_members

SHOWN_TO_ALL = ("package.json", "claim.json", "verification.json", "receipt.json")


def package_for_auditor(bank: Bank, batch: str, leaves: Collection[int] = ()) -> bytes:
    """Return the package with all bare leaves, and the rows of the leaves that were chosen.

    Report, payouts and retirements are in it: an auditor is somebody the bank or the fleet trusts
    with them. The sample is drawn from the package without rows (`carbonbank verify plan`).

    Args:
        bank: the bank.
        batch: the batch id.
        leaves: numbers of leaves, from 0.

    Raises:
        NotFound: no such batch or leaf, or the trip was erased.
    """
    with bank.store.read() as session:
        members = package_members(bank, session, batch)
        rows = {row.index: row for row in _rows(session.need(SealedBatch, batch))}
    members.pop("trips.ndjson", None)
    for leaf in leaves:
        if leaf not in rows:
            raise NotFound(kind="trip to disclose at leaf", key=str(leaf))
    if leaves:
        chosen = [rows[leaf] for leaf in sorted(set(leaves))]
        members["disclosed.ndjson"] = disclosed_document(chosen)
    return bank.press.package(members)


def package_for_driver(bank: Bank, batch: str, account: str) -> bytes:
    """Return the package with a driver's own trips and payout, and nothing of anybody else.

    Leaves, report and payouts name other people's trips and grams: they are withheld, the paths of
    the own leaves stand in for them. An account of no driver of the fleet gets no rows.

    Raises:
        NotFound: no such batch or account.
    """
    with bank.store.read() as session:
        driver = session.need(Account, account)
        sealed = session.need(SealedBatch, batch)
        members = package_members(bank, session, batch)
    if (driver.kind, driver.fleet) != ("driver", sealed.fleet):
        return bank.press.package(_shown(members, sealed, [], None))
    rows = [row for row in _rows(sealed) if json.loads(row.trip.record)["driver_id"] == account]
    payees = {d["driver_id"]: d["account"] for d in json.loads(sealed.report)["drivers"]}
    return bank.press.package(_shown(members, sealed, rows, payees.get(account)))


def package_for_anyone(bank: Bank, batch: str) -> bytes:
    """Return what everybody may have: method, claim, signature and receipt, and no trips.

    Raises:
        NotFound: no such batch.
    """
    with bank.store.read() as session:
        sealed = session.need(SealedBatch, batch)
        members = package_members(bank, session, batch)
    return bank.press.package(_shown(members, sealed, [], None))


def _shown(
    members: dict[str, bytes], sealed: SealedBatch, rows: list[DisclosedTrip], payee: str | None
) -> dict[str, bytes]:
    shown = {name: members[name] for name in SHOWN_TO_ALL if name in members}
    if "verification.json" in shown:
        # Plan and findings tell of other people's trips.
        shown["verification.json"] = withhold_work(shown["verification.json"])
    driven = {json.loads(row.trip.record)["vehicle_id"] for row in rows}
    vehicles = json.loads(sealed.vehicles)
    vehicles["vehicles"] = [v for v in vehicles["vehicles"] if v["vehicle_id"] in driven]
    shown["vehicles.json"] = canonical_json(vehicles)
    if rows:
        shown["disclosed.ndjson"] = disclosed_document(rows)
    tree = payout_tree(payouts_of_dump(json.loads(sealed.payouts)))
    for payout in tree.payouts:
        if payout.account == payee:
            shown["payout.json"] = payout_document(payout, tree.proof(payout.index))
    return shown


def _rows(sealed: SealedBatch) -> Iterator[DisclosedTrip]:
    """Yield every trip that is still there with its leaf and path; erased ones are not."""
    leaves = leaves_of_file(sealed.leaves)
    encoded = [encode_leaf(leaf) for leaf in leaves]
    tree = evidence_tree(b"".join(map(leaf_hash, encoded)))
    numbers = {leaf.record_hash: number for number, leaf in enumerate(leaves)}
    for line in filter(None, sealed.trips.split("\n")):  # records may hold other line ends
        told = json.loads(line)
        trip = SealedTrip(
            trip_id=told["trip_id"],
            salt=decode(bytes, told["salt"]),
            record=canonical_json(told["record"]),
        )
        number = numbers[record_hash(trip.salt, trip.record)]
        yield DisclosedTrip(index=number, leaf=encoded[number], path=tree.path(number), trip=trip)
