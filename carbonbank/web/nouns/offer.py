"""The page where an operator hands in files: trips, charges, and tables nobody has seen before."""

from typing import Any

from apiflask import APIBlueprint
from flask import g, render_template, request

from carbonbank.domain.mapping import FIELDS, KINDS, SOURCES, TIME_FORMATS
from carbonbank.domain.records import Programme, TableMapping, Upload
from carbonbank.errors import EmptyFile, InputError, MappingInvalid, NotFound, UnknownColumns
from carbonbank.service.import_charges import import_charges
from carbonbank.service.import_trips import import_trips
from carbonbank.service.map_columns import confirm_mapping, propose_mapping
from carbonbank.service.preview_month import preview_month
from carbonbank.web.context import bank, jobs, kept_file
from carbonbank.web.months import month_in_text

offer = APIBlueprint("offer", __name__, enable_openapi=False, url_prefix="/trips")

CHARGES = "charges"
_OPTIONS = ("vehicle_id", "zone", "day", "sheet")


@offer.get("")
def offer_file() -> Any:
    """Show what was handed in, and take more."""
    return _page()


@offer.post("")
def take_file() -> Any:
    """Look at a file: say what it would do and import it, or ask what its columns are."""
    fleet = _own_fleet()
    sent = request.files.get("file")
    data = sent.read() if sent is not None else b""
    name = (sent.filename if sent is not None else "") or "file"
    asked = {one: request.form.get(one, "").strip() or None for one in _OPTIONS}
    try:
        if not data:
            raise EmptyFile(filename=name, size_bytes=0)
        return _taken(fleet, name, data, asked)
    except UnknownColumns as error:
        return _asked(fleet, name, data, asked, error)
    except InputError as error:
        return _page(problem=error), 422


@offer.get("/month")
def month() -> Any:
    """Show what sealing a month now would find, and why less is credited where data are weak."""
    fleet, programme = _own_fleet(), request.args.get("programme", "")
    number = month_in_text("/query/month", request.args.get("month", ""))
    view = preview_month(bank(), fleet=fleet, programme=programme, month=number)
    return render_template("month.html", view=view, programme=programme)


@offer.post("/mapping")
def take_mapping() -> Any:
    """Confirm a mapping from its form."""
    fleet = _own_fleet()
    form = request.form
    header = form.getlist("header")
    columns: dict[str, dict[str, str | None]] = {}
    for place, column in enumerate(header):
        meaning, _, unit = form.get(f"column-{place}", "").partition(" ")
        if meaning in columns:
            says = f"{meaning} is two columns, {columns[meaning]['column']!r} and {column!r}"
            return _page(problem=MappingInvalid(problems=says)), 422
        if meaning:
            columns[meaning] = {"column": column, "unit": unit or None}
    mapping = {name: form.get(name) or None for name in ("time_format", "zone", "distance_source")}
    told = mapping | {name: form.get(name, "") for name in ("name", "kind", "decimal")}
    try:
        done = confirm_mapping(
            bank(), fleet=fleet, mapping=told | {"header": header, "columns": columns}
        )
    except InputError as error:
        return _page(problem=error), 422
    says = f"{done.name} is confirmed. Send the file again: it is read by it from now on."
    return _page(done=says)


def _taken(fleet: str, name: str, data: bytes, options: dict[str, Any]) -> Any:
    kind = request.form.get("kind", "")
    asked: dict[str, Any] = {"fleet": fleet, "filename": name, "options": options}
    if kind == CHARGES:
        charges = import_charges(bank(), **asked, data=data, dry_run=True)
        if not charges.repeated:
            jobs().enqueue("import_charges", asked | {"file_hash": kept_file(data)})
        says = f"{name}: {charges.file.format}, {charges.file.sessions_new} new sessions."
        return _page(done=says, issues=charges.issues)
    asked["programme"] = kind
    trips = import_trips(bank(), **asked, data=data, dry_run=True)
    if not trips.repeated:
        jobs().enqueue("import_trips", asked | {"file_hash": kept_file(data)})
    counts = trips.upload
    says = (
        f"{name}: {counts.format}, {counts.trips_accepted} trips accepted, "
        f"{counts.trips_quarantined} kept out, {counts.trips_duplicate} known already."
    )
    return _page(done=says, issues=trips.issues)


def _asked(
    fleet: str, name: str, data: bytes, options: dict[str, Any], error: UnknownColumns
) -> Any:
    """Ask what the columns of an unknown table are."""
    try:
        found = propose_mapping(
            bank(),
            fleet=fleet,
            filename=name,
            data=data,
            name=name[:60],
            options={"sheet": options["sheet"]},
        )
    except InputError:
        return _page(problem=error), 422
    meanings = {one["column"]: (n, one["unit"]) for n, one in found.mapping["columns"].items()}
    choices = [
        f"{meaning} {unit}".strip() for meaning, units in FIELDS.items() for unit in units or ("",)
    ]
    return render_template(
        "mapping.html",
        found=found,
        meanings=meanings,
        choices=choices,
        kinds=KINDS,
        time_formats=TIME_FORMATS,
        sources=SOURCES,
    )


def _page(**said: Any) -> str:
    fleet = _own_fleet()
    with bank().store.read() as records:
        shown = {
            "programmes": records.find(Programme, fleet=fleet),
            "uploads": records.find(Upload, fleet=fleet, order="-received_at", limit=20),
            "mappings": records.find(TableMapping, fleet=fleet),
        }
    return render_template("trips.html", fleet=fleet, **shown, **said)


def _own_fleet() -> str:
    if g.caller.fleet is None:
        raise NotFound(kind="fleet of", key=f"a {g.caller.role}'s key")
    return str(g.caller.fleet)
