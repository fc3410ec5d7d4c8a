"""A verifier signs what was recomputed, and nothing else."""

import json

import pytest
from click.testing import CliRunner

from carbonbank.audit.check import check_package, holds
from carbonbank.audit.verify import verify_and_sign
from carbonbank.cli.audit import audit
from carbonbank.errors import NotTheNamedVerifier, PackageDoesNotHold
from tests.unit.audit.by_hand import changed, package_files, zipped
from tests.unit.audit.worked_out import STRANGER, VERIFIER


def sign_with(account):
    return lambda digest: account.unsafe_sign_hash(digest).signature


def test_a_package_that_holds_is_signed_and_the_signature_holds():
    files = package_files(stage="sealed")
    verification = verify_and_sign(zipped(files), sign_with(VERIFIER))
    # The independent builder signs the same claim by eth_account's own EIP-712: one signature.
    theirs = json.loads(package_files()["verification.json"])
    ours = json.loads(verification)
    assert ours["signature"] == theirs["signature"]
    assert holds(check_package(zipped(files | {"verification.json": verification})))
    assert verify_and_sign(zipped(files), sign_with(VERIFIER)) == verification


def test_the_statement_says_what_was_and_was_not_verified():
    told = json.loads(verify_and_sign(zipped(package_files(stage="sealed")), sign_with(VERIFIER)))
    for words in (
        "DEMO",
        "fleet-x",
        "2021-03",
        "AMS-III.C/16",
        "integer 2091 g",
        "exact 2093.231829294 g",
        "operator 1423 g, drivers 458 g, buffer 210 g",
        "1 vehicles were left out",
        "retroactively",
        "not within this verification",
        VERIFIER.address,
        told["batch_id"],
    ):
        assert words in told["statement"]


def never(digest):
    raise AssertionError("nothing may be signed")


def test_a_total_raised_by_a_gram_is_refused_and_nothing_is_signed():
    files = package_files(stage="sealed", on_claim=lambda c: changed(c, "operator_g", value=1424))
    with pytest.raises(PackageDoesNotHold, match=r"grams of the claim is 2092, recomputed 2091"):
        verify_and_sign(zipped(files), never)


def test_what_can_not_be_recomputed_is_not_signed():
    files = package_files(stage="sealed", with_trips=False)
    with pytest.raises(PackageDoesNotHold, match=r"grams: the package has no trips\.ndjson"):
        verify_and_sign(zipped(files), never)


def test_another_verifier_than_the_named_one_can_not_sign():
    with pytest.raises(NotTheNamedVerifier) as caught:
        verify_and_sign(zipped(package_files(stage="sealed")), sign_with(STRANGER))
    assert caught.value.signer == STRANGER.address


def test_the_command_prints_a_line_a_check_and_exits_by_the_verdict(tmp_path):
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    good.write_bytes(zipped(package_files()))
    bad.write_bytes(zipped(package_files(signer=STRANGER)))
    said = CliRunner().invoke(audit, [str(good)])
    assert said.exit_code == 0
    assert "not checked: receipt: the package has no receipt.json" in said.output
    assert said.output.splitlines()[-1] == f"{good}: holds"
    said = CliRunner().invoke(audit, [str(bad), "--json"])
    assert said.exit_code == 1
    told = json.loads(said.output)
    assert told["verdict"] == "does not hold"
    assert [c["name"] for c in told["checks"] if c["state"] == "failed"] == ["signature"]
