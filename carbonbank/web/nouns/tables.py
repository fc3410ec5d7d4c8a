"""How a fleet's tables are read, and its charging sessions."""

from typing import Any

from apiflask import APIBlueprint
from flask import jsonify

from carbonbank.domain.records import ChargeFile, ChargeSession, Fleet, TableMapping
from carbonbank.service.import_charges import import_charges
from carbonbank.service.map_columns import assign_token, confirm_mapping, propose_mapping
from carbonbank.web.access import own_fleet
from carbonbank.web.body import whole_file
from carbonbank.web.context import bank, kept_file, take_on
from carbonbank.web.models import (
    ChargeOut,
    ChargePage,
    ChargesImportedOut,
    ChargesQuery,
    JobRef,
    MappingIn,
    MappingOut,
    MappingPage,
    Page,
    ProposalOut,
    ProposalQuery,
    TokenIn,
    TokenOut,
    as_model,
    page,
)

tables = APIBlueprint("tables", __name__, url_prefix="/api/v1/fleets/<fleet>")

ANSWERS: Any = {
    200: {
        "description": "With `dry_run`: what the import would do.",
        "content": {"application/json": {"schema": ChargesImportedOut}},
    }
}


@tables.get("/mappings")
@tables.input(Page, location="query")
@tables.output(MappingPage)
def list_mappings(fleet: str, query_data: Page) -> Any:
    """List the confirmed mappings of a fleet's tables."""
    own_fleet(fleet)
    with bank().store.read() as records:
        records.need(Fleet, fleet)
        found = records.find(TableMapping, fleet=fleet)
    return page(MappingOut, found, query_data)


@tables.post("/mappings/proposal")
@tables.input(ProposalQuery, location="query")
@tables.output(ProposalOut)
def propose(fleet: str, query_data: ProposalQuery) -> Any:
    """Say what the columns of a table (the body) may be, and what has to be answered."""
    own_fleet(fleet)
    found = propose_mapping(
        bank(),
        fleet=fleet,
        filename=query_data.filename,
        data=whole_file(query_data.filename),
        name=query_data.name,
        options={"sheet": query_data.sheet},
    )
    return as_model(ProposalOut, found)


@tables.post("/mappings")
@tables.input(MappingIn)
@tables.output(MappingOut, status_code=201)
def confirm(fleet: str, json_data: MappingIn) -> Any:
    """Confirm a mapping: from now on it reads tables with its header."""
    own_fleet(fleet)
    return as_model(MappingOut, confirm_mapping(bank(), fleet=fleet, mapping=json_data.mapping))


@tables.post("/tokens")
@tables.input(TokenIn)
@tables.output(TokenOut, status_code=201)
def create_token(fleet: str, json_data: TokenIn) -> Any:
    """Say whose a charging token or contract is."""
    own_fleet(fleet)
    done = assign_token(bank(), fleet=fleet, token=json_data.token, vehicle_id=json_data.vehicle_id)
    return as_model(TokenOut, done)


@tables.get("/charges")
@tables.input(Page, location="query")
@tables.output(ChargePage)
def list_charges(fleet: str, query_data: Page) -> Any:
    """List a fleet's charging sessions."""
    own_fleet(fleet)
    with bank().store.read() as records:
        records.need(Fleet, fleet)
        found = [one for one in records.find(ChargeSession, fleet=fleet) if one.vehicle_id]
    return page(ChargeOut, found, query_data)


@tables.post("/charges")
@tables.input(ChargesQuery, location="query")
@tables.output(JobRef, status_code=202)
@tables.doc(responses=ANSWERS)
def create_charges(fleet: str, query_data: ChargesQuery) -> Any:
    """Import a file of charging sessions (the body), whole or not at all."""
    own_fleet(fleet)
    data = whole_file(query_data.filename)
    asked: dict[str, Any] = {
        "fleet": fleet,
        "filename": query_data.filename,
        "options": {"sheet": query_data.sheet},
    }
    if query_data.dry_run:
        result = import_charges(bank(), **asked, data=data, dry_run=True)
        return jsonify(as_model(ChargesImportedOut, result).model_dump(mode="json"))
    return take_on("import_charges", asked | {"file_hash": kept_file(data)})


@tables.delete("/charges/<file_hash>")
@tables.output(JobRef, status_code=202)
def withdraw(fleet: str, file_hash: str) -> Any:
    """Withdraw a file of charges none of whose sessions is in a batch."""
    own_fleet(fleet)
    with bank().store.read() as records:
        records.need(ChargeFile, fleet, file_hash)
    return take_on("withdraw_charges", {"fleet": fleet, "file_hash": file_hash})
