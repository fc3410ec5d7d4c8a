"""Programmes: method, declared values, factors and shares of a fleet."""

import json
from typing import Any

from apiflask import APIBlueprint

from carbonbank.domain.records import Programme
from carbonbank.mrv.programme import parse_programme
from carbonbank.web.body import whole_body
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import (
    JobRef,
    Page,
    ProgrammeDetailOut,
    ProgrammeOut,
    ProgrammePage,
    as_model,
    page,
)

programmes = APIBlueprint("programmes", __name__, url_prefix="/api/v1/programmes")


@programmes.get("")
@programmes.input(Page, location="query")
@programmes.output(ProgrammePage)
def list_programmes(query_data: Page) -> Any:
    """List programmes."""
    with bank().store.read() as records:
        found = records.find(Programme)
    return page(ProgrammeOut, found, query_data)


@programmes.post("")
@programmes.output(JobRef, status_code=202)
def create_programme() -> Any:
    """Register a programme for the fleet it names (the body is the programme file)."""
    document = whole_body()
    parse_programme(document)
    return take_on("register_programme", {"document": document.decode()})


@programmes.get("/<programme>")
@programmes.output(ProgrammeDetailOut)
def get_programme(programme: str) -> Any:
    """Show a programme with its methodology package."""
    with bank().store.read() as records:
        found = records.need(Programme, programme)
    return as_model(ProgrammeOut, found).model_dump() | {"package": json.loads(found.package)}
