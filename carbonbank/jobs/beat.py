"""The worker's sign of life: one line a second on the pipe to the web process."""

import json
from dataclasses import asdict, dataclass
from typing import Any

BEAT_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """How the worker is: how far it followed the chain, what it found in the books, what ails it.

    `findings` counts what the reconciliation at `reconciled_at` (ISO 8601) found; `trouble` is the
    last sentence of a chain or database that does not answer, empty while all is well.
    """

    synced_block: int
    reconciled_at: str
    findings: int
    trouble: str = ""


def beat_line(beat: Beat) -> bytes:
    """Write a beat as one line."""
    return json.dumps(asdict(beat), ensure_ascii=True).encode() + b"\n"


def beat_of(line: bytes) -> Beat:
    """Read a beat from its line."""
    told: dict[str, Any] = json.loads(line)
    return Beat(**told)
