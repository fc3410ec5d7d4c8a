"""Have the timelock do what has waited."""

from carbonbank.domain.admin_acts import AdminAct
from carbonbank.domain.chain_facts import OperationState
from carbonbank.domain.commands import ExecuteAct
from carbonbank.errors import OperationNotReady, OperationUnknown
from carbonbank.service.admin import (
    ADMIN,
    OperationView,
    in_words,
    look,
    ready_at,
    salt_of,
    view,
)
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain


def execute_act(bank: Bank, act: AdminAct, key: str = "") -> OperationView:
    """Execute a scheduled act. `bank` carries an executor's signer. Once done, it is done.

    Raises:
        OperationUnknown: it was never scheduled, or was cancelled.
        OperationNotReady: it has not waited long enough.
        AccessControlUnauthorizedAccount: the key is no executor's.
        RuleError: the contract refuses the act itself; it stays scheduled.
    """
    found = look(bank, act, key)
    if found.state is OperationState.UNKNOWN:
        raise OperationUnknown(operation_id=found.operation_id.hex())
    if found.state is OperationState.DONE:
        return view(in_words(act), found, repeated=True)
    if found.state is OperationState.WAITING:
        raise OperationNotReady(
            operation_id=found.operation_id.hex(), ready_at=ready_at(found) or ""
        )
    bank.chain.submit(ExecuteAct(act=act, salt=salt_of(key)), ADMIN)
    sync_chain(bank)
    return view(in_words(act), look(bank, act, key))
