"""`carbonbank trips`: templates, tables of no known format, charging sessions and their tokens."""

import json
from pathlib import Path
from typing import Any

import click

from carbonbank.cli.files import read_file, write_file
from carbonbank.cli.opening import tell, the_bank
from carbonbank.cli.printing import json_option, show
from carbonbank.domain.codec import encode
from carbonbank.errors import MappingInvalid
from carbonbank.intake.canonical import template_csv
from carbonbank.intake.workbook import template_xlsx
from carbonbank.service.import_charges import import_charges
from carbonbank.service.map_columns import (
    assign_token,
    confirm_mapping,
    list_mappings,
    propose_mapping,
)
from carbonbank.service.withdraw_charges import withdraw_charges

fleet_option = click.option("--fleet", required=True, help="Handle of the fleet.")
FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def trips() -> None:
    """How files of trips and charges are read."""


@trips.command("template")
@click.argument("target", type=click.Path(path_type=Path))
@json_option
def template(target: Path, *, as_json: bool) -> None:
    """Write an empty table of trips to TARGET (.csv or .xlsx)."""
    write_file(target, template_xlsx() if target.suffix == ".xlsx" else template_csv())
    told = "one row a trip, whole numbers, UTC times"
    show({"written": str(target)}, as_json=as_json, line=lambda one: f"{one['written']}: {told}")


@trips.command("propose")
@FILE
@fleet_option
@click.option("--name", required=True, help="What the mapping is to be called.")
@click.option("--sheet", help="The sheet of a workbook with several.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the mapping there, to fill in.")
@json_option
def propose(
    file: Path, *, fleet: str, name: str, sheet: str | None, out: Path | None, as_json: bool
) -> None:
    """Say what the columns of FILE may be, and what has to be answered first."""
    data = read_file(file)
    with the_bank() as bank:
        found = propose_mapping(
            bank, fleet=fleet, filename=file.name, data=data, name=name, options={"sheet": sheet}
        )
    if out is not None:
        write_file(out, json.dumps(found.mapping, indent=2, ensure_ascii=False).encode() + b"\n")
    tell(found, as_json=as_json, line=_proposal_lines)


def _proposal_lines(found: dict[str, Any]) -> str:
    mapping = found["mapping"]
    lines = [f"read as {mapping['kind']}, times as {mapping['time_format'] or '?'}"]
    lines += [
        f"{name}: {one['column']}" + (f" in {one['unit']}" if one["unit"] else "")
        for name, one in mapping["columns"].items()
    ]
    lines += [f"not read: {', '.join(found['unused'])}"] if found["unused"] else []
    return "\n".join([*lines, *(f"question: {one}" for one in found["questions"])])


@trips.command("confirm")
@FILE
@fleet_option
@json_option
def confirm(file: Path, *, fleet: str, as_json: bool) -> None:
    """Confirm the mapping in FILE (JSON): from now on it reads tables with its header."""
    try:
        mapping = json.loads(read_file(file))
    except (ValueError, RecursionError) as error:
        raise MappingInvalid(problems=f"{file} is no JSON ({type(error).__name__})") from error
    with the_bank() as bank:
        done = confirm_mapping(bank, fleet=fleet, mapping=mapping)
    tell(done, as_json=as_json, line=lambda one: f"{one['name']}: {one['kind']}, confirmed")


@trips.command("mappings")
@fleet_option
@json_option
def mappings(*, fleet: str, as_json: bool) -> None:
    """List the confirmed mappings of a fleet."""
    with the_bank() as bank:
        found = list_mappings(bank, fleet=fleet)
    show(
        [encode(one) for one in found],
        as_json=as_json,
        line=lambda rows: "\n".join(f"{one['name']}: {one['kind']}" for one in rows) or "none",
    )


@trips.command("token")
@click.argument("token")
@fleet_option
@click.option("--vehicle", default="", help="Whose it is; without one it is nobody's.")
@json_option
def token_command(token: str, *, fleet: str, vehicle: str, as_json: bool) -> None:
    """Say whose the charging TOKEN (or contract) is."""
    with the_bank() as bank:
        done = assign_token(bank, fleet=fleet, token=token, vehicle_id=vehicle)
    tell(done, as_json=as_json)


@trips.command("charges")
@FILE
@fleet_option
@click.option("--sheet", help="The sheet of a workbook with several.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and store nothing.")
@json_option
def charges(file: Path, *, fleet: str, sheet: str | None, dry_run: bool, as_json: bool) -> None:
    """Import FILE of charging sessions: whole, or not at all."""
    data = read_file(file)
    with the_bank() as bank:
        done = import_charges(
            bank,
            fleet=fleet,
            filename=file.name,
            data=data,
            options={"sheet": sheet},
            dry_run=dry_run,
        )
    tell(done, as_json=as_json, line=_charge_lines)


@trips.command("withdraw-charges")
@click.argument("file_hash")
@fleet_option
@json_option
def withdraw(file_hash: str, *, fleet: str, as_json: bool) -> None:
    """Take back the file of charges FILE_HASH while no batch counts a session of it."""
    with the_bank() as bank:
        done = withdraw_charges(bank, fleet=fleet, file_hash=file_hash)
    tell(done, as_json=as_json)


def _charge_lines(done: dict[str, Any]) -> str:
    file = done["file"]
    lines = [
        f"{file['filename']}: {file['format']}, {file['rows_read']} rows, "
        f"{file['sessions_new']} sessions new, {file['sessions_known']} known already"
        + (" (imported before)" if done["repeated"] else ""),
        f"file {file['file_hash']}",
    ]
    lines += [
        f"row {i['row']} {i['column']}: {i['code']} ({i['severity']}) {i['value']}; {i['hint']}"
        for i in done["issues"]
    ]
    return "\n".join(lines)
