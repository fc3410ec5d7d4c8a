"""Everything the bank can ask of the chain, as values. The gateway turns one into one transaction.

Role acts are sent by the role's own key; account acts (`Transfer`, `ApproveMarket`, `Retire`,
`CancelOrders`, `AllowMoney`, `FillOrder`, `FillAndRetire`) are signed by the account and relayed.
Claims and settlements carry their own proof or signatures, and anyone may send them.
"""

from dataclasses import dataclass
from typing import Any

from carbonbank.domain.admin_acts import AdminAct
from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifyMethodology:
    """CERTIFIER: make a methodology package usable."""

    methodology_id: bytes
    class_label: str
    buffer_bps: int
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolFleet:
    """REGISTRAR: enrol a fleet and its operator."""

    fleet_id: bytes
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolVehicle:
    """REGISTRAR: enrol a vehicle by its keyed VIN commitment, creditable from a month on."""

    commitment: bytes
    fleet_id: bytes
    from_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveVehicle:
    """REGISTRAR: a vehicle belongs to another fleet from a month on that has not begun."""

    vehicle_index: int
    to_fleet_id: bytes
    from_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueBatch:
    """ISSUER: submit a claim with its verifier's signature."""

    claim: BatchClaim
    signature: bytes
    word_index: tuple[int, ...]
    bits: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPayout:
    """Anyone: pay one payout leaf to its account."""

    claim: BatchClaim
    index: int
    account: str
    from_g: int
    amount_g: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Account: move held grams."""

    sender: str
    recipient: str
    batch_id: int
    amount_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveMarket:
    """Account: let the market deliver held credits that a signed order sells."""

    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """Account: retire held grams for ever. `beneficiary` and `purpose` are 32-byte texts."""

    holder: str
    batch_id: int
    amount_g: int
    beneficiary: bytes
    purpose: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrders:
    """Account: kill signed orders by hash."""

    maker: str
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MintMoney:
    """TREASURER: put settlement money into an account (the bank's own e-money)."""

    account: str
    amount_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowMoney:
    """Account: let the market take up to `amount_units` of settlement money."""

    owner: str
    amount_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleOrders:
    """Anyone: match two signed orders."""

    sell: Order
    sell_signature: bytes
    buy: Order
    buy_signature: bytes
    batch_id: int
    amount_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleMany:
    """Anyone: match many pairs of signed orders; the dead ones are skipped."""

    trades: tuple[SettleOrders, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAllOrders:
    """Account: kill every order signed up to now."""

    maker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FillOrder:
    """Account: take one signed order directly."""

    taker: str
    order: Order
    signature: bytes
    batch_id: int
    amount_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FillAndRetire:
    """Account: buy from a signed sell order and retire in one step."""

    taker: str
    order: Order
    signature: bytes
    batch_id: int
    amount_g: int
    beneficiary: bytes
    purpose: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeBatch:
    """GUARDIAN: stop a batch, with a reason."""

    batch_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfreezeBatch:
    """GUARDIAN, or anyone once the freeze has run out: let a frozen batch move again."""

    batch_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectBatch:
    """GUARDIAN: cancel what a disproven batch has too much, out of buffers; it is Active again."""

    batch_id: int
    excess_g: int
    sources: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBatch:
    """GUARDIAN: end a batch that is disproven, or was frozen for 7 days."""

    batch_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceFromBuffer:
    """GUARDIAN: retire buffer grams of other batches in place of a cancelled one's retired."""

    batch_id: int
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopIssue:
    """GUARDIAN: nothing is issued until the admin resumes."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissRole:
    """GUARDIAN: take a role away at once. `role` is the contract's 32-byte name of it."""

    role: bytes
    account: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeBatch:
    """Anyone: prove a contradiction; `function` and `arguments` are the challenge contract's."""

    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleAct:
    """Proposer: have the timelock wait for `delay_s`. The same act again needs another salt."""

    act: AdminAct
    salt: bytes
    delay_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteAct:
    """Executor: have the timelock do what has waited."""

    act: AdminAct
    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAct:
    """Canceller: forget what waits in the timelock, by the operation's 32-byte id."""

    operation_id: bytes


Command = (
    CertifyMethodology
    | EnrolFleet
    | EnrolVehicle
    | MoveVehicle
    | IssueBatch
    | ClaimPayout
    | Transfer
    | ApproveMarket
    | Retire
    | CancelOrders
    | CancelAllOrders
    | MintMoney
    | AllowMoney
    | SettleOrders
    | SettleMany
    | FillOrder
    | FillAndRetire
    | FreezeBatch
    | UnfreezeBatch
    | CorrectBatch
    | CancelBatch
    | ReplaceFromBuffer
    | StopIssue
    | DismissRole
    | ChallengeBatch
    | ScheduleAct
    | ExecuteAct
    | CancelAct
)
