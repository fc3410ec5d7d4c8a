"""`carbonbank factors`: the library with provenance, licence and state of every row."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import click

from carbonbank.cli.printing import json_option, show
from carbonbank.domain.factor import Factor
from carbonbank.domain.trip import iso_at
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


@factors.command("hours")
@click.argument("factor_id")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="One UTC day; without it all.")
@json_option
def hours(factor_id: str, *, day: datetime | None, as_json: bool) -> None:
    """Show the values of FACTOR_ID hour by hour, UTC; `none` where its source has no value."""
    found = load_factors().get(factor_id)
    if found is None or found.hours is None:
        raise NotFound(kind="factor by the hour", key=factor_id)
    wanted = day.date() if day else None
    listed = [
        {"hour": iso_at(at), "value": None if value is None else str(value)}
        for number, value in enumerate(found.hours.values)
        if (at := found.hours.first_at + timedelta(hours=number)).date() == wanted or not wanted
    ]
    facts = _facts(found) | {"values": listed}
    show(facts, as_json=as_json, line=_hour_lines)


def _hour_lines(facts: dict[str, Any]) -> str:
    lines = [_line(facts)]
    for one in facts["values"]:
        told = "none" if one["value"] is None else f"{one['value']} {facts['unit']}"
        lines.append(f"{one['hour']} {told}")
    return "\n".join(lines)


def _facts(factor: Factor) -> dict[str, Any]:
    facts = asdict(replace(factor, hours=None))
    facts |= {"value": str(factor.value), "state": factor.state.value}
    if factor.hours is None:
        del facts["hours"]
        return facts
    told = factor.hours.told
    return facts | {
        "hours": {
            "first_hour": iso_at(factor.hours.first_at),
            "hours": len(factor.hours.values),
            "without_value": len(factor.hours.values) - len(told),
            "least": str(min(told)),
            "largest": str(max(told)),
            "sha256": factor.hours.document["sha256"],
        }
    }


def _line(facts: dict[str, Any]) -> str:
    hours = facts.get("hours")
    by_hour = f", {hours['hours']} hours from {hours['first_hour']}" if hours else ""
    return (
        f"{facts['factor_id']}: {facts['value']} {facts['unit']}, {facts['state']},"
        f" {facts['region']} {facts['year']}, licence {facts['licence']}"
        f"{by_hour}"
    )
