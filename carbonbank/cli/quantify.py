"""`carbonbank quantify FILE... --programme FILE`: grams from files, without a bank."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from carbonbank.cli.discounts import discount_texts
from carbonbank.cli.files import read_file
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.programme import load_package
from carbonbank.config import SystemClock
from carbonbank.intake.reader import FileReader
from carbonbank.mrv.compliance import compliance_units
from carbonbank.mrv.monitoring import Monitored, monitor
from carbonbank.mrv.package import MethodologyPackage
from carbonbank.mrv.trips import concat
from carbonbank.units import month_label


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--programme",
    "programme_file",
    required=True,
    type=click.Path(path_type=Path),
    help="Programme file whose rules and factors count.",
)
@click.option("--format", "format_", help="Insist on a format instead of recognising it.")
@json_option
def quantify(
    files: tuple[Path, ...], programme_file: Path, format_: str | None, *, as_json: bool
) -> None:
    """Read, validate and quantify the trips in FILES; nothing is stored or issued."""
    package = load_package(programme_file)
    options = {**package.programme.reading.model_dump(), "format": format_}
    raws = [FileReader().read(read_file(file), file.name, options) for file in files]
    done = monitor(concat(raws), package, SystemClock().now_at())
    show(_facts(package, done), as_json=as_json, line=_lines)


def _facts(package: MethodologyPackage, done: Monitored) -> dict[str, Any]:
    return {
        "programme": package.programme.handle,
        "demo": package.programme.demo,
        "method": package.programme.method,
        "never_issued": package.programme.NEVER_ISSUED,
        "compliance_units": compliance_units(package.programme.method, done.exact_reduction_g),
        "methodology_id": package.methodology_id.hex(),
        "rows_read": done.rows_read,
        "issues": done.issue_counts,
        "months": [
            {
                "month": month_label(month.month),
                "vehicle_id": month.vehicle_id,
                "trips": month.trips,
                "distance_m": month.distance_m,
                "discount_bps": month.discount_bps,
                "discount_lines": [asdict(line) for line in month.discount_lines],
                "baseline_ng": month.baseline_ng,
                "project_ng": month.project_ng,
                "reduction_g": month.reduction_g,
            }
            for month in done.months
        ],
        "trips": done.trips.num_rows,
        "distance_m": sum(month.distance_m for month in done.months),
        "reduction_g": done.reduction_g,
        "exact_reduction_g": f"{done.exact_reduction_g:.9f}",
        "bound_g": f"{done.bound_g:.9f}",
    }


def _lines(facts: dict[str, Any]) -> str:
    demo = " (DEMO)" if facts["demo"] else ""
    lines = [
        f"programme {facts['programme']}{demo}, methodology {facts['methodology_id']}",
        f"read {facts['rows_read']} rows",
        *(f"{count} × {issue}" for issue, count in facts["issues"].items()),
    ]
    for month in facts["months"]:
        lines.append(
            f"{month['month']} {month['vehicle_id']}: {month['trips']} trips,"
            f" {month['distance_m'] / 1000:.1f} km, discount {month['discount_bps']} bps,"
            f" {month['reduction_g']} g"
        )
        lines += discount_texts(month["discount_lines"])
    km = facts["distance_m"] / 1000
    lines += [
        f"total {facts['trips']} trips, {km:.1f} km: {facts['reduction_g']} g",
        f"exact {facts['exact_reduction_g']} g before rounding and discount",
        f"rounding may take up to {facts['bound_g']} g",
    ]
    if facts["compliance_units"] is not None:
        lines.append(f"compliance units {facts['compliance_units']}")
    if facts["never_issued"]:
        lines.append(f"shown and never issued: {facts['never_issued']}")
    elif facts["reduction_g"] <= 0:
        lines.append("the total is not positive: nothing would be issued")
    return "\n".join(lines)
