"""Serial ranges as people write them: `CB-<fleet>-<yyyymm>-<8 hex of batchId>-<from>-<to>`.

A serial is an offset 1..issuedG inside its batch, both ends of a range included; one is one gram.
"""

import re
from dataclasses import dataclass

from carbonbank.errors import SerialMalformed

_FORM = re.compile(
    r"CB-(?P<fleet>[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)-(?P<year>\d{4})(?P<month>\d\d)"
    r"-(?P<prefix>[0-9a-f]{8})-(?P<first>[1-9]\d*)-(?P<last>[1-9]\d*)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialRange:
    """Grams `first_g` to `last_g` of the batch whose id starts with `batch_prefix`."""

    fleet: str
    month: int
    batch_prefix: str
    first_g: int
    last_g: int

    def __str__(self) -> str:
        yyyymm = f"{self.month // 12:04d}{self.month % 12 + 1:02d}"
        return f"CB-{self.fleet}-{yyyymm}-{self.batch_prefix}-{self.first_g}-{self.last_g}"


def serial_range(
    fleet: str, month: int, batch_id: int, *, first_g: int, last_g: int
) -> SerialRange:
    """Return the range of a retirement; `month` is the month number, `batch_id` the whole id."""
    return SerialRange(
        fleet=fleet,
        month=month,
        batch_prefix=f"{batch_id:064x}"[:8],
        first_g=first_g,
        last_g=last_g,
    )


def parse_serial(serial: str) -> SerialRange:
    """Read a serial range.

    Raises:
        SerialMalformed: another form, a month beyond 12, or a range that runs backward.
    """
    found = _FORM.fullmatch(serial)
    if not found:
        raise SerialMalformed(serial=serial, reason="it does not have the form")
    if not 1 <= int(found["month"]) <= 12:
        raise SerialMalformed(serial=serial, reason=f"there is no month {found['month']}")
    if int(found["first"]) > int(found["last"]):
        raise SerialMalformed(serial=serial, reason=f"{found['first']} is after {found['last']}")
    return SerialRange(
        fleet=found["fleet"],
        month=int(found["year"]) * 12 + int(found["month"]) - 1,
        batch_prefix=found["prefix"],
        first_g=int(found["first"]),
        last_g=int(found["last"]),
    )
