"""Every route has a rule of who may call it, and everyone else is refused."""

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from carbonbank.web.access import ANYONE, RULES
from tests.web.conftest import ROLES, bearer

STRANGERS = {"POST": "post", "GET": "get", "DELETE": "delete"}


def routes(app: APIFlask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & set(STRANGERS)
    ]


def path_of(rule: Rule) -> str:
    values = {name: 1 if name == "retirement_id" else "x" for name in rule.arguments}
    return str(rule.build(values)[1])  # type: ignore[index]


def test_the_table_names_every_route_and_nothing_else(app: APIFlask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints == set(RULES)


def test_without_a_key_only_open_routes_answer(app: APIFlask, client: FlaskClient) -> None:
    closed = [(r, m) for r, m in routes(app) if RULES[r.endpoint] is not ANYONE]
    assert len(closed) > 15
    for rule, method in closed:
        answer = client.open(path_of(rule), method=method)
        assert answer.status_code == 401, f"{method} {rule.rule} let a stranger in"
        is_page = rule.endpoint.startswith(("pages.", "offer.", "wallet_page."))
        says = "Sign in" if is_page else '"title":"KeyUnknown"'
        assert says in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_not_named_is_refused(app: APIFlask, client: FlaskClient, role: str) -> None:
    for rule, method in routes(app):
        allowed = RULES[rule.endpoint]
        if allowed is ANYONE or role in allowed:
            continue
        answer = client.open(path_of(rule), method=method, headers=bearer(role))
        assert answer.status_code == 403, f"{method} {rule.rule} let a {role} in"
        assert "RoleMayNot" in answer.text


@pytest.mark.parametrize(
    "presented", ["cb_bank_secret-of-driver", "cb_nobody_x", "cb_bank", "bank", "cb__", ""]
)
def test_a_wrong_key_is_nobody(client: FlaskClient, presented: str) -> None:
    answer = client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {presented}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("operator", "/api/v1/fleets/fleet-2/uploads"),
        ("operator", "/api/v1/fleets/fleet-2/months"),
        ("operator", "/api/v1/fleets/fleet-2/vehicles"),
        ("driver", "/api/v1/accounts/driver-2"),
        ("trader", "/api/v1/accounts/driver-1"),
    ],
)
def test_a_key_opens_nothing_of_others(client: FlaskClient, role: str, path: str) -> None:
    answer = client.get(path, headers=bearer(role))
    assert answer.status_code == 403
    assert answer.json["title"] == "NotYours"  # type: ignore[index]


GRAMS = {"account": "driver-2", "amount_g": 1}
SIGNED = {"nonce": 0, "deadline": 1, "signature": "0x00"}
WORDS = {"beneficiary": "b", "purpose": "p"}
ORDER = {"side": "sell", "batch": "x", "price_units_per_t": 1}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/accounts/driver-2/wallet/acts", {"act": "allow-market"}),
        ("/api/v1/accounts/driver-2/wallet/requests", {"act": "allow-market"} | SIGNED),
        ("/api/v1/orders/x/fill", GRAMS),
        ("/api/v1/orders/x/fill-and-retire", GRAMS | WORDS),
        ("/api/v1/orders/messages", GRAMS | ORDER),
        ("/api/v1/orders/signed", {"account": "driver-2", "order": {}, "signature": "0x00"}),
    ],
)
def test_nobody_acts_for_another_account(
    client: FlaskClient, path: str, body: dict[str, object]
) -> None:
    answer = client.post(path, json=body, headers=bearer("driver"))
    assert (answer.status_code, answer.json["title"]) == (403, "NotYours")  # type: ignore[index]


def test_a_cookie_names_its_key_and_signing_out_forgets_it(client: FlaskClient) -> None:
    assert client.get("/balance").status_code == 401
    refused = client.post("/sign-in", data={"key": "cb_driver_wrong"})
    assert refused.status_code == 401
    taken = client.post("/sign-in", data={"key": "cb_driver_secret-of-driver"})
    assert taken.status_code == 303
    assert "secret-of-driver" not in str(taken.headers)
    page = client.get("/balance")
    assert page.status_code == 200
    assert "driver-1" in page.text
    client.post("/sign-out")
    assert client.get("/balance").status_code == 401
