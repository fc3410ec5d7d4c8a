"""What the admin has asked of the timelock: done, waiting or cancelled, each in words."""

import json
from dataclasses import dataclass

from carbonbank.domain.chain_facts import OperationState
from carbonbank.domain.records import ChainLog
from carbonbank.service.admin import ready_at
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain

SCHEDULED = "CallScheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOperation:
    """An operation by who scheduled it and the calls it makes; `ready_at` as in OperationView.

    State: waiting, ready, done or cancelled.
    """

    operation_id: str
    proposer: str
    calls: tuple[str, ...]
    state: str
    ready_at: str | None
    tx_hash: str


def list_operations(bank: Bank) -> tuple[ListedOperation, ...]:
    """Return every operation ever scheduled, the oldest first, whoever scheduled it."""
    sync_chain(bank)
    with bank.store.read() as session:
        logs = session.find(ChainLog, name=SCHEDULED, order="block_number")
    calls: dict[str, dict[int, str]] = {}
    first: dict[str, ChainLog] = {}
    for log in logs:
        told = json.loads(log.fields)
        operation_id = told["id"].removeprefix("0x")
        data = bytes.fromhex(told["data"].removeprefix("0x"))
        # By place: what was cancelled may have been scheduled once more.
        calls.setdefault(operation_id, {})[int(told["index"])] = bank.chain.call_in_words(
            told["target"], data
        )
        first.setdefault(operation_id, log)
    return tuple(_listed(bank, one, first[one], tuple(calls[one].values())) for one in calls)


def _listed(
    bank: Bank, operation_id: str, log: ChainLog, calls: tuple[str, ...]
) -> ListedOperation:
    found = bank.chain.operation(bytes.fromhex(operation_id))
    gone = found.state is OperationState.UNKNOWN  # scheduled once, so it was cancelled
    return ListedOperation(
        operation_id=operation_id,
        proposer=log.actor,
        calls=calls,
        state="cancelled" if gone else found.state.name.lower(),
        ready_at=ready_at(found),
        tx_hash=log.tx_hash,
    )
