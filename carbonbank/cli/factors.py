"""`carbonbank factors`: the library with provenance, licence and state of every row."""

from dataclasses import asdict
from typing import Any

import click

from carbonbank.cli.printing import json_option, show
from carbonbank.domain.factor import Factor
from carbonbank.errors import NotFound
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.grid_choice import MARGINS, choose_grid


@click.group()
def factors() -> None:
    """Emission factors that ship with the bank."""


@factors.command("list")
@click.argument("text", default="")
@click.option("--state", default="", help="Only of this state, such as concordant.")
@json_option
def list_command(text: str, *, state: str, as_json: bool) -> None:
    """List factors whose id or region has TEXT in it."""
    wanted = text.lower()
    found = [
        _facts(one)
        for _, one in sorted(load_factors().items())
        if wanted in f"{one.factor_id} {one.region}".lower() and state in {"", one.state}
    ]
    show(
        {"factors": found},
        as_json=as_json,
        line=lambda value: "\n".join(_line(one) for one in value["factors"]) or "none",
    )


@factors.command("show")
@click.argument("factor_id")
@json_option
def show_factor(factor_id: str, *, as_json: bool) -> None:
    """Show one factor with its source, licence and state."""
    factor = load_factors().get(factor_id)
    if factor is None:
        raise NotFound(kind="factor", key=factor_id)
    show(_facts(factor), as_json=as_json)


@factors.command("choose")
@click.argument("region")
@click.option("--year", required=True, type=int, help="Data of this year or older.")
@click.option("--margin", required=True, type=click.Choice(MARGINS), help="Which margin.")
@json_option
def choose(region: str, *, year: int, margin: str, as_json: bool) -> None:
    """Choose the grid factor of REGION by the rule that packages are held to."""
    factor = choose_grid(load_factors(), region=region, year=year, margin=margin)
    show(_facts(factor), as_json=as_json, line=_line)


def _facts(factor: Factor) -> dict[str, Any]:
    return asdict(factor) | {"value": str(factor.value), "state": factor.state.value}


def _line(facts: dict[str, Any]) -> str:
    return (
        f"{facts['factor_id']}: {facts['value']} {facts['unit']}, {facts['state']},"
        f" {facts['region']} {facts['year']}, licence {facts['licence']}"
    )
