"""What the admin alone may do. The admin is a timelock: it does them once they have waited."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole:
    """Give an address a role. `contract` is bank, money or timelock; `role` its 32-byte name."""

    contract: str
    role: bytes
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRole:
    """Take a role from an address."""

    contract: str
    role: bytes
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeIssue:
    """Let issuing go on that a guardian stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLastMonth:
    """Fix, once, the last month that can be credited."""

    month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFee:
    """Set the market's fee in basis points of every payment, and who gets it."""

    fee_bps: int
    fee_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAdminDelay:
    """Set how many seconds later acts of the admin wait."""

    delay_s: int


AdminAct = GrantRole | RevokeRole | ResumeIssue | SetLastMonth | SetFee | SetAdminDelay
