"""Forget an act of the admin before it is done."""

from carbonbank.domain.chain_facts import OperationState
from carbonbank.domain.commands import CancelAct
from carbonbank.errors import FieldInvalid, OperationDone, OperationUnknown
from carbonbank.service.admin import ADMIN
from carbonbank.service.bank import Bank
from carbonbank.service.list_operations import ListedOperation, list_operations
from carbonbank.service.sync_chain import sync_chain

ID_BYTES = 32


def cancel_act(bank: Bank, operation_id: str) -> ListedOperation:
    """Cancel what waits, by its id as hex. `bank` carries a canceller's signer.

    Cancelling it again changes nothing.

    Raises:
        FieldInvalid: no id.
        OperationUnknown: there never was such an operation.
        OperationDone: it was executed.
        AccessControlUnauthorizedAccount: the key is no canceller's.
    """
    word = _word(operation_id)
    state = bank.chain.operation(word).state
    if state is OperationState.DONE:
        raise OperationDone(operation_id=word.hex())
    if state is not OperationState.UNKNOWN:
        bank.chain.submit(CancelAct(operation_id=word), ADMIN)
    sync_chain(bank)
    for one in list_operations(bank):
        if one.operation_id == word.hex():
            return one
    raise OperationUnknown(operation_id=word.hex())


def _word(text: str) -> bytes:
    try:
        word = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        word = b""
    if len(word) != ID_BYTES:
        raise FieldInvalid(field="operation", value=text, expected="an id of 64 hex digits")
    return word
