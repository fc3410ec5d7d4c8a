"""`carbonbank methodology show|diff`: packages by file, by programme or by their own hash."""

import zipfile
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import click

from carbonbank.cli.files import read_file
from carbonbank.cli.opening import the_bank
from carbonbank.cli.printing import json_option, show
from carbonbank.errors import PackageInvalid
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.coefficients import compile_coefficients
from carbonbank.mrv.compare import Difference, differences
from carbonbank.mrv.package import MethodologyPackage, build_package, issuable, parse_package
from carbonbank.mrv.programme import FORMAT as PROGRAMME_FORMAT
from carbonbank.mrv.programme import parse_programme
from carbonbank.service.find_methodology import find_methodology

MEMBER = "package.json"


@click.command("show")
@click.argument("methodology")
@click.option("--canonical", is_flag=True, help="Print the hashed bytes alone (RFC 8785).")
@json_option
def show_command(methodology: str, *, canonical: bool, as_json: bool) -> None:
    """Show METHODOLOGY: a package, programme or audit package file, or one of the bank's.

    The bank's are named by programme or by the first digits of the hash.
    """
    package = _package(methodology)
    if canonical:
        click.echo(package.canonical, nl=False)
        return
    show(_facts(package), as_json=as_json, line=_lines)


@click.command("diff")
@click.argument("old")
@click.argument("new")
@json_option
def diff(old: str, new: str, *, as_json: bool) -> None:
    """Show what NEW has other than OLD, path by path; both as `methodology show` takes them."""
    before, after = _package(old), _package(new)
    found = differences(before, after)
    facts = {
        "old": before.methodology_id.hex(),
        "new": after.methodology_id.hex(),
        "differences": [asdict(one) for one in found],
        "effect": _effect(before, after),
    }
    show(facts, as_json=as_json, line=_told)


def _package(name: str) -> MethodologyPackage:
    """Read a package from where it is: a file of three kinds, or the bank."""
    path = Path(name)
    if not path.is_file():
        with the_bank() as bank:
            return find_methodology(bank, name)
    content = read_file(path)
    if zipfile.is_zipfile(BytesIO(content)):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if MEMBER not in archive.namelist():
                raise PackageInvalid(reason=f"{name} has no {MEMBER}")
            content = archive.read(MEMBER)
    if f'"{PROGRAMME_FORMAT}"'.encode() in content and b'"factors"' not in content:
        return build_package(parse_programme(content), load_factors())
    return parse_package(content)


def _facts(package: MethodologyPackage) -> dict[str, Any]:
    programme = package.programme
    return {
        "methodology_id": package.methodology_id.hex(),
        "bytes": len(package.canonical),
        "document": package.document,
        "coefficients": compile_coefficients(package, programme.base_year).integers,
        "blocks_issuing_embedded": issuable(package, embedded=True),
        "blocks_issuing_elsewhere": issuable(package, embedded=False),
    }


def _lines(facts: dict[str, Any]) -> str:
    document = facts["document"]
    programme, code = document["programme"], document["code"]
    lines = [
        f"methodology {facts['methodology_id']}, {facts['bytes']} bytes",
        f"programme {programme['handle']}: {programme['title']}",
        f"method {code['method']}, code version {code['version']}, class {document['class_label']}"
        + (", DEMO" if document["demo"] else ""),
        *(f"{step}: {equation}" for step, equation in sorted(document["equations"].items())),
    ]
    for role, row in sorted(document["factors"].items()):
        lines += [
            f"factor {role}: {row['factor_id']} = {row['value']} {row['unit']}, {row['state']}",
            f"  {row['region']}, {row['year']}, {row['boundary']}, {row['gas_basis'] or 'no gas'}",
            f"  {row['source']}; licence: {row['licence']}",
        ]
        if "hours" in row:
            hours = row["hours"]
            lines.append(
                f"  {len(hours['values'])} hours from {hours['first_hour']},"
                f" SHA-256 {hours['sha256']}"
            )
    lines += [
        f"declared {place}: {value.value} {value.unit}, evidence: {value.evidence}"
        for place, value in parse_programme(programme).declared.items()
    ]
    lines += [f"compiled {name}: {value}" for name, value in facts["coefficients"].items()]
    for chain, where in (("embedded", "the embedded chain"), ("elsewhere", "any other chain")):
        blocks = facts[f"blocks_issuing_{chain}"]
        lines.append(f"on {where}: {'; '.join(blocks) if blocks else 'may issue'}")
    return "\n".join(lines)


def _effect(before: MethodologyPackage, after: MethodologyPackage) -> dict[str, list[int]]:
    """Return the coefficients that differ in the first year that both count."""
    year = max(before.programme.base_year, after.programme.base_year)
    old, new = (compile_coefficients(one, year).integers for one in (before, after))
    names = sorted(old.keys() | new.keys())
    return {
        name: [old.get(name, 0), new.get(name, 0)]
        for name in names
        if old.get(name, 0) != new.get(name, 0)
    } | {"year": [year, year]}


def _told(facts: dict[str, Any]) -> str:
    if facts["old"] == facts["new"]:
        return f"both are {facts['old']}"
    lines = [f"old {facts['old']}", f"new {facts['new']}"]
    lines += [str(Difference(**one)) for one in facts["differences"]]
    effect = facts["effect"]
    year = effect.pop("year")[0]
    lines += [f"compiled for {year}: {k} {old} → {new}" for k, (old, new) in effect.items()]
    if not effect:
        lines.append(f"compiled for {year}: the same coefficients")
    return "\n".join(lines)
