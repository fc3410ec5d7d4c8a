"""Take a role away at once, because its key is stolen or its holder no longer trusted."""

from dataclasses import dataclass

from carbonbank.domain.commands import DismissRole
from carbonbank.domain.hashing import keccak256
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank
from carbonbank.service.guardian import guard, reasoned

ROLES = ("certifier", "verifier", "issuer", "registrar", "guardian", "challenger")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDismissed:
    """A role that an address no longer has; only the admin can grant it again."""

    role: str
    address: str
    reason: str


def dismiss_role(bank: Bank, role: str, address: str, reason: str) -> RoleDismissed:
    """Dismiss an address from a role, never the admin. `bank` carries the guardian's signer.

    Raises:
        FieldInvalid: no such role, or no reason.
        RuleError: the address does not hold it; the error bears the contract's name for that.
    """
    guard(bank, DismissRole(role=role_word(role), account=address, reason=reasoned(reason)))
    return RoleDismissed(role=role, address=address, reason=reason)


def role_word(role: str) -> bytes:
    """Return a role's name as the contract has it.

    Raises:
        FieldInvalid: no such role.
    """
    if role not in ROLES:
        raise FieldInvalid(field="role", value=role, expected=f"one of {', '.join(ROLES)}")
    return keccak256(role.upper().encode())
