"""Acts that must happen exactly once although the process may die between sending and recording.

decide -> intent -> effect: the sequence number of an act is reserved in the store before anything
is sent. A retry finds the intent and submits under the same number, so the chain itself refuses a
second time; what happened under a number is then read from the chain's events, never guessed.
Unfinished acts are finished before a new one begins, so no two intents share a number.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

from carbonbank.domain.chain_facts import ChainEvent, Receipt
from carbonbank.domain.codec import decode, encode
from carbonbank.domain.commands import Command
from carbonbank.domain.hashing import canonical_json, sha256
from carbonbank.domain.projection import log_of
from carbonbank.domain.records import ChainLog, Intent
from carbonbank.errors import (
    ActNotConfirmed,
    ActOvertaken,
    NonceSpent,
    RuleError,
    TransactionFailed,
    UnknownRevert,
)
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain

COMMANDS: dict[str, type[Command]] = {command.__name__: command for command in get_args(Command)}

PROOF: dict[str, tuple[str, dict[str, str]]] = {
    "ApproveMarket": ("ApprovalForAll", {"account": "owner"}),
    "AllowMoney": ("Approval", {"owner": "owner", "value": "amount_units"}),
    "FillAndRetire": ("CreditsRetired", {"batch_id": "batch_id", "amount_g": "amount_g"}),
    "FillOrder": ("CreditsTraded", {"batch_id": "batch_id", "amount_g": "amount_g"}),
    "MintMoney": ("Transfer", {"to": "account", "value": "amount_units"}),
    "Retire": (
        "CreditsRetired",
        {
            "holder": "holder",
            "batch_id": "batch_id",
            "amount_g": "amount_g",
            "beneficiary": "beneficiary",
            "purpose": "purpose",
        },
    ),
    "SettleOrders": ("CreditsTraded", {"batch_id": "batch_id", "amount_g": "amount_g"}),
    "SettleMany": ("ManySettled", {}),
    "Transfer": (
        "TransferSingle",
        {"from": "sender", "to": "recipient", "id": "batch_id", "value": "amount_g"},
    ),
}
"""The event that proves a command happened, and which of its fields bear which of the command's.

Only these commands are acts of this module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act that has happened, with all events of its transaction; `repeated` if it had before."""

    tx_hash: str
    block_number: int
    logs: tuple[ChainLog, ...]
    repeated: bool

    def fields(self, name: str) -> dict[str, Any]:
        """Return the fields of the first event of this name."""
        return self.all_fields(name)[0]

    def all_fields(self, name: str) -> list[dict[str, Any]]:
        """Return the fields of every event of this name, in order."""
        return [json.loads(log.fields) for log in self.logs if log.name == name]


def act_once(bank: Bank, command: Command, sender: str, key: str = "") -> Act:
    """Do a command with the key reference `sender`, once for this content and client key.

    Raises:
        ActOvertaken: something else used the reserved sequence number; the act did not happen.
        ActNotConfirmed: it was sent and its block is not there yet.
        RuleError: the chain refuses it; nothing happened and the intent is forgotten.
    """
    intent_id = _intent_id(command, sender, key)
    with bank.store.read() as session:
        intent = session.get(Intent, intent_id)
    if intent is not None:
        return _finish(bank, intent)
    finish_acts(bank)
    intent = Intent(
        intent_id=intent_id,
        kind=type(command).__name__,
        sender=sender,
        nonce=bank.chain.next_nonce(command, sender),
        content=canonical_json({"command": encode(command), "key": key}).decode(),
        tx_hash=None,
    )
    with bank.store.begin() as session:
        session.add(intent)
    return _submit(bank, intent, command)


def act_was_asked(bank: Bank, command: Command, sender: str, key: str = "") -> bool:
    """Tell whether this very act was decided before, so that its preconditions may be gone."""
    with bank.store.read() as session:
        return session.get(Intent, _intent_id(command, sender, key)) is not None


def finish_acts(bank: Bank) -> int:
    """Finish what was decided before a kill; return how many acts. Refused ones are forgotten."""
    with bank.store.read() as session:
        pending = session.find(Intent, tx_hash=None, order="nonce")
    for intent in pending:
        try:
            _finish(bank, intent)
        except (RuleError, UnknownRevert, TransactionFailed):
            continue  # whoever asked for it hears so on asking again
    return len(pending)


def events_of(bank: Bank, actor: str, nonce: int) -> tuple[ChainLog, ...]:
    """Return what an actor did under a sequence number, in blocks not yet confirmed too."""
    sync_chain(bank)
    with bank.store.read() as session:
        found = session.find(ChainLog, actor=actor, nonce=nonce)
    # A wallet may have used a number twice: for its own transaction, and through the forwarder.
    waiting = (
        log_of(event) for event in unconfirmed(bank) if (event.actor, event.nonce) == (actor, nonce)
    )
    return (*found, *waiting)


def unconfirmed(bank: Bank) -> Iterator[ChainEvent]:
    """Yield the events of the blocks that wait for confirmations."""
    first = bank.chain.head().number + 1
    last = first
    while bank.chain.block(last) is not None:
        last += 1
    if last > first:
        yield from bank.chain.events(first, last - 1)


def _intent_id(command: Command, sender: str, key: str) -> str:
    kind = type(command).__name__
    content = {"kind": kind, "sender": sender, "command": encode(command), "key": key}
    return sha256(canonical_json(content)).hex()


def _finish(bank: Bank, intent: Intent) -> Act:
    done = _happened(bank, intent)
    if done is not None:
        return done
    command = decode(COMMANDS[intent.kind], json.loads(intent.content)["command"])
    return replace(_submit(bank, intent, command), repeated=True)


def _submit(bank: Bank, intent: Intent, command: Command) -> Act:
    try:
        receipt = bank.chain.submit(command, intent.sender, intent.nonce)
    except NonceSpent:
        return _found_on_chain(bank, intent)
    except (RuleError, UnknownRevert, TransactionFailed):
        # Refused before it was sent, or mined without effect: the act did not happen.
        _forget(bank, intent)
        raise
    _record(bank, intent, receipt.tx_hash)
    sync_chain(bank)
    return _act_of(receipt)


def _act_of(receipt: Receipt) -> Act:
    return Act(
        tx_hash=receipt.tx_hash,
        block_number=receipt.block_number,
        logs=tuple(log_of(event) for event in receipt.events),
        repeated=False,
    )


def _found_on_chain(bank: Bank, intent: Intent) -> Act:
    """Tell what used the number. Without a memory pool nothing can still be on its way."""
    actor = bank.signer.address(intent.sender)
    done = _happened(bank, intent)
    if done is not None:
        return done
    if not bank.chain.identity.embedded and not events_of(bank, actor, intent.nonce):
        raise ActNotConfirmed(kind=intent.kind, sender=actor, nonce=intent.nonce)
    _forget(bank, intent)
    raise ActOvertaken(kind=intent.kind, sender=actor, nonce=intent.nonce)


def _happened(bank: Bank, intent: Intent) -> Act | None:
    logs = events_of(bank, bank.signer.address(intent.sender), intent.nonce)
    if not any(_proves(log, intent) for log in logs):
        return None
    if intent.tx_hash != logs[0].tx_hash:
        _record(bank, intent, logs[0].tx_hash)
    return Act(tx_hash=logs[0].tx_hash, block_number=logs[0].block_number, logs=logs, repeated=True)


def _proves(log: ChainLog, intent: Intent) -> bool:
    """Tell whether an event is what this act does, not another act under the same number."""
    name, same = PROOF[intent.kind]
    asked = json.loads(intent.content)["command"]
    done = json.loads(log.fields)
    # As text: a number is written as text where it is large.
    return log.name == name and all(
        str(done[field]) == str(asked[of]) for field, of in same.items()
    )


def _record(bank: Bank, intent: Intent, tx_hash: str) -> None:
    with bank.store.begin() as session:
        session.put(replace(intent, tx_hash=tx_hash))


def _forget(bank: Bank, intent: Intent) -> None:
    with bank.store.begin() as session:
        session.remove(Intent, intent_id=intent.intent_id)
