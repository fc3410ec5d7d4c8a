"""Batches: sealed by the operator, signed by the verifier, issued by the bank, seen by anyone."""

from typing import Any

from apiflask import APIBlueprint, FileSchema
from flask import Response, g

from carbonbank.domain.records import SealedBatch
from carbonbank.errors import RoleMayNot
from carbonbank.service.batch_status import batch_status
from carbonbank.service.batch_view import batch_view
from carbonbank.service.disclose_package import (
    package_for_anyone,
    package_for_auditor,
    package_for_driver,
)
from carbonbank.service.export_package import export_package
from carbonbank.web.access import OPERATORS, VERIFIERS, own_fleet
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import (
    BatchOut,
    BatchPage,
    BatchRow,
    DisclosureQuery,
    JobRef,
    Page,
    SealIn,
    StandingOut,
    VerificationIn,
    as_model,
    page,
)
from carbonbank.web.months import month_in_text

batches = APIBlueprint("batches", __name__, url_prefix="/api/v1/batches")


@batches.get("")
@batches.input(Page, location="query")
@batches.output(BatchPage)
def list_batches(query_data: Page) -> Any:
    """List batches, by id."""
    with bank().store.read() as records:
        found = records.find(SealedBatch)
    return page(BatchRow, found, query_data)


@batches.post("")
@batches.input(SealIn)
@batches.output(JobRef, status_code=202)
def seal(json_data: SealIn) -> Any:
    """Seal a fleet's closed vehicle-months of one month as a batch."""
    own_fleet(json_data.fleet)
    month = month_in_text("/json/month", json_data.month)
    return take_on("seal_batch", json_data.model_dump() | {"month": month})


@batches.get("/<batch_id>")
@batches.output(BatchOut)
def get_batch(batch_id: str) -> Any:
    """Show a batch: what was sealed, signed, issued, moved and retired."""
    return as_model(BatchOut, batch_view(bank(), batch_id))


@batches.get("/<batch_id>/standing")
@batches.output(StandingOut)
def standing(batch_id: str) -> Any:
    """Show why an issued batch stands where it stands: reason, days left, proof, replacements."""
    return as_model(StandingOut, batch_status(bank(), batch_id))


@batches.get("/<batch_id>/package")
@batches.output(FileSchema, content_type="application/zip")
def package(batch_id: str) -> Response:
    """Return the audit package (zip) with all leaves and records."""
    with bank().store.read() as records:
        own_fleet(records.need(SealedBatch, batch_id).fleet)
    return Response(export_package(bank(), batch_id), mimetype="application/zip")


@batches.get("/<batch_id>/disclosure")
@batches.input(DisclosureQuery, location="query")
@batches.output(FileSchema, content_type="application/zip")
def disclosure(batch_id: str, query_data: DisclosureQuery) -> Response:
    """Return the audit package (zip) with the rows that the caller may see, proved one by one.

    A driver gets the own trips; bank, verifiers and the fleet's operator get all bare leaves and
    the rows of `leaves`; everyone else gets no trip.
    """
    with bank().store.read() as records:
        fleet = records.need(SealedBatch, batch_id).fleet
    if g.caller.role in OPERATORS | VERIFIERS:
        own_fleet(fleet)
        data = package_for_auditor(bank(), batch_id, query_data.numbers)
    elif query_data.leaves:
        allowed = ", ".join(sorted(OPERATORS | VERIFIERS))
        raise RoleMayNot(role=g.caller.role, what="a choice of leaves", allowed=allowed)
    elif g.caller.role == "driver":
        data = package_for_driver(bank(), batch_id, g.caller.account)
    else:
        data = package_for_anyone(bank(), batch_id)
    return Response(data, mimetype="application/zip")


@batches.post("/<batch_id>/verifications")
@batches.input(VerificationIn)
@batches.output(JobRef, status_code=202)
def create_verification(batch_id: str, json_data: VerificationIn) -> Any:
    """Record the verifier's signature, as `carbonbank batch verify` wrote it."""
    return take_on("record_verification", {"batch": batch_id, "document": json_data.document})


@batches.post("/<batch_id>/issue")
@batches.output(JobRef, status_code=202)
def issue(batch_id: str) -> Any:
    """Issue a verified batch on the chain."""
    return take_on("issue_batch", {"batch": batch_id})
