"""What the admin has asked of the timelock: scheduled, done or cancelled, each in words."""

import json
from dataclasses import dataclass, field, replace

from carbonbank.domain.chain_facts import OperationState
from carbonbank.domain.records import ChainLog
from carbonbank.service.admin import ready_at
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain

SCHEDULED, EXECUTED, CANCELLED = "CallScheduled", "CallExecuted", "Cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOperation:
    """An operation by who scheduled it and the calls it makes.

    State: scheduled, done or cancelled; asked of the chain, waiting or ready in place of scheduled,
    and then `ready_at` (ISO 8601) says from when on it may be executed.
    """

    operation_id: str
    proposer: str
    calls: tuple[str, ...]
    delay_s: int
    state: str
    ready_at: str | None
    tx_hash: str
    block_number: int


@dataclass(slots=True)
class _Told:
    """An operation while its events are read."""

    log: ChainLog
    delay_s: int
    state: str = "scheduled"
    calls: dict[int, str] = field(default_factory=dict)


def told_operations(bank: Bank) -> tuple[ListedOperation, ...]:
    """Return every operation ever scheduled, the oldest first, as the synced events tell it."""
    with bank.store.read() as session:
        names = [SCHEDULED, EXECUTED, CANCELLED]
        logs = session.find(ChainLog, name=names, order="block_number")
    found: dict[str, _Told] = {}
    for log in logs:
        fields = json.loads(log.fields)
        operation_id = fields["id"].removeprefix("0x")
        if log.name == SCHEDULED:
            told = found.setdefault(operation_id, _Told(log, int(fields["delay"])))
            if log.tx_hash != told.log.tx_hash:  # it was cancelled and is scheduled once more
                told.log, told.state = log, "scheduled"
            data = bytes.fromhex(fields["data"].removeprefix("0x"))
            told.calls[int(fields["index"])] = bank.chain.call_in_words(fields["target"], data)
        else:
            found[operation_id].state = "done" if log.name == EXECUTED else "cancelled"
    return tuple(
        ListedOperation(
            operation_id=operation_id,
            proposer=told.log.actor,
            calls=tuple(told.calls.values()),
            delay_s=told.delay_s,
            state=told.state,
            ready_at=None,
            tx_hash=told.log.tx_hash,
            block_number=told.log.block_number,
        )
        for operation_id, told in found.items()
    )


def list_operations(bank: Bank) -> tuple[ListedOperation, ...]:
    """Return every operation ever scheduled, and of those that wait until when."""
    sync_chain(bank)
    return tuple(
        _asked(bank, one) if one.state == "scheduled" else one for one in told_operations(bank)
    )


def _asked(bank: Bank, told: ListedOperation) -> ListedOperation:
    found = bank.chain.operation(bytes.fromhex(told.operation_id))
    if found.state is OperationState.UNKNOWN:  # its end waits for confirmations
        return told
    return replace(told, state=found.state.name.lower(), ready_at=ready_at(found))
