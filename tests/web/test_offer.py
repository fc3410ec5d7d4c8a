"""The page where an operator hands in files, and the doors behind it."""

import io
from typing import Any

import pytest
from apiflask import APIFlask
from flask import g, render_template
from flask.testing import FlaskClient

from carbonbank.service.import_charges import import_charges
from carbonbank.service.preview_month import preview_month
from carbonbank.web.access import NOBODY
from carbonbank.web.context import bank
from tests.stage import FLEET as STAGED
from tests.stage import JUNE, PROGRAMME, Stage, trip
from tests.web.conftest import bearer

TABLE = b"Car,Start,End,km\na,2024-05-06 07:00,2024-05-06 07:30,10\n"
FLEET = "/api/v1/fleets/fleet-1"
ANSWERS = {"zone": "Europe/Lisbon", "distance_source": "odometer"}


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    client.post("/sign-in", data={"key": "cb_operator_secret-of-operator"})
    return client


def proposed(client: FlaskClient) -> dict[str, Any]:
    answer = client.post(
        f"{FLEET}/mappings/proposal?filename=t.csv&name=mine",
        data=TABLE,
        headers=bearer("operator"),
    )
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json  # type: ignore[assignment]
    return found


def test_a_mapping_is_proposed_confirmed_and_listed(client: FlaskClient) -> None:
    found = proposed(client)
    assert any("zone" in one for one in found["questions"])
    refused = client.post(
        f"{FLEET}/mappings", json={"mapping": found["mapping"]}, headers=bearer("operator")
    )
    assert refused.status_code == 422
    mapping = found["mapping"] | ANSWERS
    for _ in range(2):
        done = client.post(
            f"{FLEET}/mappings", json={"mapping": mapping}, headers=bearer("operator")
        )
        assert (done.status_code, done.json["name"]) == (201, "mine")  # type: ignore[index]
    other = client.post(
        f"{FLEET}/mappings",
        json={"mapping": mapping | {"zone": "UTC"}},
        headers=bearer("operator"),
    )
    assert other.status_code == 409
    listed = client.get(f"{FLEET}/mappings", headers=bearer("operator")).json
    assert [one["name"] for one in listed["items"]] == ["mine"]  # type: ignore[index]


def test_the_page_asks_what_the_columns_are(operator: FlaskClient) -> None:
    sent = {"file": (io.BytesIO(TABLE), "t.csv"), "kind": "charges"}
    asked = operator.post("/trips", data=sent)
    # As charges it is of no known format either; the page asks.
    assert "What are these columns?" in asked.text
    assert "in which zone are the times" in asked.text
    form = {
        "name": "mine",
        "kind": "trips",
        "header": ["Car", "Start", "End", "km"],
        "column-0": "vehicle",
        "column-1": "start",
        "column-2": "end",
        "column-3": "distance km",
        "time_format": "iso",
        "decimal": ".",
        **ANSWERS,
    }
    assert (
        "zone of the local times" in operator.post("/trips/mapping", data=form | {"zone": ""}).text
    )
    assert "mine is confirmed" in operator.post("/trips/mapping", data=form).text
    assert "mine: trips" in operator.get("/trips").text


def test_a_bad_file_is_said_on_the_page(operator: FlaskClient) -> None:
    answer = operator.post("/trips", data={"file": (io.BytesIO(b""), "t.csv"), "kind": "charges"})
    assert answer.status_code == 422
    assert "is empty" in answer.text


def test_templates_are_given_to_anyone(client: FlaskClient) -> None:
    assert client.get("/templates/trips.csv").data.startswith(b"vehicle_id,driver_id,start_at")
    assert client.get("/templates/trips.xlsx").data.startswith(b"PK")
    assert client.get("/templates/trips.doc").status_code == 404


def test_charges_and_tokens_have_doors_of_their_own(client: FlaskClient) -> None:
    token = client.post(
        f"{FLEET}/tokens", json={"token": "1", "vehicle_id": "car-1"}, headers=bearer("operator")
    )
    assert token.status_code == 201
    table = b"id,car_id,start_date,end_date,charge_energy_added,charge_energy_used\n"
    table += b"7,1,2024-05-06 20:00:00,2024-05-06 22:00:00,10,11\n"
    query = f"{FLEET}/charges?filename=c.csv"
    dry = client.post(f"{query}&dry_run=true", data=table, headers=bearer("operator"))
    assert (dry.status_code, dry.json["file"]["sessions_new"]) == (200, 1)  # type: ignore[index]
    assert client.get(f"{FLEET}/charges", headers=bearer("operator")).json["items"] == []  # type: ignore[index]
    assert client.post(query, data=table, headers=bearer("operator")).status_code == 202


def test_a_file_of_charges_is_withdrawn_by_its_hash(app: APIFlask, client: FlaskClient) -> None:
    door = f"{FLEET}/charges"
    assert client.delete(f"{door}/{'00' * 32}", headers=bearer("operator")).status_code == 404
    table = b"id,car_id,start_date,end_date,charge_energy_added,charge_energy_used\n"
    table += b"7,1,2024-05-06 20:00:00,2024-05-06 22:00:00,10,11\n"
    with app.app_context():
        done = import_charges(bank(), fleet="fleet-1", filename="c.csv", data=table)
    asked = client.delete(f"{door}/{done.file.file_hash}", headers=bearer("operator"))
    assert asked.status_code == 202
    assert client.delete(f"{door}/{done.file.file_hash}").status_code == 401


def test_a_months_page_says_what_would_raise_the_discount(app: APIFlask) -> None:
    stage = Stage(change=lambda document: document.update(discounts="carbonbank/1"))
    stage.offer([trip()])
    view = preview_month(stage.bank, fleet=STAGED, programme=PROGRAMME, month=JUNE)
    with app.test_request_context():
        g.caller = NOBODY
        page = render_template("month.html", view=view, programme=PROGRAMME)
    assert "distance with odometer readings at both ends" in page
    assert "below <data" in page
    assert "record the odometer at the start and the end of every trip" in page
    assert '<data value="1000">10.00 %</data>' in page  # 500 for the odometer, 500 for the energy


@pytest.mark.parametrize(
    ("query", "status"), [("month=June&programme=x", 400), ("month=2024-06&programme=x", 404)]
)
def test_a_month_that_is_none_has_no_page(operator: FlaskClient, query: str, status: int) -> None:
    answer = operator.get(f"/trips/month?{query}")
    assert (answer.status_code, "<h1>" in answer.text) == (status, True)
