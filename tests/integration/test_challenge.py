"""A leaf file that contradicts itself stops its batch, from the command line and over the API."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_demo_keys
from carbonbank.chain.keystore import Keystore
from carbonbank.cli.main import carbonbank
from carbonbank.domain.claim import BatchClaim, batch_id, batch_text
from carbonbank.domain.codec import from_text, to_text
from carbonbank.domain.evidence import encode_leaf, leaf_file, leaves_of_file
from carbonbank.domain.merkle import evidence_root
from carbonbank.domain.records import SealedBatch, Verification
from carbonbank.errors import EvidenceNotSigned, PackageUnreadable, ProofSettled
from carbonbank.jobs.handlers import handlers
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import batch_status
from carbonbank.service.challenge_batch import challenge_batch
from carbonbank.service.export_package import export_package
from carbonbank.service.find_contradictions import find_contradictions, in_words
from carbonbank.service.hold_evidence import evidence_of_leaves, evidence_of_package
from carbonbank.service.issue_batch import issue_batch
from tests.faults.world import bank_in, verified_batch


@pytest.fixture
def home(tmp_path: Path) -> tuple[Path, str]:
    """A bank that issued a batch whose running total does not add up, as a fraud would."""
    path = tmp_path / "bank"
    honest = verified_batch(path)
    with bank_in(path) as bank:
        wrong = wrong_batch(bank, honest, path)
        issue_batch(bank, wrong)
    return path, wrong


def wrong_batch(bank: Bank, honest: str, path: Path) -> str:
    """Seal and sign again what was sealed, its first leaf a gram less than its running total."""
    with bank.store.read() as session:
        sealed, verified = session.need(SealedBatch, honest), session.need(Verification, honest)
    first, *rest = leaves_of_file(sealed.leaves)
    leaves = [replace(first, reduction_g=first.reduction_g - 1), *rest]
    root = evidence_root(map(encode_leaf, leaves))
    claim = replace(from_text(BatchClaim, sealed.claim), evidence_root=root)
    batch = batch_text(batch_id(claim))
    keys = open_demo_keys(DataDirectory(path), "verifier")
    signature = keys.sign_digest("role/verifier", bank.chain.claim_digest(claim)).hex()
    with bank.store.begin() as session:
        session.add(replace(sealed, batch_id=batch, claim=to_text(claim), leaves=leaf_file(leaves)))
        session.add(replace(verified, batch_id=batch, signature=signature))
    return batch


def leaves_in(bank: Bank, batch: str) -> bytes:
    with bank.store.read() as session:
        return session.need(SealedBatch, batch).leaves


def test_a_contradiction_is_found_sent_and_taken_once(home: tuple[Path, str]) -> None:
    path, batch = home
    with bank_in(path) as bank:
        data = leaves_in(bank, batch)
        (found,) = find_contradictions(evidence_of_leaves(bank, batch[:8], data))
        assert in_words(found).kind == "first_total"
        done = challenge_batch(bank, found)
        assert done.challenger == bank.signer.address("role/challenger")
        assert [one.status for one in done.standing] == ["disproven"]
        assert batch_status(bank, batch).proof_id == done.proof_id == found.proof_id.hex()
        with pytest.raises(ProofSettled):
            challenge_batch(bank, found)


def test_honest_evidence_says_nothing_and_altered_evidence_is_no_evidence(tmp_path: Path) -> None:
    batch = verified_batch(tmp_path / "bank")
    with bank_in(tmp_path / "bank") as bank:
        data = leaves_in(bank, batch)
        assert find_contradictions(evidence_of_leaves(bank, batch, data)) == []
        with pytest.raises(EvidenceNotSigned):
            evidence_of_leaves(bank, batch, data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(PackageUnreadable):
        evidence_of_package({"claim.json": b"{}"})


def test_a_job_challenges_with_the_file_it_was_given(home: tuple[Path, str]) -> None:
    path, batch = home
    with bank_in(path) as bank:
        (path / "leaves").write_bytes(leaves_in(bank, batch))
        told = handlers(bank, path)["challenge_batch"]({"batch": batch, "file_hash": "leaves"})
        assert told["standing"][0]["status"] == "disproven"


def test_anybody_challenges_a_package_with_an_own_key(
    home: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, batch = home
    with bank_in(path) as bank:
        (tmp_path / "package.zip").write_bytes(export_package(bank, batch))
        (tmp_path / "leaves.bin").write_bytes(leaves_in(bank, batch))
    (tmp_path / "no.zip").write_text("no package")
    refused = CliRunner().invoke(carbonbank, ["challenge", str(tmp_path / "no.zip")])
    assert isinstance(refused.exception, PackageUnreadable)
    own = Keystore.create(tmp_path / "own.json", "mine", cost=2)
    monkeypatch.setenv("CARBONBANK_DATA", str(path))
    run = CliRunner().invoke
    package = str(tmp_path / "package.zip")
    looked = run(carbonbank, ["challenge", package, "--json"])
    assert looked.exit_code == 1
    (found,) = json.loads(looked.stdout)["contradictions"]
    assert (found["kind"], found["batch_ids"]) == ("first_total", [batch])
    by_leaves = ["challenge", str(tmp_path / "leaves.bin"), "--batch", batch, "--json"]
    assert json.loads(run(carbonbank, by_leaves).stdout)["contradictions"] == [found]
    monkeypatch.setattr("carbonbank.cli.challenge.open_keystore", lambda *_: own)
    sent = run(
        carbonbank,
        ["challenge", package, "--send", "--keystore", "own.json", "--json"],
        catch_exceptions=False,
    )
    told = json.loads(sent.stdout)
    assert told["challenger"] == own.address("role/challenger")
    assert told["standing"][0]["proof_id"] == found["proof_id"]
