"""What a view gets from the application: the bank, the jobs, and the answer to long work."""

from pathlib import Path
from typing import Any, cast

from flask import Response, current_app, jsonify, request, url_for

from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import Programme
from carbonbank.ports import Jobs
from carbonbank.service.bank import Bank
from carbonbank.web.pulse import Pulse


def bank() -> Bank:
    """Return the bank behind this application."""
    return cast("Bank", current_app.extensions["carbonbank"]["bank"])


def is_demo(of: Bank) -> bool:
    """Tell whether any programme of this bank is a demonstration; then every page says so."""
    with of.store.read() as records:
        return records.count(Programme, demo=True) > 0


def jobs() -> Jobs:
    """Return the durable jobs."""
    return cast("Jobs", current_app.extensions["carbonbank"]["jobs"])


def uploads() -> Path:
    """Return the folder where uploaded files wait for their job."""
    return cast("Path", current_app.extensions["carbonbank"]["uploads"])


def kept_file(data: bytes) -> str:
    """Keep an uploaded file until its job reads it; return the hash of its bytes."""
    file_hash = sha256(data).hex()
    folder = uploads()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_hash
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)
    return file_hash


def pulse() -> Pulse:
    """Return the pulse of the worker."""
    return cast("Pulse", current_app.extensions["carbonbank"]["pulse"])


def take_on(kind: str, content: dict[str, Any]) -> Response:
    """Enqueue long work and answer 202 with where to look.

    An Idempotency-Key becomes part of the act: a repeat with it can not act twice, even across a
    crash between enqueueing and answering.
    """
    key = request.headers.get("Idempotency-Key")
    job_id = jobs().enqueue(kind, content | ({"key": key} if key else {}))
    url = url_for("jobs.get_job", job_id=job_id)
    response = jsonify({"job_id": job_id, "url": url})
    response.status_code = 202
    response.headers["Location"] = url
    response.headers["Retry-After"] = "1"
    return response
