"""Uploads: a file is kept under the hash of its bytes and imported by a job."""

from typing import Any

from apiflask import APIBlueprint
from flask import jsonify

from carbonbank.domain.records import Fleet, StoredIssue, Upload
from carbonbank.service.import_trips import import_trips
from carbonbank.web.access import own_fleet
from carbonbank.web.body import whole_file
from carbonbank.web.context import bank, kept_file, take_on
from carbonbank.web.models import (
    ImportedOut,
    IssueOut,
    JobRef,
    Page,
    UploadDetailOut,
    UploadOut,
    UploadPage,
    UploadQuery,
    as_model,
    page,
)

uploads = APIBlueprint("uploads", __name__, url_prefix="/api/v1/fleets/<fleet>/uploads")

ANSWERS: Any = {
    200: {
        "description": "With `dry_run`: what the import would do.",
        "content": {"application/json": {"schema": ImportedOut}},
    }
}


@uploads.get("")
@uploads.input(Page, location="query")
@uploads.output(UploadPage)
def list_uploads(fleet: str, query_data: Page) -> Any:
    """List a fleet's uploads."""
    own_fleet(fleet)
    with bank().store.read() as records:
        records.need(Fleet, fleet)
        found = records.find(Upload, fleet=fleet)
    return page(UploadOut, found, query_data)


@uploads.post("")
@uploads.input(UploadQuery, location="query")
@uploads.output(JobRef, status_code=202)
@uploads.doc(responses=ANSWERS)
def create_upload(fleet: str, query_data: UploadQuery) -> Any:
    """Import a file (the body is the file); with `dry_run` only tell what it would do."""
    own_fleet(fleet)
    data = whole_file(query_data.filename)
    asked: dict[str, Any] = {
        "fleet": fleet,
        "programme": query_data.programme,
        "filename": query_data.filename,
        "options": query_data.model_dump(include={"format", "vehicle_id", "zone", "day", "sheet"}),
    }
    if query_data.dry_run:
        result = import_trips(bank(), **asked, data=data, dry_run=True)
        return jsonify(as_model(ImportedOut, result).model_dump(mode="json"))
    return take_on("import_trips", asked | {"file_hash": kept_file(data)})


@uploads.get("/<file_hash>")
@uploads.output(UploadDetailOut)
def get_upload(fleet: str, file_hash: str) -> Any:
    """Show an upload with every row issue."""
    own_fleet(fleet)
    with bank().store.read() as records:
        upload = records.need(Upload, fleet, file_hash)
        issues = records.find(StoredIssue, order="number", fleet=fleet, file_hash=file_hash)
    return UploadDetailOut(
        upload=as_model(UploadOut, upload), issues=[as_model(IssueOut, one) for one in issues]
    )


@uploads.delete("/<file_hash>")
@uploads.output(JobRef, status_code=202)
def withdraw(fleet: str, file_hash: str) -> Any:
    """Withdraw an upload none of whose trips is sealed or issued."""
    own_fleet(fleet)
    with bank().store.read() as records:
        records.need(Upload, fleet, file_hash)
    return take_on("withdraw_upload", {"fleet": fleet, "file_hash": file_hash})
