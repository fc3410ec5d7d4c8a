"""`carbonbank fleet` and the bank's half of `carbonbank programme`: who takes part."""

from pathlib import Path

import click

from carbonbank.bootstrap.keys import open_keystore
from carbonbank.cli.files import read_file
from carbonbank.cli.opening import MONTH, tell, the_bank
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings
from carbonbank.service.certify_methodology import certify_methodology
from carbonbank.service.enrol_vehicle import enrol_vehicle
from carbonbank.service.move_vehicle import move_vehicle
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme


@click.group()
def fleet() -> None:
    """Fleets and their vehicles."""


@fleet.command("register")
@click.argument("handle")
@click.option("--title", required=True, help="How people call it.")
@click.option("--operator", required=True, help="Account of its operator.")
@json_option
def register(handle: str, *, title: str, operator: str, as_json: bool) -> None:
    """Register the fleet HANDLE."""
    with the_bank() as bank:
        done = register_fleet(bank, handle=handle, title=title, operator=operator)
    tell(done, as_json=as_json)


@fleet.command("enrol")
@click.argument("handle")
@click.argument("vehicle_id")
@click.option("--vin", required=True, help="Kept as a keyed commitment alone.")
@click.option("--category", required=True, help="Such as M1 or L7e.")
@click.option("--powertrain", required=True, help="Such as battery_electric.")
@click.option("--from-month", required=True, type=MONTH, help="First creditable month.")
@json_option
def enrol(
    handle: str,
    vehicle_id: str,
    *,
    vin: str,
    category: str,
    powertrain: str,
    from_month: int,
    as_json: bool,
) -> None:
    """Enrol VEHICLE_ID in the fleet HANDLE."""
    with the_bank() as bank:
        done = enrol_vehicle(
            bank,
            fleet=handle,
            vehicle_id=vehicle_id,
            vin=vin,
            category=category,
            powertrain=powertrain,
            from_month=from_month,
        )
    tell(done, as_json=as_json)


@fleet.command("move")
@click.argument("handle")
@click.argument("vehicle_id")
@click.argument("to_fleet")
@click.option("--as", "to_vehicle_id", default="", help="The other fleet's name for the vehicle.")
@click.option("--from-month", required=True, type=MONTH, help="First month there; a future one.")
@json_option
def move(
    handle: str,
    vehicle_id: str,
    to_fleet: str,
    *,
    to_vehicle_id: str,
    from_month: int,
    as_json: bool,
) -> None:
    """Move VEHICLE_ID from the fleet HANDLE to TO_FLEET, from the first of a month on."""
    with the_bank() as bank:
        done = move_vehicle(
            bank,
            fleet=handle,
            vehicle_id=vehicle_id,
            to_fleet=to_fleet,
            to_vehicle_id=to_vehicle_id,
            from_month=from_month,
        )
    tell(done, as_json=as_json)


@click.command("register")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def register_programme_command(file: Path, *, as_json: bool) -> None:
    """Register the programme in FILE for the fleet it names."""
    content = read_file(file)
    with the_bank() as bank:
        done = register_programme(bank, content=content)
    known = {"programme": done.handle, "fleet": done.fleet, "methodology_id": done.methodology_id}
    show(known | {"demo": done.demo}, as_json=as_json)


@click.command("certify")
@click.argument("handle")
@click.option(
    "--keystore",
    type=click.Path(path_type=Path),
    help="The certifier's own keys (CARBONBANK_CERTIFIER_PASSPHRASE); a demo has its own.",
)
@json_option
def certify_command(handle: str, *, keystore: Path | None, as_json: bool) -> None:
    """Certify the methodology of the programme HANDLE, as the certifier."""
    passphrase = Settings().certifier_passphrase
    keys = open_keystore(keystore, passphrase, at_terminal()) if keystore else None
    with the_bank(certifier=keys) as bank:
        done = certify_methodology(bank, handle)
    tell(done, as_json=as_json)
