"""The page of the HTTP API, drawn from its own description."""

from pathlib import Path
from typing import Any, cast

from carbonbank.config import Settings
from carbonbank.web.app import create_app

HEAD = """# HTTP API

Drawn by `scripts/make_docs.py` from the own description (OpenAPI 3.1) that a running bank shows
at `/api/v1/openapi.json`.

Send an API key as `Authorization: Bearer <key>`; `carbonbank keys issue` makes one and shows it
once. Masses are integer grams (`…_g`), money integer micro-units (`…_units`), months `YYYY-MM` in
paths and bodies. Lists take `limit` and `after`, and answer `items` and `next`.

What takes long answers 202 with `{"job_id", "url"}`: look at `url` until `state` is `done`
(`result` holds what came of it), `refused` (`error` says which rule, and the values) or `failed`
(the operator must look). A POST with an `Idempotency-Key` acts once: a repeat gets the same answer,
also after a restart; the same key with another body is a 409. Every refusal is
`application/problem+json` whose `type` is a page that says why and what to do.

## Example

An operator imports a file, waits for the job and closes the month:

```sh
bank=http://127.0.0.1:8000/api/v1
key="Authorization: Bearer $KEY"
curl -s -H "$key" --data-binary @june.csv \\
  "$bank/fleets/my-fleet/uploads?programme=my-programme&filename=june.csv"
curl -s -H "$key" "$bank/jobs/<job_id>"
curl -s -H "$key" -H 'Idempotency-Key: close-2024-06' --json '{}' \\
  "$bank/fleets/my-fleet/months/2024-06/close"
```
"""
KINDS = {
    "application/octet-stream": "file",
    "application/zip": "zip",
    "application/pdf": "PDF",
}


def api_page() -> str:
    """List every operation: who may call it, what it takes and what it answers."""
    nothing = cast("Any", None)  # a description asks neither bank nor jobs
    spec = create_app(nothing, nothing, Settings(), Path(), nothing).spec
    by_noun: dict[str, list[str]] = {}
    for path, operations in sorted(spec["paths"].items()):
        for method, operation in operations.items():
            (noun,) = operation["tags"]
            by_noun.setdefault(noun, []).append(_row(path, method, operation))
    lines = [HEAD.rstrip()]
    for noun, rows in sorted(by_noun.items()):
        lines += ["", f"## {noun}", "", "| call | who | takes | answers | meaning |"]
        lines += ["| --- | --- | --- | --- | --- |", *rows]
    lines += ["", "## Shapes", "", "| shape | fields |", "| --- | --- |"]
    for name, schema in sorted(spec["components"]["schemas"].items()):
        fields = ", ".join(f"`{field}`" for field in schema.get("properties", {}))
        if fields:
            lines.append(f"| {name} | {fields} |")
    return "\n".join(lines) + "\n"


def _row(path: str, method: str, operation: dict[str, Any]) -> str:
    meaning = operation.get("description") or operation["summary"]
    taken = [f"`{one['name']}`" for one in operation.get("parameters", []) if one["in"] == "query"]
    taken += _contents(operation.get("requestBody", {}))
    answers = [
        f"{status} {' or '.join(_contents(response))}".strip()
        for status, response in operation["responses"].items()
        if status.startswith("2")
    ]
    cells = (
        f"`{method.upper()} {path}`",
        ", ".join(operation["x-roles"]),
        ", ".join(taken),
        "; ".join(answers),
        " ".join(meaning.split()),
    )
    return f"| {' | '.join(cells)} |"


def _contents(part: dict[str, Any]) -> list[str]:
    found = []
    for kind, content in part.get("content", {}).items():
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        found.append(name or KINDS.get(kind, "JSON"))
    return found
