"""A guardian over HTTP: the bank hands out and relays, the key stays with the guardian."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_demo_keys, read_demo_passphrase
from carbonbank.cli.main import carbonbank
from carbonbank.errors import FieldInvalid
from tests.web.serving import Client
from tests.web.story import Story

pytestmark = pytest.mark.xdist_group("serve")


@pytest.fixture(scope="module")
def guardian(story: Story) -> Client:
    return story.served.key("guardian")


def signed(story: Story, call: dict[str, Any]) -> str:
    keys = open_demo_keys(DataDirectory(story.served.folder / "bank"), "guardian")
    transaction = {
        "type": 2,
        "chainId": int(call["chain_id"]),
        "nonce": call["nonce"],
        "to": call["to"],
        "value": 0,
        "data": call["data"],
        "gas": call["gas"],
        "maxFeePerGas": int(call["max_fee_per_gas"]),
        "maxPriorityFeePerGas": int(call["max_priority_fee_per_gas"]),
    }
    return keys.sign_transaction("role/guardian", transaction).hex()


def address_of(story: Story) -> str:
    keys = open_demo_keys(DataDirectory(story.served.folder / "bank"), "guardian")
    return keys.address("role/guardian")


def test_a_batch_is_frozen_and_freed_by_what_the_guardian_signed(
    story: Story, guardian: Client
) -> None:
    asked = {"sender": address_of(story), "batch": story.batch}
    call = guardian.done("/guardian/acts", asked | {"act": "freeze", "reason": "a doubt"})
    assert call["does"] == f"stop batch {story.batch} for 30 days from now: a doubt"
    once = {"headers": {"Idempotency-Key": "freeze of today"}}
    frozen = guardian.done("/guardian/transactions", {"raw": signed(story, call)}, **once)
    try:
        assert frozen["standing"]["status"] == "frozen"
        again = guardian.done("/guardian/transactions", {"raw": signed(story, call)})
        assert again["tx_hash"] == frozen["tx_hash"]
        told = guardian.done("/guardian/transactions", {"raw": signed(story, call)}, **once)
        assert told == frozen
        shown = story.stranger.get(f"/batches/{story.batch}/standing")
        assert (shown["status"], shown["reason"]) == ("frozen", "a doubt")
    finally:
        free = guardian.done("/guardian/acts", asked | {"act": "unfreeze"})
        freed = guardian.done("/guardian/transactions", {"raw": signed(story, free)})
    assert freed["standing"]["status"] == "active"


def test_a_guardian_hears_why_the_contract_would_refuse(story: Story, guardian: Client) -> None:
    asked = {"sender": address_of(story), "batch": story.batch, "reason": "x"}
    refused = guardian.refused("/guardian/acts", asked | {"act": "correct", "excess_g": 1})
    assert refused["title"] == "BatchNotDisproven"
    thief = asked | {"act": "freeze", "sender": story.verifier_address}
    refused = guardian.refused("/guardian/acts", thief)
    assert refused["title"] == "AccessControlUnauthorizedAccount"
    missing = guardian.refused("/guardian/acts", {"sender": address_of(story), "act": "freeze"})
    assert (missing["title"], missing["fields"]["field"]) == ("FieldInvalid", "batch")
    unknown = guardian.call("POST", "/guardian/acts", json=asked | {"act": "resume"})
    assert (unknown.status_code, unknown.json()["title"]) == (400, "RequestInvalid")
    unread = guardian.refused("/guardian/transactions", {"raw": "0x02"})
    assert unread["title"] == "SignedCallUnreadable"


def test_the_key_signs_what_it_reads_itself(story: Story, guardian: Client, tmp_path: Path) -> None:
    asked = {"sender": address_of(story), "act": "freeze", "batch": story.batch, "reason": "mine"}
    job = guardian.post("/guardian/acts", asked)
    file, beside = tmp_path / "job.json", story.served.folder / "bank-guardian"
    file.write_text(json.dumps(job))
    passphrase = read_demo_passphrase(beside / "demo-passphrase")
    made = story.served.command(
        "guardian", "sign", str(file), "--keystore", str(beside / "keystore.json"),
        env={"CARBONBANK_GUARDIAN_PASSPHRASE": passphrase, "CARBONBANK_DATA": str(tmp_path / "no")},
    )  # fmt: skip
    assert made["raw"].removeprefix("0x") == signed(story, job["result"])
    assert made["does"] == job["result"]["call"]
    assert (made["signer"], made["to"]) == (address_of(story), job["result"]["to"])
    for wrong in ("[]", "{}", json.dumps(job["result"] | {"data": "0x01020304"})):
        file.write_text(wrong)
        refused = CliRunner().invoke(
            carbonbank, ["guardian", "sign", str(file), "--keystore", str(beside / "keystore.json")]
        )
        assert isinstance(refused.exception, FieldInvalid)


def test_a_guardians_jobs_are_a_guardians(story: Story, guardian: Client) -> None:
    asked = {"sender": address_of(story), "act": "freeze", "batch": story.batch, "reason": "mine"}
    job = guardian.post("/guardian/acts", asked)
    for other in (story.operator, story.anna, story.verifier):
        assert other.call("GET", f"/jobs/{job['job_id']}").status_code == 403
    assert story.bank.get(f"/jobs/{job['job_id']}")["state"] == "done"


def test_everyone_sees_what_the_admin_scheduled(story: Story) -> None:
    (handed_over,) = story.stranger.get("/operations")["items"]
    assert (handed_over["state"], handed_over["delay_s"]) == ("done", 0)
    assert len(handed_over["calls"]) == 14
    verifier = f"CarbonBank.grantRole(role=VERIFIER, account={story.verifier_address})"
    assert verifier in handed_over["calls"]
    assert handed_over["calls"][-1] == "TimelockController.updateDelay(newDelay=0)"


def test_a_guardian_reads_the_evidence_it_decides_on(story: Story, guardian: Client) -> None:
    path = f"/batches/{story.batch}/package"
    answer = guardian.call("GET", path)
    assert answer.status_code == 200
    assert answer.content == story.verifier.call("GET", path).content
