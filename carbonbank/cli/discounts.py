"""The lines of a discount as the operator reads them."""

from collections.abc import Sequence
from typing import Any


def discount_texts(lines: Sequence[dict[str, Any]]) -> list[str]:
    """Say measure by measure what a vehicle-month loses and what would raise it."""
    return [_text(line) for line in lines]


def _text(line: dict[str, Any]) -> str:
    share = f"  {line['measure']} {line['share_bps'] / 100:.2f} % ({line['what']})"
    if line["below_bps"] is None:
        return f"{share}: no step applies"
    limit = f"{line['below_bps'] / 100:.2f} %"
    return f"{share}: below {limit}, {line['discount_bps']} bps; {line['remedy']}"
