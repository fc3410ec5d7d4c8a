"""The HTTP application: parse, call one use case or ask for one job, answer. No rules here."""

import secrets
import uuid
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from carbonbank.config import Settings
from carbonbank.errors import CarbonBankError, RequestInvalid
from carbonbank.ports import Jobs
from carbonbank.service.bank import Bank
from carbonbank.web import idempotency
from carbonbank.web.access import NOBODY, admit
from carbonbank.web.body import limit_body
from carbonbank.web.context import is_demo
from carbonbank.web.description import complete_description
from carbonbank.web.nouns import BLUEPRINTS
from carbonbank.web.nouns.pages import error_page, refusal_page
from carbonbank.web.problem import Problem, answer, problem
from carbonbank.web.pulse import Pulse
from carbonbank.web.wording import FILTERS

CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'"
TAKES_FILES = frozenset(
    {
        "uploads.create_upload",
        "tables.propose",
        "tables.create_charges",
        "offer.take_file",
        "challenges.check",
        "challenges.send",
    }
)
PAGES = frozenset({"pages", "offer", "wallet_page"})
JSON_BYTES_MAX = 2**20


def create_app(bank: Bank, jobs: Jobs, settings: Settings, uploads: Path, pulse: Pulse) -> APIFlask:
    """Build the application over ports.

    `bank` has no chain of its own here: whatever acts on the chain is a job of the worker, whose
    pulse tells that it is there.
    """
    app = APIFlask(__name__, title="carbonbank", version="1", spec_path="/api/v1/openapi.json",
                   docs_path=None, json_errors=False)  # fmt: skip
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        VALIDATION_ERROR_SCHEMA=Problem,
        HTTP_ERROR_SCHEMA=Problem,
        VALIDATION_ERROR_STATUS_CODE=400,
        AUTO_404_RESPONSE=False,
    )
    app.extensions["carbonbank"] = {
        "bank": bank,
        "jobs": jobs,
        "uploads": uploads,
        "pulse": pulse,
    }
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.jinja_env.filters.update(FILTERS)
    app.context_processor(lambda: {"caller": g.get("caller", NOBODY), "demo": is_demo(bank)})
    _guard(app, bank, settings)
    _translate_errors(app)
    complete_description(app)
    return app


def _guard(app: APIFlask, bank: Bank, settings: Settings) -> None:
    @app.before_request
    def before() -> Response | None:
        g.request_id = uuid.uuid4().hex
        takes_files = request.endpoint in TAKES_FILES
        limit_body(settings.upload_bytes_max if takes_files else JSON_BYTES_MAX)
        admit(bank.store)
        return idempotency.replay(bank)

    @app.after_request
    def after(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return idempotency.remember(bank, response)


def _translate_errors(app: APIFlask) -> None:
    @app.errorhandler(CarbonBankError)
    def expected(error: CarbonBankError) -> Response:
        if request.blueprint in PAGES:
            return app.make_response(refusal_page(error))
        return problem(error)

    @app.errorhandler(HTTPError)
    def invalid(error: HTTPError) -> Response:
        detail: dict[str, Any] = error.detail if isinstance(error.detail, dict) else {}
        errors = {
            f"/{place}/{name.replace('.', '/')}": [str(one) for one in messages]
            for place, by_name in detail.items()
            for name, messages in by_name.items()
        }
        return problem(RequestInvalid(errors=errors or {"/": [str(error.message)]}))

    @app.errorhandler(RecursionError)
    def nested(_: RecursionError) -> Response:
        return problem(RequestInvalid(errors={"/": ["it is nested too deeply"]}))

    @app.errorhandler(HTTPException)
    def werkzeug(error: HTTPException) -> Response:
        if not request.path.startswith("/api/"):
            return app.make_response(error_page(error))
        return answer(error.code or 500, error.name.replace(" ", ""), error.description or "")
