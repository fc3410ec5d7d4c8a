"""Which serials of a cancelled batch are covered by which serials of another batch."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from carbonbank.domain.claim import batch_text
from carbonbank.domain.records import ChainLog

REPLACED = "RetirementReplaced"
"""The event that says so; its logs are the record, no table repeats them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Serials (offsets in a batch, both ends included) of a cancelled batch and of its source."""

    batch_id: str
    serial_first: int
    serial_last: int
    source_batch_id: str
    source_serial_first: int
    source_serial_last: int
    tx_hash: str

    @property
    def amount_g(self) -> int:
        """Grams replaced."""
        return self.serial_last - self.serial_first + 1


def replacements_of(logs: Iterable[ChainLog]) -> tuple[Replacement, ...]:
    """Return what the logs named `REPLACED` tell, in their order."""
    return tuple(_replacement(log) for log in logs if log.name == REPLACED)


def _replacement(log: ChainLog) -> Replacement:
    fields = json.loads(log.fields)
    return Replacement(
        batch_id=batch_text(int(fields["batch_id"])),
        serial_first=int(fields["from_serial"]),
        serial_last=int(fields["to_serial"]),
        source_batch_id=batch_text(int(fields["source_batch_id"])),
        source_serial_first=int(fields["source_from_serial"]),
        source_serial_last=int(fields["source_to_serial"]),
        tx_hash=log.tx_hash,
    )
