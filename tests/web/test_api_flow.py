"""The whole way over HTTP, on a served bank: every number is worked out by hand in story.py."""

import re
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from carbonbank.units import price_ceil
from tests.web.serving import FLEET, PROGRAMME
from tests.web.story import ASK_UNITS_PER_T, Story, members

PROBLEM = "application/problem+json"
pytestmark = pytest.mark.xdist_group("serve")


def test_an_upload_is_previewed_kept_and_explained(story: Story) -> None:
    preview = story.said["dry_run"]
    assert preview.status_code == 200, preview.text
    foreseen, kept = preview.json(), story.said["upload"]
    counts = ("rows_read", "trips_accepted", "trips_quarantined", "trips_duplicate", "trips_late")
    assert [foreseen["upload"][one] for one in counts] == [2, 1, 1, 0, 0]
    assert [kept["upload"][one] for one in counts] == [2, 1, 1, 0, 0]
    assert foreseen["months"] == [{"month": "2024-06", "trips": 1, "reduction_g": 1064}]
    file_hash = kept["upload"]["file_hash"]
    detail = story.operator.get(f"/fleets/{FLEET}/uploads/{file_hash}")
    (issue,) = detail["issues"]
    assert (issue["row"], issue["code"], issue["severity"]) == (3, "speed_too_high", "quarantined")
    assert "1500" in issue["value"]
    assert issue["hint"]
    assert detail["upload"]["trips_accepted"] == 1


def test_the_same_file_again_is_the_same_upload(story: Story) -> None:
    again = story.said["upload_again"]
    assert again["repeated"]
    assert again["upload"] == story.said["upload"]["upload"]
    uploads = story.operator.get(f"/fleets/{FLEET}/uploads")["items"]
    assert [one["filename"] for one in uploads].count("other-name.csv") == 0


def test_a_month_is_previewed_closed_sealed_and_signed_for(story: Story) -> None:
    (vehicle,) = story.said["preview"]["vehicles"]
    assert (vehicle["distance_m"], vehicle["reduction_g"]) == (15_000, 1064)
    assert story.said["close"]["closed"] == ["car-1"]
    sealed = story.said["seal"]
    # 60 % to drivers floored, 10 % to the buffer up, the rest to the operator.
    assert [sealed[f"{one}_g"] for one in ("total", "operator", "drivers", "buffer")] == [
        1064,
        319,
        638,
        107,
    ]
    assert {"claim.json", "leaves.bin", "trips.ndjson"} <= members(story.package)
    assert story.said["verify"]["verifier"] == story.verifier_address


def test_only_a_verified_batch_is_issued(story: Story) -> None:
    assert story.said["unverified"]["title"] == "BatchNotVerified"
    assert story.said["unverified"]["fields"] == {"batch_id": story.batch}
    assert story.said["issue"]["issued_g"] == 1064


def test_a_balance_is_what_is_held_plus_what_is_claimable(story: Story) -> None:
    before, after = story.said["unclaimed"], story.said["claimed"]
    assert (before["held_g"], before["claimable_g"]) == (0, 638)
    assert (after["held_g"], after["claimable_g"]) == (638, 0)
    (row,) = after["batches"]
    assert (row["batch_id"], row["held_g"]) == (story.batch, 638)


def test_a_trade_moves_grams_one_way_and_money_the_other(story: Story) -> None:
    paid_units = price_ceil(300, ASK_UNITS_PER_T)  # the older order's price: 11 400 units
    assert story.said["trade"]["paid_units"] == paid_units == 11_400
    anna, buyer = story.anna.get("/accounts/anna"), story.buyer.get("/accounts/buyer")
    assert (anna["held_g"], anna["money_units"]) == (638 - 300 - 38, paid_units)
    assert (buyer["held_g"], buyer["retired_g"]) == (300 - 100, 100)
    assert buyer["money_units"] == 10_000_000 - paid_units
    assert story.operator.get("/accounts/olga")["held_g"] == 319 + 38
    states = {one["order_hash"]: one["state"] for one in story.stranger.get("/orders")["items"]}
    assert states[story.said["sell"]["order_hash"]] == "filled"
    (trade,) = story.stranger.get("/trades")["items"]
    assert (trade["amount_g"], trade["paid_units"]) == (300, paid_units)


def test_a_retirement_has_a_certificate_for_anyone(story: Story) -> None:
    (retired,) = story.stranger.get("/retirements")["items"]
    number = retired["retirement_id"]
    alone = story.stranger.get(f"/retirements/{number}")
    assert {name: alone[name] for name in retired} == retired
    # By itself it also says where its grams stand, and that nothing had to take their place.
    assert alone["serial"].endswith(f"-{story.batch[:8]}-1-100")
    assert (alone["batch_status"], alone["replaced"], alone["unreplaced_g"]) == ("active", [], 0)
    assert (retired["amount_g"], retired["beneficiary"]) == (100, "City library")
    paper = story.stranger.call("GET", f"/retirements/{number}/certificate")
    assert paper.headers["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages)
    plain = "".join(text.split())
    for told in (story.batch, retired["tx_hash"], "Citylibrary", "DEMO"):
        assert told in plain, told
    again = story.stranger.call("GET", f"/retirements/{number}/certificate")
    assert again.content == paper.content


def test_a_batch_is_seen_by_anyone_and_its_grams_add_up(story: Story) -> None:
    batch = story.stranger.get(f"/batches/{story.batch}")
    parts = ("held_g", "claimable_g", "retired_g", "buffer_g", "cancelled_g")
    assert [batch[part] for part in parts] == [319 + 638 - 100, 0, 100, 107, 0]
    assert sum(batch[part] for part in parts) == batch["total_g"] == 1064
    assert batch["demo"] is True
    assert story.stranger.get(f"/batches/{story.batch[:10]}") == batch
    package = story.operator.call("GET", f"/batches/{story.batch}/package").content
    assert members(package) > members(story.package)
    assert {"receipt.json", "retirements.json"} <= members(package)


def test_lists_show_what_there_is(story: Story) -> None:
    handles = [one["handle"] for one in story.bank.get("/accounts")["items"]]
    assert {"anna", "buyer", "olga"} <= set(handles)
    assert "Anna A." not in story.bank.call("GET", "/accounts").text
    assert [one["handle"] for one in story.operator.get("/fleets")["items"]] == [FLEET]
    (programme,) = story.stranger.get("/programmes")["items"]
    assert (programme["handle"], programme["demo"]) == (PROGRAMME, True)
    package = story.stranger.get(f"/programmes/{PROGRAMME}")["package"]
    assert package["programme"]["handle"] == PROGRAMME
    vehicles = story.verifier.get(f"/fleets/{FLEET}/vehicles")["items"]
    assert "car-1" in [one["vehicle_id"] for one in vehicles]
    months = story.operator.get(f"/fleets/{FLEET}/months")["items"]
    assert ("car-1", "issued") in [(one["vehicle_id"], one["state"]) for one in months]
    assert story.batch in [one["batch_id"] for one in story.stranger.get("/batches")["items"]]
    assert "issue_batch" in [one["kind"] for one in story.bank.get("/jobs")["items"]]


def test_every_answer_is_of_a_documented_kind(story: Story) -> None:
    spec = story.stranger.get("/openapi.json")
    assert spec["openapi"].startswith("3.1")
    operations = {
        (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path) + "$")): operation
        for path, by_method in spec["paths"].items()
        for method, operation in by_method.items()
    }
    for operation in operations.values():
        for status in ("4XX", "5XX"):
            assert list(operation["responses"][status]["content"]) == [PROBLEM]
    called = set()
    for method, answer in [one for person in story.people for one in person.answers]:
        path, kind = urlsplit(answer.url).path, answer.headers["Content-Type"]
        if path.endswith("/openapi.json"):
            continue
        (known,) = [key for key in operations if key[0] == method and key[1].match(path)]
        called.add(known)
        if answer.status_code >= 400:
            assert kind == PROBLEM, f"{method} {path}"
            assert answer.json()["type"] == f"/problems/{answer.json()['title']}"
            assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
        else:
            documented = operations[known]["responses"][str(answer.status_code)]["content"]
            assert kind in documented, f"{method} {path} sent {kind}"
    assert len(called) > 15


def test_health_tells_how_far_the_books_follow_the_chain(story: Story) -> None:
    health = story.stranger.get("/health")
    assert (health["status"], health["demo"], health["findings"]) == ("ok", True, 0)
    assert health["synced_block"] >= health["worker_block"] > 0
