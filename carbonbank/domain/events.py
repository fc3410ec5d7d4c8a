"""Python twins of every event the contracts emit: same names, fields in snake_case.

A field whose name is a Python keyword has an underscore behind it. Addresses are EIP-55 text,
hashes 32 bytes, `*_g` grams, `*_units` micro-units of money, months year * 12 + (month - 1) in UTC.
"""

from dataclasses import dataclass

from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.timelock_events import *  # noqa: F403


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOrdersCancelled:
    """Everything the maker signed up to a second (Unix time) is dead."""

    maker: str
    signed_up_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An owner lets a spender take `value` units of money."""

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalForAll:
    """An account lets an operator move its credits, or no more."""

    account: str
    operator: str
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCancelled:
    """A batch ended: `cancelled_g` is all that was not retired."""

    batch_id: int
    cancelled_g: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChallenged:
    """Somebody proved a fact against a batch; `first` and `second` name leaves or payouts."""

    batch_id: int
    proof_id: bytes
    challenger: str
    kind: int
    first: int
    second: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCorrected:
    """The excess is cancelled out of buffers, the proof settled, the batch active again."""

    batch_id: int
    excess_g: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDisproven:
    """A batch is proven wrong; nothing of it moves before it is corrected."""

    batch_id: int
    proof_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFrozen:
    """Nothing of a batch moves until a guardian, or from `until` on anyone, unfreezes it."""

    batch_id: int
    until: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchIssued:
    """A batch exists; with the block's time this is all a reader needs."""

    batch_id: int
    fleet_id: bytes
    methodology_id: bytes
    demo: bool
    claim: BatchClaim
    word_index: tuple[int, ...]
    bits: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchUnfrozen:
    """A batch moves again."""

    batch_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferCancelled:
    """Grams of a source's buffer are cancelled to correct a batch, its own among them."""

    batch_id: int
    source_batch_id: int
    amount_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsRetired:
    """Grams are used up for ever; serials are offsets inside the batch, from 1."""

    retirement_id: int
    batch_id: int
    holder: str
    amount_g: int
    from_serial: int
    to_serial: int
    beneficiary: bytes
    purpose: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsTraded:
    """Grams went one way and money the other; a zero hash is who took an order directly."""

    sell_hash: bytes
    buy_hash: bytes
    batch_id: int
    seller: str
    buyer: str
    money: str
    amount_g: int
    paid_units: int
    fee_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultAdminDelayChangeCanceled:
    """Another admin delay will not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultAdminDelayChangeScheduled:
    """Another admin delay (seconds) acts from a moment (Unix time) on."""

    new_delay: int
    effect_schedule: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultAdminTransferCanceled:
    """The named admin will not take over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultAdminTransferScheduled:
    """Another admin may accept from a moment (Unix time) on."""

    new_admin: str
    accept_schedule: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EIP712DomainChanged:
    """The signing domain changed; ours never does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedForwardRequest:
    """The relay did what an account signed."""

    signer: str
    nonce: int
    success: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSet:
    """The market's fee in basis points, and who gets it."""

    fee_bps: int
    fee_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetEnrolled:
    """A fleet is known; `number` counts from 1."""

    fleet_id: bytes
    number: int
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueResumed:
    """Issuing goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStopped:
    """Nothing can be issued until the admin resumes."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastMonthSet:
    """The last month this contract will ever credit."""

    last_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManySettled:
    """Many trades were tried, each alone."""

    settled: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodologyCertified:
    """A methodology can be issued under; `number` counts from 1."""

    methodology_id: bytes
    number: int
    class_label: str
    buffer_bps: int
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodologyWithdrawn:
    """Nothing more is issued under a methodology."""

    methodology_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSet:
    """A fleet has another operator."""

    fleet_id: bytes
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    """An order will not trade any more."""

    maker: str
    order_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipTransferStarted:
    """The market's owner named another."""

    previous_owner: str
    new_owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipTransferred:
    """The market has another owner."""

    previous_owner: str
    new_owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirementReplaced:
    """Serials retired from a cancelled batch are covered by as many of a source."""

    batch_id: int
    source_batch_id: int
    from_serial: int
    to_serial: int
    source_from_serial: int
    source_to_serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAdminChanged:
    """Another role grants this role; ours never change."""

    role: bytes
    previous_admin_role: bytes
    new_admin_role: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDismissed:
    """A guardian took a role away at once."""

    role: bytes
    account: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted:
    """An account got a role."""

    role: bytes
    account: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRevoked:
    """An account lost a role."""

    role: bytes
    account: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeSkipped:
    """One trade of many, by its place from 0, was dead and did not happen."""

    position: int
    sell_hash: bytes
    buy_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money moved, in units; from zero it was paid in, to zero paid out."""

    from_: str
    to: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferBatch:
    """Grams of several batches moved."""

    operator: str
    from_: str
    to: str
    ids: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSingle:
    """Grams of one batch moved; from zero they were issued or claimed, to zero retired."""

    operator: str
    from_: str
    to: str
    id: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class URI:
    """Where the metadata of a batch is; ours never changes."""

    value: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleEnrolled:
    """A vehicle is creditable from a month on; its index counts from 1."""

    vehicle_index: int
    commitment: bytes
    fleet_id: bytes
    from_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleMoved:
    """A vehicle belongs to another fleet from a month on."""

    vehicle_index: int
    to_fleet_id: bytes
    from_month: int


EVENTS: dict[str, type] = {
    name: event
    for name, event in list(globals().items())
    if isinstance(event, type) and event.__module__.endswith("events")
}
"""Every event by its name on the chain."""
