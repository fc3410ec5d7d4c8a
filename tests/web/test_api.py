"""The API's manners: 202 with a job, problem+json, replays, limits, an honest description."""

from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

import carbonbank.errors
from carbonbank.errors import CarbonBankError
from carbonbank.web.problem import STATUSES, status_of
from tests.web.conftest import UPLOAD_BYTES_MAX, bearer

ORDER = {
    "account": "driver-1",
    "side": "sell",
    "batch": "ab" * 32,
    "amount_g": 1000,
    "price_units_per_t": 30_000_000,
}


def test_long_work_answers_with_a_job(client: FlaskClient) -> None:
    answer = client.post("/api/v1/orders", json=ORDER, headers=bearer("driver"))
    assert answer.status_code == 202
    assert answer.headers["Retry-After"]
    job = client.get(answer.headers["Location"], headers=bearer("driver"))
    assert job.status_code == 200
    assert job.json["kind"] == "place_order"  # type: ignore[index]
    assert job.json["state"] == "queued"  # type: ignore[index]


def test_a_job_of_others_is_not_shown(client: FlaskClient) -> None:
    answer = client.post("/api/v1/orders", json=ORDER, headers=bearer("driver"))
    assert client.get(answer.headers["Location"], headers=bearer("trader")).status_code == 403


def test_the_same_idempotency_key_gets_the_same_answer(client: FlaskClient) -> None:
    headers = bearer("driver") | {"Idempotency-Key": "k-1"}
    first = client.post("/api/v1/orders", json=ORDER, headers=headers)
    again = client.post("/api/v1/orders", json=ORDER, headers=headers)
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = client.post("/api/v1/orders", json=ORDER | {"amount_g": 2}, headers=headers)
    assert other.status_code == 409
    assert other.json["title"] == "IdempotencyKeyReused"  # type: ignore[index]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (ORDER | {"amount_g": 0}, "/json/amount_g"),
        (ORDER | {"amount_g": "1000"}, "/json/amount_g"),
        (ORDER | {"side": "lend"}, "/json/side"),
        (ORDER | {"prise": 1}, "/json/prise"),
        ({}, "/json/account"),
    ],
)
def test_a_bad_body_names_the_field(
    client: FlaskClient, body: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/api/v1/orders", json=body, headers=bearer("driver"))
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert pointer in answer.json["fields"]["errors"]  # type: ignore[index]


def test_a_body_that_is_nested_without_end_is_refused(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/orders",
        data="[" * 500_000,
        content_type="application/json",
        headers=bearer("driver"),
    )
    assert answer.status_code == 400
    assert answer.json["title"] == "RequestInvalid"  # type: ignore[index]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/fleets/fleet-1/uploads?programme=p&filename=f.csv",
        headers=bearer("operator"),
        environ_overrides={"CONTENT_LENGTH": str(2 * 1024**3)},
    )
    assert answer.status_code == 422
    assert answer.json["title"] == "FileTooLarge"  # type: ignore[index]
    fields = answer.json["fields"]  # type: ignore[index]
    assert (fields["size_bytes"], fields["size_bytes_max"]) == (2 * 1024**3, UPLOAD_BYTES_MAX)


def test_an_empty_upload_is_refused(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/fleets/fleet-1/uploads?programme=p&filename=f.csv", headers=bearer("operator")
    )
    assert answer.status_code == 422
    assert answer.json["title"] == "EmptyFile"  # type: ignore[index]


def test_what_does_not_exist_is_a_problem_with_a_page(client: FlaskClient) -> None:
    answer = client.get("/api/v1/batches/" + "0" * 64)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    page = client.get(answer.json["type"])  # type: ignore[index]
    assert page.status_code == 200
    assert "does not exist" in page.text


def test_an_unknown_path_is_a_problem_too(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_lists_are_paged(client: FlaskClient) -> None:
    first = client.get("/api/v1/fleets?limit=1", headers=bearer("bank")).json
    assert [one["handle"] for one in first["items"]] == ["fleet-1"]  # type: ignore[index]
    rest = client.get(f"/api/v1/fleets?after={first['next']}", headers=bearer("bank")).json  # type: ignore[index]
    assert [one["handle"] for one in rest["items"]] == ["fleet-2"]  # type: ignore[index]
    assert rest["next"] is None  # type: ignore[index]


def test_health_answers_anyone(client: FlaskClient) -> None:
    answer = client.get("/api/v1/health")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")  # type: ignore[index]


def test_no_page_loads_anything_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/", "/sign-in"):
        answer = client.get(path)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "http://" not in answer.text
        assert "https://" not in answer.text


def test_every_branch_of_errors_has_a_status() -> None:
    branches = {branch for branch, _ in STATUSES}
    for name in dir(carbonbank.errors):
        error = getattr(carbonbank.errors, name)
        if isinstance(error, type) and issubclass(error, CarbonBankError):
            assert error is CarbonBankError or branches & set(error.__mro__), name
    assert status_of(carbonbank.errors.NotFound(kind="a", key="b")) == 404


def test_documented_errors_have_the_content_type_that_is_sent(app: APIFlask) -> None:
    spec: Any = app.spec
    assert spec["openapi"].startswith("3.1")
    errors = [
        response
        for operations in spec["paths"].values()
        for operation in operations.values()
        for status, response in operation["responses"].items()
        if not status.startswith("2")
    ]
    assert errors
    for response in errors:
        assert list(response["content"]) == ["application/problem+json"]
