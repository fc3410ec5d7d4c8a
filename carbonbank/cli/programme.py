"""`carbonbank programme check FILE`: what a programme compiles to, and what blocks issuing."""

from pathlib import Path
from typing import Any

import click

from carbonbank.cli.files import read_file
from carbonbank.cli.printing import json_option, show
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.package import MethodologyPackage, build_package, issuable
from carbonbank.mrv.programme import parse_programme


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check(file: Path, *, as_json: bool) -> None:
    """Show what the programme in FILE compiles to and what keeps the bank from issuing."""
    package = load_package(file)
    show(_facts(package), as_json=as_json, line=_lines)


def load_package(file: Path) -> MethodologyPackage:
    """Build the methodology package of a programme file with the shipped factors."""
    return build_package(parse_programme(read_file(file)), load_factors())


def _facts(package: MethodologyPackage) -> dict[str, Any]:
    read = package.programme
    compiled = compile_coefficients(package, read.base_year)
    return {
        "programme": read.handle,
        "title": read.title,
        "demo": read.demo,
        "retroactive": read.retroactive,
        "class_label": read.class_label,
        "methodology_id": package.methodology_id.hex(),
        "base_year": read.base_year,
        "coefficients": {
            "energy_source": compiled.energy_source,
            "baseline_ug_per_km": compiled.baseline_ug_per_km,
            "project_ug_per_km": compiled.project_ug_per_km,
            "project_ug_per_kwh": compiled.project_ug_per_kwh,
            "capacity_wh": compiled.capacity_wh,
        },
        "factors": {
            role: {key: row[key] for key in ("factor_id", "value", "unit", "state")}
            for role, row in package.document["factors"].items()
        },
        "declared": {
            place: {"value": value.value, "unit": value.unit, "evidence": value.evidence}
            for place, value in read.declared.items()
        },
        "blocks_issuing_embedded": issuable(package, embedded=True),
        "blocks_issuing_elsewhere": issuable(package, embedded=False),
    }


def _lines(facts: dict[str, Any]) -> str:
    compiled = facts["coefficients"]
    lines = [
        f"{facts['programme']}: {facts['title']}",
        f"methodology id {facts['methodology_id']}, class {facts['class_label']}",
        f"base year {facts['base_year']}, energy from {compiled['energy_source']}",
        f"baseline {compiled['baseline_ug_per_km']} µg/km",
        f"project {compiled['project_ug_per_km']} µg/km, {compiled['project_ug_per_kwh']} µg/kWh",
    ]
    lines += [
        f"factor {role}: {row['factor_id']} = {row['value']} {row['unit']} ({row['state']})"
        for role, row in facts["factors"].items()
    ]
    lines += [
        f"declared {place}: {row['value']} {row['unit']}, evidence: {row['evidence']}"
        for place, row in facts["declared"].items()
    ]
    for chain in ("embedded", "elsewhere"):
        blocks = facts[f"blocks_issuing_{chain}"]
        where = "the embedded chain" if chain == "embedded" else "any other chain"
        lines.append(f"on {where}: {'; '.join(blocks) if blocks else 'may issue'}")
    return "\n".join(lines)
