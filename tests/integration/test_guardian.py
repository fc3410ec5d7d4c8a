"""A guardian's work on the embedded chain, with the key of its own keystore."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import Keyring
from carbonbank.cli.main import carbonbank
from carbonbank.domain.admin_acts import GrantRole
from carbonbank.errors import (
    AmountNotPositive,
    BatchNotActive,
    BatchNotCancellable,
    BatchNotCancelled,
    BatchNotDisproven,
    BatchNotFrozen,
    FieldInvalid,
    IssueIsStopped,
    KeyMissing,
)
from carbonbank.service.admin import role_act
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import batch_status
from carbonbank.service.batch_view import batch_view
from carbonbank.service.cancel_batch import cancel_batch
from carbonbank.service.certificate import certificate
from carbonbank.service.correct_batch import correct_batch
from carbonbank.service.dismiss_role import dismiss_role
from carbonbank.service.freeze_batch import freeze_batch
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.reconcile import reconcile
from carbonbank.service.record_verification import record_verification
from carbonbank.service.replace_retired import replace_retired
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.retirement_view import retirement_view
from carbonbank.service.stop_issue import stop_issue
from carbonbank.service.trace import ALL_SEEING, trace
from carbonbank.service.unfreeze_batch import unfreeze_batch
from tests.faults.world import bank_in, stage_in, verified_batch
from tests.integration.test_corrections import act, administer
from tests.stage import Clock, trip

PROOF = b"\x09" * 32


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Bank, str]]:
    batch = verified_batch(tmp_path / "bank")
    with bank_in(tmp_path / "bank") as bank:
        issue_batch(bank, batch)
        yield bank, batch


def later(bank: Bank, days: int) -> Bank:
    """The same bank looked at some days later; the chain's own time stays."""
    return replace(bank, clock=Clock(bank.clock.now_at() + timedelta(days=days)))


def test_a_freeze_has_a_reason_counts_its_days_and_is_renewed_on_demand(
    site: tuple[Bank, str],
) -> None:
    bank, batch = site
    with pytest.raises(FieldInvalid, match="reason"):
        freeze_batch(bank, batch, " ")
    frozen = freeze_batch(bank, batch, "odometers run backward")
    assert (frozen.status, frozen.reason, frozen.days_left) == (
        "frozen", "odometers run backward", 30,
    )  # fmt: skip
    assert freeze_batch(bank, batch, "another word") == frozen
    with pytest.raises(BatchNotActive):
        retire_credits(bank, "olga", batch, 1, beneficiary="b", purpose="p")
    renewed = freeze_batch(bank, batch, "records are late", renew=True)
    assert renewed.reason == "records are late"
    assert renewed.frozen_since_at == frozen.frozen_since_at
    assert batch_status(later(bank, 12), batch).days_left == 18
    assert batch_status(later(bank, 31), batch).days_left == 0
    assert batch_view(bank, batch).standing == batch_status(bank, batch)
    assert reconcile(bank).findings == ()
    free = unfreeze_batch(bank, batch)
    assert (free.status, free.reason, free.days_left, free.frozen_until_at) == (
        "active", "", None, None,
    )  # fmt: skip
    with pytest.raises(BatchNotFrozen):
        unfreeze_batch(bank, batch)
    assert retire_credits(bank, "olga", batch, 1, beneficiary="b", purpose="p").amount_g == 1


def test_what_is_not_disproven_is_neither_corrected_nor_cancelled_nor_replaced(
    site: tuple[Bank, str],
) -> None:
    bank, batch = site
    with pytest.raises(AmountNotPositive):
        correct_batch(bank, batch, 0, "why")
    with pytest.raises(BatchNotDisproven):
        correct_batch(bank, batch, 1, "why")
    with pytest.raises(BatchNotCancellable):
        cancel_batch(bank, batch, "why")
    with pytest.raises(BatchNotCancelled):
        replace_retired(bank, batch)


def test_without_the_guardians_key_the_bank_stops_nothing(site: tuple[Bank, str]) -> None:
    bank, _ = site
    assert isinstance(bank.signer, Keyring)
    with pytest.raises(KeyMissing):
        Keyring(bank.signer.bank).address("role/guardian")
    assert bank.signer.bank.address("role/guardian") != bank.signer.address("role/guardian")


def test_issuing_stops_and_a_role_is_dismissed(tmp_path: Path) -> None:
    batch = verified_batch(tmp_path / "bank")
    with bank_in(tmp_path / "bank") as bank:
        assert not stop_issue(bank, "a key is stolen").repeated
        assert stop_issue(bank, "a key is stolen").repeated
        with pytest.raises(IssueIsStopped):
            issue_batch(bank, batch)
        registrar = bank.signer.address("role/registrar")
        with pytest.raises(FieldInvalid, match="role"):
            dismiss_role(bank, "admin", registrar, "no")
        assert dismiss_role(bank, "registrar", registrar, "stolen").role == "registrar"


def test_corrected_cancelled_and_replaced_with_the_grams_shown(tmp_path: Path) -> None:
    path = tmp_path / "bank"
    with bank_in(path) as bank:
        stage = stage_in(path, bank)
        stage.certify()
        june = stage.verified([trip()]).batch_id
        stage.offer([trip("2024-07-03T08:00:00", vehicle_id="car-2")], "july.csv")
        stage.close(2024 * 12 + 6)
        july = stage.seal(2024 * 12 + 6).batch_id
        record_verification(bank, july, stage.signed(july))
        for batch in (june, july):
            issue_batch(bank, batch)
        retire_credits(bank, "olga", june, 150, beneficiary="b", purpose="p")
        challenger = bank.signer.address("role/relayer")
        administer(bank, role_act(GrantRole, "challenger", challenger))
        act(bank, "role/relayer", "disprove", int(june, 16), PROOF)
        corrected = correct_batch(bank, june, 10, "ten grams too many", [july])
        assert (corrected.status, corrected.cancelled_g, corrected.proof_id) == ("active", 10, None)
        act(bank, "role/relayer", "disprove", int(june, 16), b"\x0a" * 32)
        assert batch_status(bank, june).proof_id is None  # not synced yet
        gone = cancel_batch(bank, june, "no trips at all")
        assert cancel_batch(bank, june, "no trips at all") == gone
        assert (gone.status, gone.proof_id, gone.unreplaced_g) == ("cancelled", "0a" * 32, 150)
        buffer_g = batch_status(bank, july).buffer_g
        replaced = replace_retired(bank, june)
        assert replaced.unreplaced_g == 150 - buffer_g
        assert [one.amount_g for one in replaced.replacements] == [buffer_g]
        assert replaced.replacements[0].source_batch_id == july
        shown = retirement_view(bank, 1)
        assert (shown.batch_status, shown.unreplaced_g) == ("cancelled", 150 - buffer_g)
        assert shown.replaced[0].serial.endswith(f"-{june[:8]}-1-{buffer_g}")
        assert shown.replaced[0].replaced_by.endswith(f"-{july[:8]}-1-{buffer_g}")
        traced = trace(bank, shown.serial, ALL_SEEING).retirements[0]
        assert (traced.replaced_by, traced.unreplaced_g) == (shown.replaced, shown.unreplaced_g)
        paper = certificate(bank, 1)
        assert paper.facts["unreplaced_g"] == shown.unreplaced_g
        text = PdfReader(BytesIO(paper.pdf)).pages[0].extract_text()
        assert f"{shown.unreplaced_g} g of this retirement are not replaced" in text
        assert shown.replaced[0].replaced_by in "".join(text.split())
        assert reconcile(bank).findings == ()


def test_a_guardian_acts_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bank"
    batch = verified_batch(path)
    with bank_in(path) as bank:
        issue_batch(bank, batch)
    monkeypatch.setenv("CARBONBANK_DATA", str(path))
    folder = DataDirectory(path).beside("guardian")
    monkeypatch.setenv(
        "CARBONBANK_GUARDIAN_PASSPHRASE",
        (folder / "demo-passphrase").read_text().splitlines()[1],
    )
    words = ["--keystore", str(folder / "keystore.json"), "--json"]
    run = CliRunner().invoke
    asked = ["guardian", "freeze", batch[:8], "--reason", "doubt", *words]
    frozen = json.loads(run(carbonbank, asked, catch_exceptions=False).stdout)
    assert (frozen["status"], frozen["days_left"]) == ("frozen", 30)
    shown = run(carbonbank, ["guardian", "status", batch[:8], "--json"], catch_exceptions=False)
    assert json.loads(shown.stdout)["reason"] == "doubt"
    freed = run(carbonbank, ["guardian", "unfreeze", batch[:8], *words], catch_exceptions=False)
    assert json.loads(freed.stdout)["status"] == "active"
    for rest in (["correct", batch, "5"], ["cancel", batch]):
        refused = run(carbonbank, ["guardian", *rest, "--reason", "no", *words])
        assert isinstance(refused.exception, BatchNotDisproven | BatchNotCancellable)
