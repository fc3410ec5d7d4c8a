"""The admin's acts and what others sign for the bank to relay."""

from typing import ClassVar

from carbonbank.errors.base import EdgeError, InputError, NotAllowed, RuleError


class AdminHoldsRole(RuleError):
    """Administration is a power of its own."""

    says: ClassVar = "{account} is to administer and is the {role} too"
    hint: ClassVar = "name addresses in CARBONBANK_PROPOSERS and CARBONBANK_EXECUTORS of their own"
    account: str
    role: str


class TimelockMissing(EdgeError):
    """The contracts are from before a timelock was their admin."""

    says: ClassVar = "bank {bank} was deployed without a timelock, so it has no acts that wait"
    hint: ClassVar = "all else works on; delayed administration needs contracts deployed anew"
    bank: str


class OperationUnknown(RuleError):
    """Nothing of this content waits in the timelock."""

    says: ClassVar = "operation {operation_id} was never scheduled, or was cancelled"
    hint: ClassVar = "schedule it first: the same words without --execute"
    operation_id: str


class OperationNotReady(RuleError):
    """An act of the admin has not waited long enough."""

    says: ClassVar = "operation {operation_id} can not be executed before {ready_at}"
    hint: ClassVar = "ask again then; until then a canceller can stop it"
    operation_id: str
    ready_at: str


class SignedCallUnreadable(InputError):
    """Not a raw signed transaction that the bank relays."""

    says: ClassVar = "the signed transaction can not be read: {reason}"
    hint: ClassVar = (
        "sign the call as it was prepared, as an EIP-1559 transaction, and send its hex"
    )
    reason: str


class SignedForOtherChain(InputError):
    """A transaction counts on the chain it was signed for."""

    says: ClassVar = "the transaction is signed for chain {found_chain_id}, not {expected_chain_id}"
    hint: ClassVar = "sign it with the chain id of the prepared call"
    found_chain_id: int
    expected_chain_id: int


class NotThisPartysCall(NotAllowed):
    """The bank relays what a party's power is for, and nothing else."""

    says: ClassVar = "the bank does not relay {call} for the {party}"
    hint: ClassVar = "have the call prepared by the bank, and sign exactly that"
    call: str
    party: str


class OperationDone(RuleError):
    """What is done can not be cancelled."""

    says: ClassVar = "operation {operation_id} was executed"
    hint: ClassVar = "schedule the opposite act"
    operation_id: str
