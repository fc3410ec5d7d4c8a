"""How an administrator acts: by the timelock, which waits before it does anything."""

from dataclasses import dataclass
from datetime import UTC, datetime

from carbonbank.domain.admin_acts import (
    AdminAct,
    GrantRole,
    ResumeIssue,
    RevokeRole,
    SetAdminDelay,
    SetFee,
    SetLastMonth,
)
from carbonbank.domain.chain_facts import Operation
from carbonbank.domain.hashing import keccak256, sha256
from carbonbank.domain.trip import iso_at
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank
from carbonbank.service.dismiss_role import ROLES
from carbonbank.units import month_label

ADMIN = "role/admin"
POWERS: dict[str, tuple[str, bytes]] = (
    {role: ("bank", keccak256(role.upper().encode())) for role in ROLES}
    | {"minter": ("money", keccak256(b"MINTER"))}
    | {
        power: ("timelock", keccak256(f"{power.upper()}_ROLE".encode()))
        for power in ("proposer", "executor", "canceller")
    }
)
"""Every role that the admin grants and revokes: the contract that has it, and its name there."""
_NAMES = {named: role for role, named in POWERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationView:
    """An act of the admin and how far it is: waiting, ready, done or unknown.

    `ready_at` is ISO 8601, None unless it waits; `repeated` if this very step was taken before.
    """

    operation_id: str
    act: str
    state: str
    ready_at: str | None
    repeated: bool = False


def role_act(kind: type[GrantRole] | type[RevokeRole], role: str, address: str) -> AdminAct:
    """Return the act that grants or revokes a role.

    Raises:
        FieldInvalid: no such role.
    """
    if role not in POWERS:
        raise FieldInvalid(field="role", value=role, expected=f"one of {', '.join(POWERS)}")
    contract, word = POWERS[role]
    return kind(contract=contract, role=word, account=address)


def salt_of(key: str) -> bytes:
    """Return what tells two acts of the same words apart; without a key there is one of each."""
    return sha256(key.encode()) if key else bytes(32)


def in_words(act: AdminAct) -> str:
    """Return what an act does."""
    match act:
        case GrantRole():
            return f"make {act.account} {_NAMES[act.contract, act.role]}"
        case RevokeRole():
            return f"let {act.account} no longer be {_NAMES[act.contract, act.role]}"
        case ResumeIssue():
            return "let issuing go on"
        case SetLastMonth():
            return f"credit no month after {month_label(act.month)}"
        case SetFee():
            return f"take {act.fee_bps} basis points of every payment for {act.fee_to}"
        case SetAdminDelay():
            return f"let later acts of the admin wait {act.delay_s} s"


def look(bank: Bank, act: AdminAct, key: str) -> Operation:
    """Return how far an act is on the chain."""
    return bank.chain.operation(bank.chain.operation_id(act, salt_of(key)))


def view(act: str, found: Operation, *, repeated: bool = False) -> OperationView:
    """Return an operation as it is shown."""
    return OperationView(
        operation_id=found.operation_id.hex(),
        act=act,
        state=found.state.name.lower(),
        ready_at=ready_at(found),
        repeated=repeated,
    )


def ready_at(found: Operation) -> str | None:
    """Return when an operation may be executed, ISO 8601."""
    if not found.ready_at_s:
        return None
    return iso_at(datetime.fromtimestamp(found.ready_at_s, UTC))
