"""Opens the chain of the data directory in a process of its own and prints what it holds as JSON.

Nothing here reads the bank's tables: amounts come from the contracts' views, the rest from events.
"""

import json
from typing import Any

from carbonbank.bootstrap.open_bank import open_bank
from carbonbank.config import Settings
from carbonbank.ports import Chain

NOBODY = "0x" + "0" * 40


def main() -> None:
    with open_bank(Settings()) as bank:
        print(json.dumps(facts(bank.chain), default=lambda value: "0x" + bytes(value).hex()))


def facts(chain: Chain) -> dict[str, Any]:
    head = chain.head()
    events = [
        {
            "name": event.name,
            "contract": event.contract,
            "tx_hash": event.tx_hash,
            "block_number": event.block_number,
            "block_hash": event.block_hash,
            "log_index": event.log_index,
            "actor": event.actor,
            "nonce": event.nonce,
            "fields": told(event.fields),
        }
        for event in chain.events(0, head.number)
    ]
    people = sorted(
        {
            event["fields"][side]
            for event in events
            if event["name"] in {"Transfer", "TransferSingle"}
            for side in ("from", "to")
        }
        - {NOBODY}
    )
    issued = [e["fields"]["batch_id"] for e in events if e["name"] == "BatchIssued"]
    identity = chain.identity
    return {
        "identity": {
            "chain_id": identity.chain_id,
            "bank": identity.bank,
            "market": identity.market,
            "money": identity.money,
        },
        "head": {"number": head.number, "block_hash": head.block_hash},
        "events": events,
        "batches": {f"{number:064x}": _batch(chain, number, people) for number in issued},
        "money_units": {one: chain.money_units(one) for one in people},
    }


def _batch(chain: Chain, number: int, people: list[str]) -> dict[str, Any]:
    amounts = chain.batch(number)
    held = {one: chain.held_g(one, number) for one in people}
    return {
        "status": amounts.status.name,
        "month": amounts.month,
        "issued_g": amounts.issued_g,
        "claimable_g": amounts.claimable_g,
        "buffer_g": amounts.buffer_g,
        "retired_g": amounts.retired_g,
        "cancelled_g": amounts.cancelled_g,
        "held_g": {one: amount_g for one, amount_g in held.items() if amount_g},
    }


def told(value: Any) -> Any:
    """Return an event's field as JSON can hold it; a claim is a mapping of its fields."""
    if isinstance(value, dict):
        return {key: told(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [told(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {key: told(getattr(value, key)) for key in value.__dataclass_fields__}
    return value


if __name__ == "__main__":
    main()
