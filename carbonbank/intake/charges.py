"""Charging sessions in: energy records beside trips, with what is missing said aloud."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from carbonbank.domain.issue import RowIssue

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

# The fleet's own list: which vehicle a charging token (its uid) belongs to.
TokenBook = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCharges:
    """What a file says about charging, after credits are netted.

    A trip that is left out makes a claim smaller; a charge that is left out makes it larger. So
    whoever measures by these may do so only while `left_out` is 0.

    Attributes:
        table: `CHARGE_SCHEMA`, energy in Wh as metered on the grid's side, upward.
        issues: what was taken back, told twice, or could not be read.
        left_out: charges that happened and are not in the table.
        format: the name of the format.
        rows_read: records in the file.
    """

    table: pa.Table
    issues: tuple[RowIssue, ...]
    left_out: int
    format: str
    rows_read: int
