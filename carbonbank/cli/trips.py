"""Trips in: `import`, `month close|preview|reopen`, `upload withdraw`."""

from pathlib import Path
from typing import Any

import click

from carbonbank.cli.discounts import discount_texts
from carbonbank.cli.files import read_file
from carbonbank.cli.opening import MONTH, tell, the_bank
from carbonbank.cli.printing import json_option
from carbonbank.service.close_month import close_month
from carbonbank.service.import_trips import import_trips
from carbonbank.service.preview_month import preview_month
from carbonbank.service.reopen_month import reopen_month
from carbonbank.service.withdraw_upload import withdraw_upload


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--fleet", required=True, help="Handle of the fleet.")
@click.option("--programme", required=True, help="Programme whose rules the trips meet.")
@click.option("--format", help="Insist on a format; without it the content tells.")
@click.option("--vehicle", "vehicle_id", help="The vehicle of a log that names none.")
@click.option("--zone", help="IANA time zone of local clocks that name none.")
@click.option("--day", help="Day (YYYY-MM-DD) of a log whose clock has no date.")
@click.option("--sheet", help="The sheet of a workbook with several.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and store nothing.")
@json_option
def import_command(
    file: Path, *, fleet: str, programme: str, dry_run: bool, as_json: bool, **options: str | None
) -> None:
    """Import FILE of trips: accepted, mended, quarantined or refused, row by row.

    What the file itself does not say is never guessed: it comes from the options.
    """
    data = read_file(file)
    with the_bank() as bank:
        done = import_trips(
            bank,
            fleet=fleet,
            programme=programme,
            filename=file.name,
            data=data,
            options=options,
            dry_run=dry_run,
        )
    tell(done, as_json=as_json, line=_import_lines)


def _import_lines(done: dict[str, Any]) -> str:
    upload = done["upload"]
    lines = [
        f"{upload['filename']}: {upload['format']}, {upload['rows_read']} rows, "
        f"{upload['trips_accepted']} trips accepted, {upload['trips_quarantined']} quarantined, "
        f"{upload['trips_duplicate']} known already, {upload['trips_late']} late"
        + (" (imported before)" if done["repeated"] else ""),
        f"file {upload['file_hash']}",
    ]
    lines += [
        f"{m['month']}: {m['trips']} trips, about {m['reduction_g']} g" for m in done["months"]
    ]
    lines += [
        f"row {i['row']} {i['column']}: {i['code']} ({i['severity']}) {i['value']}; {i['hint']}"
        for i in done["issues"]
    ]
    return "\n".join(lines)


@click.group()
def month() -> None:
    """Months of a fleet's vehicles: the unit of credit."""


@month.command("close")
@click.argument("fleet")
@click.argument("month", type=MONTH)
@click.option("--vehicle", help="One vehicle; without it all of the fleet.")
@json_option
def close(fleet: str, month: int, *, vehicle: str | None, as_json: bool) -> None:
    """Close MONTH (YYYY-MM) of FLEET, so that it can be sealed."""
    with the_bank() as bank:
        done = close_month(bank, fleet=fleet, month=month, vehicle_id=vehicle)
    tell(done, as_json=as_json)


@month.command("preview")
@click.argument("fleet")
@click.argument("month", type=MONTH)
@click.option("--programme", required=True, help="Programme to see it under.")
@json_option
def preview(fleet: str, month: int, *, programme: str, as_json: bool) -> None:
    """Show what sealing MONTH (YYYY-MM) of FLEET now would find, and why each discount."""
    with the_bank() as bank:
        seen = preview_month(bank, fleet=fleet, programme=programme, month=month)
    tell(seen, as_json=as_json, line=_preview_lines)


def _preview_lines(seen: dict[str, Any]) -> str:
    lines = [f"{seen['month']} under {seen['method']}: {seen['reduction_g']} g"]
    if seen["fixed_discount_bps"]:
        lines.append(f"every gain loses {seen['fixed_discount_bps']} bps, whatever the data are")
    for one in seen["vehicles"]:
        lines.append(
            f"{one['vehicle_id']} ({one['state']}): {one['trips_accepted']} trips,"
            f" {one['trips_quarantined']} kept out, {one['trips_late']} late,"
            f" {one['distance_m'] / 1000:.1f} km, discount {one['discount_bps']} bps,"
            f" {one['reduction_g']} g"
        )
        if one["project_ug_per_kwh"] is not None:
            own = f"{one['project_ug_per_kwh'] / 10**6:.3f} g per kWh with losses"
            lines.append(f"  {one['charges']} sessions; their hours make it {own}")
        lines += discount_texts(one["discount_lines"])
    lines += [f"would be refused: {one}" for one in seen["refusals"]]
    lines += [] if seen["may_issue"] else ["shown and never issued"]
    return "\n".join(lines)


@month.command("reopen")
@click.argument("fleet")
@click.argument("month", type=MONTH)
@click.option("--vehicle", help="One vehicle; without it all of the fleet.")
@json_option
def reopen(fleet: str, month: int, *, vehicle: str | None, as_json: bool) -> None:
    """Reopen MONTH (YYYY-MM) of FLEET, as long as no verifier has signed for it."""
    with the_bank() as bank:
        done = reopen_month(bank, fleet=fleet, month=month, vehicle_id=vehicle)
    tell(done, as_json=as_json)


@click.group()
def upload() -> None:
    """Uploaded files."""


@upload.command("withdraw")
@click.argument("fleet")
@click.argument("file_hash")
@json_option
def withdraw(fleet: str, file_hash: str, *, as_json: bool) -> None:
    """Take back the upload FILE_HASH of FLEET while its trips are in no batch."""
    with the_bank() as bank:
        done = withdraw_upload(bank, fleet=fleet, file_hash=file_hash)
    tell(done, as_json=as_json)
