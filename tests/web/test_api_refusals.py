"""What bad input gets over HTTP: a typed problem with the values in it, and nothing is changed."""

import json
import re
import socket
import sqlite3
from base64 import b64decode
from typing import Any

import pytest
from eth_account import Account

from carbonbank.domain.documents import verification_document
from carbonbank.intake.canonical import write_csv
from tests.stage import trip
from tests.web.serving import FLEET, UPLOAD_BYTES_MAX
from tests.web.story import CAR, TRIPS, VIN, Story, upload_path

pytestmark = pytest.mark.xdist_group("serve")
TWO_GB = 2 * 1024**3


@pytest.mark.parametrize(
    ("data", "title", "told"),
    [
        (b"", "EmptyFile", "size_bytes"),
        (b"   \n", "EmptyFile", "size_bytes"),
        (b"%PDF-1.7 not trips at all\x00\x01", "NotText", "found"),
        (b"colour,taste\nred,sweet\n", "UnknownColumns", "expected"),
        (b"PAR1 but nothing behind", "BrokenParquet", "filename"),
        (b"\x1f\x8b\x08\x00broken", "NotText", "filename"),
    ],
)
def test_a_file_that_is_not_what_it_claims(
    story: Story, data: bytes, title: str, told: str
) -> None:
    answer = story.operator.call("POST", upload_path("bad.csv", dry_run="true"), data=data)
    assert (answer.status_code, answer.json()["title"]) == (422, title)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert told in answer.json()["fields"]
    if data:
        assert story.operator.refused(upload_path("bad.csv"), data=data)["title"] == title


def raw(story: Story, head: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Send a request by hand and read the answer although the body is not all sent."""
    with socket.create_connection(("127.0.0.1", story.served.port), timeout=60) as wire:
        lines = [
            f"POST /api/v1{upload_path('huge.csv')} HTTP/1.1",
            f"Host: 127.0.0.1:{story.served.port}",
            f"Authorization: Bearer {story.operator.api_key}",
            head,
            "",
            "",
        ]
        wire.sendall("\r\n".join(lines).encode() + body)
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
    status = int(answer.split()[1])
    return status, json.loads(answer[answer.index(b"\r\n\r\n") + 4 :])


def test_two_gigabytes_are_refused_by_their_announcement(story: Story) -> None:
    status, body = raw(story, f"Content-Length: {TWO_GB}", b"")
    assert (status, body["title"]) == (422, "FileTooLarge")
    assert (body["fields"]["size_bytes"], body["fields"]["size_bytes_max"]) == (
        TWO_GB,
        UPLOAD_BYTES_MAX,
    )


def test_a_stream_without_length_is_cut_at_the_limit(story: Story) -> None:
    chunk = b"%x\r\n%s\r\n" % (2**16, b"x" * 2**16)
    body = chunk * (UPLOAD_BYTES_MAX // 2**16 + 2)  # and it never says that it ends
    status, told = raw(story, "Transfer-Encoding: chunked", body)
    assert (status, told["title"]) == (422, "FileTooLarge")
    assert told["fields"]["size_bytes_max"] == UPLOAD_BYTES_MAX


def test_a_vehicle_that_is_not_enrolled(story: Story) -> None:
    data = write_csv([trip(vehicle_id="car-9")])
    error = story.operator.refused(upload_path("strange.csv"), data=data)
    assert error["title"] == "VehicleNotEnrolled"
    assert error["fields"] == {"fleet": FLEET, "vehicle_ids": ["car-9"]}


def test_a_vehicle_that_may_not_take_part(story: Story) -> None:
    truck = CAR | {"vehicle_id": "truck-1", "category": "N3", "vin": "TESTDEM0000000099"}
    story.operator.done(f"/fleets/{FLEET}/vehicles", truck)
    data = write_csv([trip(vehicle_id="truck-1")])
    error = story.operator.refused(upload_path("truck.csv"), data=data)
    assert error["title"] == "VehicleNotEligible"
    assert "truck-1" in json.dumps(error["fields"])


def test_dates_in_2032_and_an_odometer_sentinel_stay_out(story: Story) -> None:
    data = write_csv(
        [
            trip("2032-06-03T08:00:00"),
            trip(
                "2024-08-03T08:00:00", odometer_start_m=4_294_967_295, odometer_end_m=4_294_967_295
            ),
        ]
    )
    answer = story.operator.call("POST", upload_path("odd.csv", dry_run="true"), data=data)
    codes = {issue["code"] for issue in answer.json()["issues"]}
    assert {"future_date", "odometer_sentinel"} <= codes


def test_the_same_trips_in_another_file_are_duplicates(story: Story) -> None:
    again = story.operator.done(upload_path("again.csv"), data=write_csv(TRIPS[::-1]))
    upload = again["upload"]
    assert (upload["trips_accepted"], upload["trips_duplicate"]) == (0, 2)
    assert story.stranger.get(f"/batches/{story.batch}")["total_g"] == 1064


def test_a_trip_of_a_credited_month_is_late(story: Story) -> None:
    data = write_csv([trip("2024-06-20T08:00:00")])
    upload = story.operator.done(upload_path("late.csv"), data=data)["upload"]
    assert (upload["trips_accepted"], upload["trips_late"]) == (0, 1)


@pytest.mark.parametrize(
    ("path", "title", "told"),
    [
        ("months/2099-01/close", "MonthNotOver", {"month": "2099-01"}),
        ("months/2023-01/close", "MonthNotOpened", {"month": "2023-01"}),
        ("months/2024-06/reopen", "MonthAlreadyCredited", {"month": "2024-06"}),
    ],
)
def test_months_that_can_not_change(
    story: Story, path: str, title: str, told: dict[str, str]
) -> None:
    error = story.operator.refused(f"/fleets/{FLEET}/{path}", {})
    assert error["title"] == title
    assert told.items() <= error["fields"].items()
    assert error["type"] == f"/problems/{title}"


def test_an_upload_in_a_batch_is_not_withdrawn(story: Story) -> None:
    file_hash = story.said["upload"]["upload"]["file_hash"]
    answer = story.operator.call("DELETE", f"/fleets/{FLEET}/uploads/{file_hash}")
    assert answer.status_code == 202
    job = story.operator.ended(answer.headers["Location"])
    assert (job["state"], job["error"]["title"]) == ("refused", "UploadInBatch")
    assert job["error"]["fields"]["batch_ids"] == [story.batch]


def test_a_verification_that_is_not_one(story: Story) -> None:
    path = f"/batches/{story.batch}/verifications"
    told = json.loads(story.verification)
    thief = Account.create()

    def sent(**other: str) -> Any:
        fields = told | other
        document = verification_document(
            fields["batch_id"],
            fields["verifier"],
            bytes.fromhex(fields["signature"].removeprefix("0x")),
            fields["statement"],
        )
        return story.verifier.refused(path, {"document": document.decode()})

    unreadable = story.verifier.refused(path, {"document": story.verification + " "})
    assert unreadable["title"] == "VerificationUnreadable"
    other = sent(batch_id="ab" * 32)
    assert other["title"] == "SignatureOverOtherClaim"
    assert other["fields"] == {"batch_id": story.batch, "signed_batch_id": "ab" * 32}
    wrong = sent(verifier=thief.address)
    assert wrong["title"] == "WrongVerifier"
    assert (wrong["fields"]["expected"], wrong["fields"]["got"]) == (
        story.verifier_address,
        thief.address,
    )
    signature = thief.unsafe_sign_hash(b"another claim".ljust(32)).signature.hex()
    assert sent(signature=signature)["title"] == "WrongVerifier"


def test_what_an_account_does_not_have(story: Story) -> None:
    grams = {"batch": story.batch, "account": "anna", "amount_g": 10**6}
    order = grams | {"side": "sell", "price_units_per_t": 1}
    error = story.anna.refused("/orders", order)
    assert error["title"] == "NotEnoughHeld"
    assert (error["fields"]["held_g"], error["fields"]["needed_g"]) == (300, 10**6)
    words = {"beneficiary": "me", "purpose": "gift"}
    assert story.anna.refused("/retirements", grams | words)["title"] == "NotEnoughHeld"
    dear = {"batch": story.batch, "account": "buyer", "side": "buy", "amount_g": 10**6}
    error = story.buyer.refused("/orders", dear | {"price_units_per_t": 10**9})
    assert error["title"] == "NotEnoughMoney"
    both = order | {"class_label": "x", "vintage_year": 2024}
    assert story.anna.refused("/orders", both)["title"] == "OrderAmbiguous"


def test_a_cancelled_order_is_not_settled_and_only_its_maker_cancels(story: Story) -> None:
    grams = {"batch": story.batch, "amount_g": 7}
    sell = {"account": "anna", "side": "sell", "price_units_per_t": 1_000_000}
    buy = {"account": "buyer", "side": "buy", "price_units_per_t": 2_000_000}
    sold = story.anna.done("/orders", grams | sell)["order_hash"]
    bought = story.buyer.done("/orders", grams | buy)["order_hash"]
    error = story.buyer.refused(f"/orders/{sold}/cancel", {"account": "buyer"})
    assert error["title"] == "NotYourOrder"
    story.anna.done(f"/orders/{sold}/cancel", {"account": "anna"})
    orders = grams | {"sell_hash": sold, "buy_hash": bought}
    assert story.bank.post("/trades", orders)["state"] == "refused"
    states = {one["order_hash"]: one["state"] for one in story.anna.get("/orders")["items"]}
    assert (states[sold], states[bought]) == ("cancelled", "open")


@pytest.mark.parametrize(
    ("path", "body", "status", "title"),
    [
        (f"/fleets/{FLEET}/vehicles", CAR | {"vin": "SHORT"}, 422, "VinMalformed"),
        (f"/fleets/{FLEET}/vehicles", CAR | {"vin": VIN, "from_month": "2024-13"}, 400,
         "RequestInvalid"),
        (f"/fleets/{FLEET}/months/june/close", {}, 400, "RequestInvalid"),
        ("/fleets", {"handle": "x2", "title": "X", "operator": "olga"}, 403, "RoleMayNot"),
        ("/fleets/other/months/2024-06/close", {}, 403, "NotYours"),
    ],
)  # fmt: skip
def test_a_request_that_is_refused_at_once(
    story: Story, path: str, body: dict[str, Any], status: int, title: str
) -> None:
    answer = story.operator.call("POST", path, json=body)
    assert (answer.status_code, answer.json()["title"]) == (status, title)


def test_a_programme_that_does_not_compile(story: Story) -> None:
    answer = story.bank.call("POST", "/programmes", data=b'{"handle": "x"}')
    assert (answer.status_code, answer.json()["title"]) == (422, "ProgrammeInvalid")


def test_a_vin_is_nowhere_in_the_data(story: Story) -> None:
    folder = story.served.folder / "bank"
    for path in folder.rglob("*"):
        if path.is_file():
            assert VIN.encode() not in path.read_bytes(), path
    with sqlite3.connect(f"file:{folder}/jobs.sqlite?mode=ro", uri=True) as jobs:
        named = "select name from sqlite_master where type = 'table'"
        tables = [name for (name,) in jobs.execute(named)]
        cells = [
            cell.encode()
            for table in tables
            for row in jobs.execute(f"select * from {table}")
            for cell in row
            if isinstance(cell, str)
        ]
    told = b"".join(b64decode(one) for one in cells if one.startswith(b"gA"))
    assert story.said["vehicle"]["commitment"].encode() in told  # what is told is read
    assert VIN.encode() not in told
    assert re.fullmatch("[0-9a-f]{64}", story.said["vehicle"]["commitment"])
