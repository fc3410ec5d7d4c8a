"""`carbonbank verify`: a verifier's desk, from the audit package alone, without a bank.

What each command makes lies on the desk as canonical JSON: plan.json, findings.json, statement.json
and verification.json; worksheet.csv is for a person to fill in.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from carbonbank.audit import compare as comparing
from carbonbank.audit import findings as finding
from carbonbank.audit.compare_charges import compare_charges, is_of_charges
from carbonbank.audit.outcome import Refuted
from carbonbank.audit.package import Package, open_archive
from carbonbank.audit.plan import KINDS, Terms, check_plan, make_plan, told
from carbonbank.audit.reading import canonical, read_json
from carbonbank.audit.statement import typed_claim, typed_statement
from carbonbank.audit.verify import state, verify_and_attach, verify_and_sign
from carbonbank.bootstrap.keys import open_keystore
from carbonbank.cli.files import read_file, write_file
from carbonbank.cli.printing import json_option, show
from carbonbank.cli.sources import charges_in, options_of, trips_by
from carbonbank.cli.terminal import at_terminal
from carbonbank.config import Settings
from carbonbank.errors import DeskUnreadable, FieldInvalid, PackageDoesNotHold

PLAN, FINDINGS, STATEMENT, SHEET = "plan.json", "findings.json", "statement.json", "worksheet.csv"
VERIFICATION = "verification.json"
VERIFIER = "role/verifier"
REASONS = [one.value for one in finding.Reason]
ENDINGS = [one.value for one in finding.Ending]

PATH: Any = click.Path(path_type=Path)
on_package = click.argument("package", type=PATH)
on_desk = click.option(
    "--desk", default=".", show_default=True, type=PATH, help="Folder of the verifier's papers."
)
Record = dict[str, Any]
T = TypeVar("T")


@click.group()
def verify() -> None:
    """A verifier's desk: sample, compare, find, state and sign, from the package alone."""


@verify.command("plan")
@on_package
@on_desk
@click.option("--kind", default="stratified", show_default=True, type=click.Choice(KINDS),
              help="Shares, mean grams, or mean grams by vehicle.")  # fmt: skip
@click.option("--confidence", default=90, show_default=True, help="Percent: 90 or 95.")
@click.option("--precision-bps", default=1000, show_default=True, help="Relative precision.")
@click.option("--expected-bps", default=5000, show_default=True,
              help="Share of trips expected to be right (kind proportion).")  # fmt: skip
@click.option("--materiality-bps", required=True, type=int, help="What would be material.")
@click.option("--materiality-source", required=True, help="Which text or contract says so.")
@json_option
def plan(package: Path, *, desk: Path, as_json: bool, **terms: Any) -> None:
    """Plan a sample of PACKAGE: sizes by formula, trips by the report's hash."""
    terms["confidence_percent"] = terms.pop("confidence")
    made = _refutable(lambda: make_plan(_opened(package), Terms(**terms)))
    desk.mkdir(parents=True, exist_ok=True)
    write_file(desk / PLAN, canonical(made))
    show(made, as_json=as_json, line=lambda _: f"{told(made)}\nleaves {made['leaves']}")


@verify.command("sample")
@on_package
@on_desk
@json_option
def sample(package: Path, *, desk: Path, as_json: bool) -> None:
    """Write the worksheet of the drawn trips of PACKAGE, blank where a source is to be read."""
    opened, planned = _planned(package, desk)
    sheet = _refutable(lambda: comparing.worksheet(opened, planned))
    write_file(desk / SHEET, sheet.encode())
    show({"written": str(desk / SHEET), "trips": planned["size"]}, as_json=as_json)


@verify.command("compare")
@on_package
@on_desk
@click.option("--source", "sources", multiple=True, type=PATH,
              help="A file of the operator that the report names, trips or charges.")  # fmt: skip
@click.option("--readings", type=PATH, help="The worksheet as filled in from other sources.")
@click.option("--vehicle", "vehicle_id", help="The vehicle of a log that names none.")
@click.option("--zone", help="IANA time zone of local clocks that name none.")
@click.option("--day", help="Day (YYYY-MM-DD) of a log whose clock has no date.")
@click.option("--sheet", help="The sheet of a workbook with several.")
@click.option("--mapping", "mappings", multiple=True, type=PATH,
              help="How a table of no known format is read (JSON).")  # fmt: skip
@json_option
def compare(
    package: Path,
    *,
    desk: Path,
    sources: tuple[Path, ...],
    readings: Path | None,
    mappings: tuple[Path, ...],
    as_json: bool,
    **options: str | None,
) -> None:
    """Recompute drawn trips of PACKAGE from their sources; what differs becomes a finding.

    Sessions of a file of charges are held against those that the batch counts.
    """
    opened, planned = _planned(package, desk)
    told = options_of(opened, options, mappings)
    record, read, sessions = _findings(desk, planned), [], 0
    for path in sources:
        content = read_file(path)
        _, source = comparing.source_named(opened, path.name, content)
        if _refutable(partial(is_of_charges, opened, source["format"])):
            charges = charges_in(source["filename"], content, told)
            held = partial(compare_charges, opened, record, source, charges)
            record, found = _refutable(held)
            sessions += found
        else:
            read += comparing.rows_of(opened, planned, path.name, content, trips_by(told))
    if readings:
        text = read_file(readings).decode("utf-8-sig")
        read += comparing.readings_of(opened, planned, text)
    record = _refutable(lambda: comparing.compare(opened, record, read))
    _keep(desk, planned, record, as_json=as_json, sessions=sessions)


@verify.command("find")
@on_package
@on_desk
@click.option("--reason", required=True, type=click.Choice(REASONS),
              help="One of the closed list.")  # fmt: skip
@click.option("--text", required=True, help="What was seen, in words.")
@click.option("--leaf", type=int, help="The drawn trip it is about; without it the batch.")
@click.option("--effect-g", default=0, help="Grams claimed too much by it.")
@json_option
def find(
    package: Path,
    *,
    desk: Path,
    reason: str,
    text: str,
    leaf: int | None,
    effect_g: int,
    as_json: bool,
) -> None:
    """Add a finding about PACKAGE."""
    opened, planned = _planned(package, desk)
    if leaf is not None and leaf not in planned["leaves"]:
        raise DeskUnreadable(document=f"leaf {leaf}", reason="it is not in the plan")
    record = _findings(desk, planned)
    if leaf is not None and reason in finding.NOTHING_TO_READ:
        record = finding.not_produced(opened, record, leaf, reason=reason, text=text)
    else:
        record = finding.add_finding(record, reason=reason, text=text, leaf=leaf, effect_g=effect_g)
    _keep(desk, planned, record, as_json=as_json)


@verify.command("close")
@on_package
@click.argument("number", type=int)
@on_desk
@click.option("--as", "ending", required=True, type=click.Choice(ENDINGS),
              help="No error after all, or an error that stands and counts.")  # fmt: skip
@click.option("--because", required=True, help="Why, in words.")
@json_option
def close(
    package: Path, number: int, *, desk: Path, ending: str, because: str, as_json: bool
) -> None:
    """Close the finding NUMBER about PACKAGE; it stays on record."""
    _, planned = _planned(package, desk)
    record = finding.close_finding(_findings(desk, planned), number, ending, because)
    _keep(desk, planned, record, as_json=as_json)


@verify.command("statement")
@on_package
@on_desk
@json_option
def statement(package: Path, *, desk: Path, as_json: bool) -> None:
    """State what was verified of PACKAGE: in words, and as the messages that are signed."""
    work = _work(desk)
    opened, words = _refutable(lambda: state(read_file(package), work))
    messages = [typed_claim(opened.claim), typed_statement(opened, words, work)]
    document = {
        "schema": "carbonbank.statement/1",
        "batch_id": opened.claim["batch_id"],
        "report_hash": opened.sha256_of("report.json").hex(),
        "statement": words,
        "sign": messages,
    }
    write_file(desk / STATEMENT, json.dumps(document, sort_keys=True, indent=1).encode())
    show(document, as_json=as_json, line=lambda _: words)


@verify.command("sign")
@on_package
@on_desk
@click.option("--keystore", required=True, type=PATH, help="The verifier's own keys.")
@json_option
def sign(package: Path, *, desk: Path, keystore: Path, as_json: bool) -> None:
    """Sign the claim of PACKAGE and the statement about it, after recomputing both."""
    data, work = read_file(package), _work(desk)
    keys = open_keystore(keystore, Settings().passphrase, at_terminal())
    document = _refutable(
        lambda: verify_and_sign(data, lambda digest: keys.sign_digest(VERIFIER, digest), work)
    )
    write_file(desk / VERIFICATION, document)
    said = {name: json.loads(document)[name] for name in ("batch_id", "verifier", "statement")}
    show(said | {"written": str(desk / VERIFICATION)}, as_json=as_json)


@verify.command("attach")
@on_package
@on_desk
@click.option("--signature", required=True, help="Of the contract over the claim, as hex.")
@click.option("--statement-signature", help="Of the contract over the statement, as hex.")
@json_option
def attach(
    package: Path, *, desk: Path, signature: str, statement_signature: str | None, as_json: bool
) -> None:
    """Put what a contract (such as a Safe) signed to PACKAGE, after recomputing it.

    `verify statement` shows both messages; whether the contract signed them is asked on the chain
    when the bank takes the document.
    """
    data, work = read_file(package), _work(desk)
    over_claim = _octets(signature)
    over_words = _octets(statement_signature) if statement_signature else None
    document = _refutable(lambda: verify_and_attach(data, over_claim, over_words, work))
    write_file(desk / VERIFICATION, document)
    said = {name: json.loads(document)[name] for name in ("batch_id", "verifier", "statement")}
    show(said | {"written": str(desk / VERIFICATION)}, as_json=as_json)


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise FieldInvalid(field="signature", value=text, expected="hex") from error


def _opened(package: Path) -> Package:
    return Package(open_archive(read_file(package)))


def _planned(package: Path, desk: Path) -> tuple[Package, Record]:
    opened = _refutable(lambda: _opened(package))
    planned = _document(desk, PLAN)
    try:
        check_plan(opened, planned)
    except (Refuted, KeyError, TypeError) as error:
        raise DeskUnreadable(document=str(desk / PLAN), reason=str(error)) from error
    return opened, planned


def _findings(desk: Path, planned: Record) -> Record:
    made = finding.new_findings(planned)
    record = _document(desk, FINDINGS) if (desk / FINDINGS).exists() else made
    if record.get("plan_hash") != made["plan_hash"]:
        raise DeskUnreadable(document=str(desk / FINDINGS), reason="it is of another plan")
    return record


def _work(desk: Path) -> Record | None:
    """Return plan and findings; None where nothing was planned: the census alone."""
    if not (desk / PLAN).exists():
        return None
    planned = _document(desk, PLAN)
    return {"plan": planned, "findings": _findings(desk, planned)}


def _document(desk: Path, name: str) -> Record:
    try:
        read: Record = read_json(name, read_file(desk / name))
    except (Refuted, ValueError) as error:
        raise DeskUnreadable(document=str(desk / name), reason=str(error)) from error
    return read


def _keep(desk: Path, planned: Record, record: Record, *, as_json: bool, sessions: int = 0) -> None:
    write_file(desk / FINDINGS, canonical(record))
    left = sorted(set(planned["leaves"]) - {one["leaf"] for one in record["compared"]})
    lines = [f"{len(record['compared'])} of {planned['size']} drawn trips compared"]
    lines += [f"not compared yet: leaves {left}"] if left else []
    lines += [f"{sessions} sessions compared with their files"] if sessions else []
    lines += [
        f"finding {one['number']} ({one['state']}): {one['reason']}"
        + (f", leaf {one['leaf']}" if one["leaf"] is not None else "")
        + f", {one['effect_g']} g: {one['text']}"
        for one in record["findings"]
    ]
    show(record, as_json=as_json, line=lambda _: "\n".join(lines))


def _refutable(make: Callable[[], T]) -> T:
    try:
        return make()
    except Refuted as reason:
        raise PackageDoesNotHold(failed=str(reason)) from reason
