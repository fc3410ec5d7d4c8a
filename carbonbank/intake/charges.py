"""Charging sessions in: energy records beside trips, with what is missing said aloud."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from carbonbank.domain.charge import Charge
from carbonbank.domain.issue import RowIssue
from carbonbank.intake.upload import issue_at

_MOMENT = pa.timestamp("s", "UTC")
CHARGE_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("vehicle_id", pa.string(), nullable=False),
        pa.field("start_at", _MOMENT, nullable=False),
        pa.field("end_at", _MOMENT, nullable=False),
        pa.field("energy_grid_wh", pa.int64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_record_id", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
    ]
)

# The fleet's own list: which vehicle a charging token (its uid or contract) belongs to. The empty
# text says of a token that it is of no vehicle of the fleet.
TokenBook = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCharges:
    """What a file says about charging, after credits are netted.

    A trip that is left out makes a claim smaller; a charge that is left out makes it larger. So
    whoever measures by these may do so only while `left_out` is 0.

    Attributes:
        table: `CHARGE_SCHEMA`, energy in Wh as metered on the grid's side, upward.
        credited: record ids of charges that are taken back, in this file or another.
        issues: what was taken back, told twice, or could not be read.
        left_out: charges that happened and are not in the table.
        format: the name of the format.
        rows_read: records in the file.
    """

    table: pa.Table
    credited: tuple[str, ...] = ()
    issues: tuple[RowIssue, ...]
    left_out: int
    format: str
    rows_read: int


def gathered(
    charges: Iterable[tuple[int, Charge]],
    *,
    issues: list[RowIssue],
    left_out: int,
    format_name: str,
    rows_read: int,
) -> RawCharges:
    """Put charges of a file together: one record id is one charge, told once or alike."""
    by_id: dict[str, list[tuple[int, Charge]]] = {}
    for row, charge in charges:
        by_id.setdefault(charge.source_record_id, []).append((row, charge))
    table = []
    for identity, told in by_id.items():
        row, charge = told[0]
        if any(other != charge for _, other in told):
            issues.append(issue_at(row, "conflicting_charges", "", identity))
            left_out += 1
            continue
        issues += [issue_at(other, "duplicate_charge", "", identity) for other, _ in told[1:]]
        if charge.vehicle_id:
            table.append(_cells(row, charge))
    return RawCharges(
        table=pa.Table.from_pylist(table, schema=CHARGE_SCHEMA),
        issues=tuple(sorted(issues, key=lambda issue: (issue.row, issue.code))),
        left_out=left_out,
        format=format_name,
        rows_read=rows_read,
    )


def _cells(row: int, charge: Charge) -> dict[str, object]:
    names = (name for name in CHARGE_SCHEMA.names if name != "row")
    return {name: getattr(charge, name) for name in names} | {"row": row}
