"""Retirements: grams taken out of the world of claims for ever, and their certificates."""

from typing import Any

from apiflask import APIBlueprint, FileSchema
from flask import Response

from carbonbank.domain.records import ChainRetirement
from carbonbank.service.certificate import certificate as certificate_of
from carbonbank.service.retirement_view import retirement_view
from carbonbank.web.access import own_account
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import (
    JobRef,
    Page,
    RetirementDetailOut,
    RetirementIn,
    RetirementOut,
    RetirementPage,
    as_model,
    page,
)

retirements = APIBlueprint("retirements", __name__, url_prefix="/api/v1/retirements")


@retirements.get("")
@retirements.input(Page, location="query")
@retirements.output(RetirementPage)
def list_retirements(query_data: Page) -> Any:
    """List retirements, oldest first."""
    with bank().store.read() as records:
        found = records.find(ChainRetirement)
    return page(RetirementOut, found, query_data)


@retirements.post("")
@retirements.input(RetirementIn)
@retirements.output(JobRef, status_code=202)
def create_retirement(json_data: RetirementIn) -> Any:
    """Retire held grams with a beneficiary and a purpose (at most 32 bytes each)."""
    own_account(json_data.account)
    return take_on("retire_credits", json_data.model_dump())


@retirements.get("/<int:retirement_id>")
@retirements.output(RetirementDetailOut)
def get_retirement(retirement_id: int) -> Any:
    """Show a retirement with its serials, and what replaced them if its batch was cancelled."""
    return as_model(RetirementDetailOut, retirement_view(bank(), retirement_id))


@retirements.get("/<int:retirement_id>/certificate")
@retirements.output(FileSchema, content_type="application/pdf")
def certificate(retirement_id: int) -> Response:
    """Return the retirement's certificate as PDF; the same bytes every time."""
    return Response(certificate_of(bank(), retirement_id).pdf, mimetype="application/pdf")
