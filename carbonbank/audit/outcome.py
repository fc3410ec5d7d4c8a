"""What a check ends in."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """A check holds, fails, or could not be made; it is never left out in silence."""

    OK = "ok"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the audit: what was looked at, how it ended, and the values."""

    name: str
    state: State
    detail: str

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the package here."""
        return self.state is not State.FAILED

    def __str__(self) -> str:
        return f"{self.state}: {self.name}: {self.detail}"


class Refuted(Exception):
    """A check found the package to be wrong; the message says how."""


class SignedByOther(Refuted):
    """A signature is not by the key of who is named; only a contract of that address could say so.

    Attributes:
        named: address of who should have signed.
        digest: the 32 bytes that should be signed.
        signature: what is there.
    """

    def __init__(self, what: str, signer: str, named: str, digest: bytes, signature: bytes) -> None:
        """Say whose the signature is."""
        super().__init__(f"{what} is by {signer}, the claim names {named}")
        self.named, self.digest, self.signature = named, digest, signature


class Unchecked(Exception):
    """A check lacks what it needs at this stage; the message says what."""


def require(holds: bool, otherwise: str) -> None:
    """Refute the package unless something holds."""
    if not holds:
        raise Refuted(otherwise)


def require_equal(what: str, found: object, expected: object) -> None:
    """Refute the package unless what stands in it equals what was recomputed."""
    if found != expected:
        raise Refuted(f"{what} is {found}, recomputed {expected}")
