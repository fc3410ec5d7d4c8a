"""Relay what another party signed with its own key, if it is what that party's power is for."""

from dataclasses import dataclass

from carbonbank.domain.claim import batch_text
from carbonbank.errors import FieldInvalid, NotThisPartysCall, SignedForOtherChain
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import BatchStanding, batch_status
from carbonbank.service.sync_chain import sync_chain

CALLS: dict[str, frozenset[tuple[str, str]]] = {
    "guardian": frozenset(
        ("bank", function)
        for function in (
            "freeze",
            "unfreeze",
            "correct",
            "cancel",
            "replaceFromBuffer",
            "stopIssue",
            "dismiss",
        )
    ),
}
"""What the bank relays for whom: contract and function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """A call that is mined, who signed it, and where its batch stands since, if it has one."""

    tx_hash: str
    block_number: int
    signer: str
    call: str
    standing: BatchStanding | None


def relay_signed(bank: Bank, raw: str, party: str) -> Relayed:
    """Send a raw signed transaction (hex). Sent again, it is looked up: its hash is its name.

    Whether the signer has the power is the contract's to say; the bank adds nothing to it.

    Raises:
        FieldInvalid, SignedCallUnreadable: no hex, no such transaction.
        SignedForOtherChain: it counts on another chain.
        NotThisPartysCall: it calls something else.
        NonceSpent, NonceAhead: another transaction of the signer has or needs to go first.
        RuleError: the contract refuses it; nothing is sent.
    """
    try:
        data = bytes.fromhex(raw.removeprefix("0x"))
    except ValueError as error:
        raise FieldInvalid(field="raw", value=raw[:20], expected="hex") from error
    signed, identity = bank.chain.read_signed(data), bank.chain.identity
    if signed.chain_id != identity.chain_id:
        raise SignedForOtherChain(
            found_chain_id=signed.chain_id, expected_chain_id=identity.chain_id
        )
    call = bank.chain.call_in_words(signed.to, signed.data)
    if (signed.contract, signed.function) not in CALLS[party]:
        raise NotThisPartysCall(call=call, party=party)
    receipt = bank.chain.relay(data)
    sync_chain(bank)
    batches = [one.fields["batch_id"] for one in receipt.events if "batch_id" in one.fields]
    return Relayed(
        tx_hash=receipt.tx_hash,
        block_number=receipt.block_number,
        signer=signed.sender,
        call=call,
        standing=batch_status(bank, batch_text(batches[0])) if batches else None,
    )
