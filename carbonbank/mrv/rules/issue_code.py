"""What an issue code is, and makers of codes by severity."""

from dataclasses import dataclass
from functools import partial

from carbonbank.domain.issue import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCode:
    """What a code means wherever it appears; `limit` names the field of `Rules` it comes from."""

    severity: Severity
    meaning: str
    limit: str
    remedy: str


def code_of(severity: Severity, meaning: str, limit: str, remedy: str) -> IssueCode:
    """Return a code."""
    return IssueCode(severity=severity, meaning=meaning, limit=limit, remedy=remedy)


dropped = partial(code_of, Severity.DROPPED)
mended = partial(code_of, Severity.MENDED)
warned = partial(code_of, Severity.WARNED)
quarantined = partial(code_of, Severity.QUARANTINED)
