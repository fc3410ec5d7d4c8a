"""The description of the API (OpenAPI 3.1), completed with what holds for every operation."""

import re
from typing import Any

from apiflask import APIFlask

from carbonbank.web.access import ANYONE, RULES
from carbonbank.web.problem import CONTENT_TYPE, Problem

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
FILE = {"type": "string", "format": "binary"}
BODIES: dict[str, dict[str, Any]] = {
    "uploads.create_upload": {"application/octet-stream": {"schema": FILE}},
    "tables.propose": {"application/octet-stream": {"schema": FILE}},
    "tables.create_charges": {"application/octet-stream": {"schema": FILE}},
    "programmes.create_programme": {"application/json": {"schema": {"type": "object"}}},
}
"""Bodies that are files, by endpoint."""
REPEATABLE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repeat with the same key and body gets the same answer and acts once.",
    "schema": {"type": "string"},
}


def complete_description(app: APIFlask) -> None:
    """Describe errors, keys and bodies of every operation as they are."""

    def complete(spec: Any) -> Any:
        spec["components"].setdefault("securitySchemes", {})["key"] = {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, from `carbonbank keys issue`.",
        }
        schemas = spec["components"].setdefault("schemas", {})
        schemas["Problem"] = Problem.model_json_schema()
        for path, method, operation, endpoint in _operations(app, spec):
            del path
            operation["responses"] = {
                status: response
                for status, response in operation["responses"].items()
                if int(status) < 400
            } | {"4XX": _problem("The request is refused."), "5XX": _problem("Try again later.")}
            roles = RULES[endpoint]
            operation["security"] = [] if roles is ANYONE else [{"key": []}]
            operation["x-roles"] = sorted(roles)
            if endpoint in BODIES:
                operation["requestBody"] = {"required": True, "content": BODIES[endpoint]}
            if method == "post":
                operation.setdefault("parameters", []).append(REPEATABLE)
        return spec

    app.spec_processor(complete)


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {CONTENT_TYPE: {"schema": schema}}}


def _operations(app: APIFlask, spec: Any) -> Any:
    endpoints = {
        (PARAMETER.sub(r"{\1}", rule.rule), method.lower()): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation, endpoints[path, method]
