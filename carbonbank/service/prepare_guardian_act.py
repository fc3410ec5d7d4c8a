"""Hand a guardian's act out for signing: the bank does not hold the guardian's key."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from carbonbank.domain.claim import batch_number
from carbonbank.domain.commands import (
    CancelBatch,
    Command,
    CorrectBatch,
    DismissRole,
    FreezeBatch,
    ReplaceFromBuffer,
    StopIssue,
    UnfreezeBatch,
)
from carbonbank.errors import AmountNotPositive, FieldInvalid
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import batch_status
from carbonbank.service.dismiss_role import role_word
from carbonbank.service.guardian import numbers, reasoned
from carbonbank.service.prepared_call import PreparedCall, prepared
from carbonbank.service.replace_retired import with_buffer

Fields = Mapping[str, Any]
FIELDS: dict[str, tuple[str, ...]] = {
    "freeze": ("batch", "reason"),
    "unfreeze": ("batch",),
    "correct": ("batch", "excess_g", "reason", "sources"),
    "cancel": ("batch", "reason"),
    "replace": ("batch", "sources"),
    "stop-issue": ("reason",),
    "dismiss": ("role", "address", "reason"),
}
"""What each act is told; `sources` may be left out."""


def prepare_guardian_act(
    bank: Bank,
    sender: str,
    act: str,
    *,
    batch: str | None = None,
    reason: str | None = None,
    excess_g: int | None = None,
    sources: Sequence[str] | None = None,
    role: str | None = None,
    address: str | None = None,
) -> PreparedCall:
    """Return a guardian's act as the guardian at address `sender` signs it.

    Args:
        bank: the bank.
        sender: the guardian's EIP-55 address.
        act: one of `FIELDS`.
        batch: which batch, by its id or its first digits.
        reason: why, in words that anyone can read.
        excess_g: grams to cancel.
        sources: batches whose buffers give; to replace, all that have one by default.
        role: to dismiss from.
        address: whom to dismiss.

    Raises:
        FieldInvalid: no such act, or it is not told what it needs, or more.
        NotFound: no such batch.
        AccessControlUnauthorizedAccount: the address is no guardian's.
        RuleError: the contract would refuse it now.
    """
    if act not in FIELDS:
        raise FieldInvalid(field="act", value=act, expected=f"one of {', '.join(FIELDS)}")
    given: Fields = {
        "batch": _whole(bank, batch),
        "reason": reason,
        "excess_g": excess_g,
        "sources": None if sources is None else [_whole(bank, one) for one in sources],
        "role": role,
        "address": address,
    }
    for field, value in given.items():
        wanted = field in FIELDS[act]
        if (value is not None) != wanted and not (wanted and field == "sources"):
            expected = f"given to {act}" if wanted else f"absent for {act}"
            raise FieldInvalid(field=field, value=str(value), expected=expected)
    command, does = _ACTS[act](bank, given)
    return prepared(bank, command, sender, does)


def _whole(bank: Bank, batch: str | None) -> str | None:
    return None if batch is None else batch_status(bank, batch).batch_id


def _freeze(_: Bank, f: Fields) -> tuple[Command, str]:
    command = FreezeBatch(batch_id=batch_number(f["batch"]), reason=reasoned(f["reason"]))
    return command, f"stop batch {f['batch']} for 30 days from now: {f['reason']}"


def _unfreeze(_: Bank, f: Fields) -> tuple[Command, str]:
    return UnfreezeBatch(batch_id=batch_number(f["batch"])), f"let batch {f['batch']} move again"


def _correct(_: Bank, f: Fields) -> tuple[Command, str]:
    if f["excess_g"] <= 0:
        raise AmountNotPositive(field="excess_g", value=f["excess_g"])
    sources = list(f["sources"] or ())
    command = CorrectBatch(
        batch_id=batch_number(f["batch"]),
        excess_g=f["excess_g"],
        sources=numbers(sources),
        reason=reasoned(f["reason"]),
    )
    out_of = ", then of ".join(["its own buffer", *sources])
    does = f"cancel {f['excess_g']} g for batch {f['batch']} out of {out_of}: {f['reason']}"
    return command, does


def _cancel(_: Bank, f: Fields) -> tuple[Command, str]:
    command = CancelBatch(batch_id=batch_number(f["batch"]), reason=reasoned(f["reason"]))
    return command, f"end batch {f['batch']} for ever: {f['reason']}"


def _replace(bank: Bank, f: Fields) -> tuple[Command, str]:
    sources = list(f["sources"] or with_buffer(bank, f["batch"]))
    command = ReplaceFromBuffer(batch_id=batch_number(f["batch"]), sources=numbers(sources))
    given = ", ".join(sources) or "no batch, as none has any"
    return command, f"replace what was retired from batch {f['batch']} out of buffers of {given}"


def _stop_issue(_: Bank, f: Fields) -> tuple[Command, str]:
    return StopIssue(reason=reasoned(f["reason"])), f"stop all issuing: {f['reason']}"


def _dismiss(_: Bank, f: Fields) -> tuple[Command, str]:
    command = DismissRole(
        role=role_word(f["role"]), account=f["address"], reason=reasoned(f["reason"])
    )
    return command, f"let {f['address']} no longer be {f['role']}: {f['reason']}"


_ACTS: dict[str, Callable[[Bank, Fields], tuple[Command, str]]] = {
    "freeze": _freeze,
    "unfreeze": _unfreeze,
    "correct": _correct,
    "cancel": _cancel,
    "replace": _replace,
    "stop-issue": _stop_issue,
    "dismiss": _dismiss,
}
