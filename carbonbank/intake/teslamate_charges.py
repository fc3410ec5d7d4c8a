"""The table `charging_processes` of TeslaMate, as its database writes it to CSV.

Columns as in teslamate-org/teslamate `lib/teslamate/log/charging_process.ex` (AGPL-3.0; names
alone): times are UTC without saying so, energies are kWh. `charge_energy_used` is on the grid's
side, `charge_energy_added` is what came to the battery. The former is reckoned from samples of
power and can fall below the latter; then the latter counts, as it does for TeslaMate's own costs.
"""

from carbonbank.domain.charge import Charge
from carbonbank.domain.issue import RowIssue
from carbonbank.intake.charges import RawCharges, TokenBook, gathered
from carbonbank.intake.record import Record, Unreadable
from carbonbank.intake.text_table import read_text_table
from carbonbank.intake.upload import Upload, issue_at

NAME = "teslamate_charges"
REQUIRED = (
    "id", "car_id", "start_date", "end_date", "charge_energy_added", "charge_energy_used",
)  # fmt: skip


def fits(header: list[str]) -> bool:
    """Say whether a header is of this table."""
    return len(set(header)) == len(header) and set(REQUIRED) <= set(header)


def read(upload: Upload, delimiter: str, vehicles: TokenBook) -> RawCharges:
    """Read charges; a car's id is its vehicle's, unless the fleet's book says another."""
    table = read_text_table(upload, NAME, delimiter)
    cells = zip(*(table.texts(column) for column in REQUIRED), strict=True)
    issues: list[RowIssue] = table.issues
    charges: list[tuple[int, Charge]] = []
    left_out = len(issues)
    for row, values in zip(table.lines.tolist(), cells, strict=True):
        record = Record(row, dict(zip(REQUIRED, values, strict=True)))
        if not record.has("end_date"):
            issues.append(issue_at(row, "charge_ongoing", "end_date", "empty"))
            continue
        try:
            charges.append((row, _charge(record, vehicles)))
        except Unreadable as wrong:
            left_out += 1
            issues.append(issue_at(row, wrong.code, wrong.column, wrong.value, wrong.limit))
        issues += record.issues
    return gathered(
        charges, issues=issues, left_out=left_out, format_name=NAME, rows_read=table.rows_read
    )


def _charge(record: Record, vehicles: TokenBook) -> Charge:
    car = record.text("car_id")
    if not record.has("charge_energy_used"):
        raise Unreadable("charge_not_metered", "charge_energy_used", None)
    grid_wh = record.ceil("charge_energy_used", 1_000)
    added_wh = record.ceil("charge_energy_added", 1_000) if record.has("charge_energy_added") else 0
    if grid_wh < 0 or added_wh < 0:
        raise Unreadable("unreadable_value", "charge_energy_used", f"{grid_wh} Wh", ">= 0 kWh")
    if grid_wh < added_wh:
        value = f"{grid_wh} Wh used, {added_wh} Wh added"
        record.issues.append(
            issue_at(record.row, "charge_below_battery", "charge_energy_used", value)
        )
    return Charge(
        vehicle_id=vehicles.get(car, car),
        start_at=record.moment("start_date", naive_is_utc=True),
        end_at=record.moment("end_date", naive_is_utc=True),
        energy_grid_wh=max(grid_wh, added_wh),
        source=NAME,
        source_record_id=f"charge-{record.text('id')}",
    )
