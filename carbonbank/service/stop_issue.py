"""Stop all issuing at once, until the admin resumes."""

from dataclasses import dataclass

from carbonbank.domain.commands import StopIssue
from carbonbank.errors import IssueIsStopped
from carbonbank.service.bank import Bank
from carbonbank.service.guardian import guard, reasoned


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStopped:
    """Nothing is issued any more; `repeated` if that was so before."""

    reason: str
    repeated: bool


def stop_issue(bank: Bank, reason: str) -> IssueStopped:
    """Stop issuing. `bank` carries the guardian's signer.

    Raises:
        FieldInvalid: no reason.
    """
    command = StopIssue(reason=reasoned(reason))
    try:
        guard(bank, command)
    except IssueIsStopped:
        return IssueStopped(reason=reason, repeated=True)
    return IssueStopped(reason=reason, repeated=False)
