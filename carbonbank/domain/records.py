"""What the store keeps: one frozen dataclass per table, its key named in `KEY`.

Here is truth: trips, issues, months, packages, batches as sealed, orders, accounts. Projections
(names start with `Chain`) come from chain_records.py; sync alone writes them, from the chain.
Hashes and ids are hex text; grams and metres are integers; JSON documents are canonical text.

After a change here run `python -m scripts.make_migration`, and give a new record its row in
docs/reference/store.md (indexes are named in store/tables.py).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from carbonbank.domain.chain_records import *  # noqa: F403
from carbonbank.domain.charge_records import *  # noqa: F403
from carbonbank.domain.charge_records import CHARGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A fleet and its operator's account handle."""

    KEY: ClassVar = ("handle",)
    handle: str
    title: str
    fleet_id: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person or organisation with an address. `person` names who is behind it (erasable)."""

    KEY: ClassVar = ("handle",)
    handle: str
    kind: str  # driver | operator | trader
    address: str
    key: str
    fleet: str | None
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletLink:
    """A wallet its owner linked to an account: payouts sealed from `effective_at` on go there.

    The one with the largest nonce counts; a withdrawn one counts for nothing.
    """

    KEY: ClassVar = ("account", "nonce")
    account: str
    nonce: int
    wallet: str
    signature: str
    linked_at: datetime
    effective_at: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A vehicle of a fleet; the VIN is not kept, only its keyed commitment.

    Its months are `from_month` to the one before `until_month`; a vehicle that moved has a record
    in each of its fleets, with one commitment and one index.
    """

    KEY: ClassVar = ("fleet", "vehicle_id")
    fleet: str
    vehicle_id: str
    commitment: str
    vehicle_index: int | None
    category: str
    powertrain: str
    from_month: int
    until_month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme of a fleet: its compiled methodology package (canonical JSON text)."""

    KEY: ClassVar = ("handle",)
    handle: str
    fleet: str
    methodology_id: str
    package: str
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One imported file, by the hash of its bytes within a fleet; counts are those at import.

    `programme` is the one whose rules its trips are held against.
    """

    KEY: ClassVar = ("fleet", "file_hash")
    fleet: str
    file_hash: str
    programme: str
    filename: str
    format: str
    size_bytes: int
    received_at: datetime
    withdrawn: bool
    rows_read: int
    trips_accepted: int
    trips_quarantined: int
    trips_duplicate: int
    trips_late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTrip:
    """A trip as its file told it (canonical record), and whether it counts.

    `reason` is the issue code that keeps a quarantined trip out, empty otherwise. An erased trip's
    record no longer says who drove and where.
    """

    KEY: ClassVar = ("trip_id",)
    trip_id: str
    fleet: str
    vehicle_id: str
    month: int
    state: str  # accepted | late | quarantined
    reason: str
    erased: bool
    file_hash: str
    row: int
    start_at: datetime
    end_at: datetime
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TripCopy:
    """A trip that a further upload told again: should the first be withdrawn, this one tells it."""

    KEY: ClassVar = ("trip_id", "file_hash")
    trip_id: str
    file_hash: str
    fleet: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePrint:
    """A print of what a vehicle's accepted trips of a month tell (carbonbank/mrv/rules/prints.py).

    All fleets share the index of their values: it finds the vehicles worth comparing.
    """

    KEY: ClassVar = ("fleet", "vehicle_id", "month", "kind", "value")
    fleet: str
    vehicle_id: str
    month: int
    kind: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """How a table of no known format is read: what a person confirmed for its header."""

    KEY: ClassVar = ("fleet", "header_hash")
    fleet: str
    header_hash: str
    name: str
    kind: str
    confirmed_at: datetime
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIssue:
    """A row issue of an upload, in reading order; `trip` is the source record it is about."""

    KEY: ClassVar = ("fleet", "file_hash", "number")
    fleet: str
    file_hash: str
    number: int
    row: int
    column: str
    code: str
    severity: str
    value: str
    limit: str
    hint: str
    trip: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleMonth:
    """The unit of credit: open, closed, sealed (in a batch) or issued."""

    KEY: ClassVar = ("fleet", "vehicle_id", "month")
    fleet: str
    vehicle_id: str
    month: int
    state: str
    batch_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBatch:
    """A batch as sealed: everything the audit package is made of.

    `charges` is empty where the programme does not measure by charging records.
    """

    KEY: ClassVar = ("batch_id",)
    batch_id: str
    fleet: str
    programme: str
    month: int
    state: str  # sealed | verified | issued
    total_g: int
    claim: str
    report: str
    leaves: bytes
    trips: str
    charges: str
    payouts: str
    vehicles: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A verifier's signature over a batch claim; `document` is verification.json as handed in."""

    KEY: ClassVar = ("batch_id",)
    batch_id: str
    verifier: str
    signature: str
    document: str
    verified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuance:
    """Where a batch was issued, as read back from the chain."""

    KEY: ClassVar = ("batch_id",)
    batch_id: str
    tx_hash: str
    block_number: int
    block_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOrder:
    """A signed order; its signature proves it."""

    KEY: ClassVar = ("order_hash",)
    order_hash: str
    account: str
    side: str
    batch_id: str | None
    class_id: str | None
    amount_g: int
    price_units_per_t: int
    order: str
    signature: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An act decided but perhaps not yet done: its key makes a retry the same act."""

    KEY: ClassVar = ("intent_id",)
    intent_id: str
    kind: str
    sender: str
    nonce: int
    content: str
    tx_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasableKey:
    """The salt key (hex) of a driver or vehicle; erasing it makes the records unlinkable.

    An erased key stays as an empty `secret`, so that it is never made again.
    """

    KEY: ClassVar = ("subject",)
    subject: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """That a person was erased; `person_mark` is a keyed hash nobody can guess a name from."""

    KEY: ClassVar = ("person_mark",)
    person_mark: str
    erased_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key: only the SHA-256 of its secret is kept."""

    KEY: ClassVar = ("key_id",)
    key_id: str
    secret_hash: str
    role: str
    account: str | None
    fleet: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """The answer given to an Idempotency-Key."""

    KEY: ClassVar = ("caller", "idempotency_key")
    caller: str
    idempotency_key: str
    request_hash: str
    status: int
    body: str


TRUTH: tuple[type, ...] = (
    Fleet,
    Account,
    WalletLink,
    Vehicle,
    Programme,
    Upload,
    StoredTrip,
    TripCopy,
    VehiclePrint,
    TableMapping,
    StoredIssue,
    VehicleMonth,
    SealedBatch,
    Verification,
    Issuance,
    StoredOrder,
    Intent,
    ErasableKey,
    Erasure,
    ApiKey,
    StoredAnswer,
    *CHARGES,
)
