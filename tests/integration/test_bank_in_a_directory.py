"""A bank in its directory: closed and opened again, backed up and restored, with lost keys."""

import json
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from pydantic import SecretStr

from carbonbank.bootstrap.backup import backup, restore
from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import init_keys, rotate_keys
from carbonbank.bootstrap.open_bank import open_bank, open_view
from carbonbank.config import Settings
from carbonbank.domain.order import Side
from carbonbank.domain.records import PROJECTIONS, TRUTH
from carbonbank.errors import (
    BackupUnreadable,
    ChainElsewhere,
    DataDirectoryBusy,
    DeploymentMissing,
    DirectoryNotEmpty,
    DirectoryUnusable,
    KeyMissing,
    KeystoreLocked,
    KeystoreMissing,
    PassphraseMissing,
    RoleUnassigned,
)
from carbonbank.service.account_balance import account_balance
from carbonbank.service.bank import Bank
from carbonbank.service.certificate import certificate
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.fund_account import fund_account
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.open_account import open_account
from carbonbank.service.place_order import Wanted, place_order
from carbonbank.service.reconcile import reconcile
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.settle_trade import settle_trade
from carbonbank.service.sync_chain import drop_projections, sync_chain
from tests.faults.world import bank_in, verified_batch

FAST = 2  # of the cost of opening a keystore, whose strength is tested elsewhere
PARTIES = ("certifier", "verifier", "guardian", "proposers")
ELSEWHERE = {role: "0x" + digit * 40 for role, digit in zip(PARTIES, "1234", strict=True)}


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank on the embedded chain that issued, paid, traded and retired."""
    path = tmp_path_factory.mktemp("lived") / "bank"
    batch = verified_batch(path)
    with bank_in(path) as bank:
        issue_batch(bank, batch)
        claim_payout(bank, "anna")
        open_account(bank, handle="tina", kind="trader", person="T.")
        fund_account(bank, "tina", 10_000)
        ask = Wanted(
            account="olga", side=Side.SELL, amount_g=100, price_units_per_t=30_000_000, batch=batch
        )
        bid = Wanted(
            account="tina", side=Side.BUY, amount_g=100, price_units_per_t=40_000_000, batch=batch
        )
        sell, buy = place_order(bank, ask).order_hash, place_order(bank, bid).order_hash
        done = settle_trade(bank, sell, buy, batch, 100)
        again = settle_trade(bank, sell, buy, batch, 100)
        assert (done.repeated, again.repeated, again.tx_hash) == (False, True, done.tx_hash)
        retire_credits(bank, "tina", batch, 40, beneficiary="library", purpose="test")
    return path


def tables(bank: Bank) -> list[list[object]]:
    with bank.store.read() as session:
        return [session.find(kind) for kind in (*TRUTH, *PROJECTIONS)]


def test_opened_again_it_is_the_same_bank(lived_in: Path) -> None:
    with bank_in(lived_in) as bank:
        tina, olga = account_balance(bank, "tina"), account_balance(bank, "olga")
        # 100 g at 30 or 40 money a tonne, whichever order was signed first.
        assert tina.money_units in {10_000 - 3000, 10_000 - 4000}
        assert tina.money_units + olga.money_units == 10_000
        assert (tina.held_g, tina.retired_g, olga.held_g) == (60, 40, 219)
        assert account_balance(bank, "anna").held_g == 638
        assert certificate(bank, 1).facts["amount_g"] == 40
        assert reconcile(bank).findings == ()
        before = tables(bank)
        drop_projections(bank)
        sync_chain(bank)
        assert tables(bank) == before


def test_backup_and_restore_give_equal_tables_and_chain(lived_in: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    written = backup(Settings(data=lived_in), file)
    read = restore(Settings(data=tmp_path / "new"), file)
    assert (read.records, read.members) == (written.records, written.members)
    with bank_in(lived_in) as old:
        before, head, identity = tables(old), old.chain.head(), old.chain.identity
    with bank_in(tmp_path / "new") as new:
        assert (tables(new), new.chain.head(), new.chain.identity) == (before, head, identity)
        assert reconcile(new).findings == ()
        open_account(new, handle="new", kind="trader", person="N.")
        assert fund_account(new, "new", 5).held_units == 5
    with pytest.raises(DirectoryNotEmpty, match=r"bank\.sqlite"):
        restore(Settings(data=tmp_path / "new"), file)


@pytest.mark.parametrize("harm", ["text", "short", "altered", "missing"])
def test_what_is_no_backup_restores_nothing(lived_in: Path, tmp_path: Path, harm: str) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    backup(Settings(data=lived_in), good)
    if harm == "text":
        bad.write_text("no backup")
    elif harm == "short":
        bad.write_bytes(good.read_bytes()[:-100])
    else:
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
            for name in old.namelist():
                if harm == "missing" and name == "deployment.json":
                    continue
                data = old.read(name)
                new.writestr(name, data + b" " if name == "deployment.json" else data)
    with pytest.raises(BackupUnreadable):
        restore(Settings(data=tmp_path / "new"), bad)
    assert not (tmp_path / "new" / "chain.sqlite").exists()


def test_a_bank_at_work_is_not_backed_up(lived_in: Path, tmp_path: Path) -> None:
    with bank_in(lived_in), pytest.raises(DataDirectoryBusy):
        backup(Settings(data=lived_in), tmp_path / "backup.zip")


def test_looking_needs_no_lock_and_can_do_nothing(lived_in: Path, tmp_path: Path) -> None:
    with bank_in(lived_in), open_view(Settings(data=lived_in)) as view:
        assert account_balance(view, "tina").retired_g == 40
        assert view.chain.identity.embedded
        with pytest.raises(ChainElsewhere, match="neither chain nor keys"):
            fund_account(view, "tina", 1, "new")
    with pytest.raises(DeploymentMissing), open_view(Settings(data=tmp_path)):
        pass


# --- keys ---------------------------------------------------------------------------------------


def test_a_demo_holds_the_same_keys_everywhere(lived_in: Path, tmp_path: Path) -> None:
    with bank_in(lived_in) as one, bank_in(tmp_path / "other") as two:
        assert one.signer.address("role/issuer") == two.signer.address("role/issuer")
        assert one.registry_key == two.registry_key
        assert one.chain.identity.chain_id != two.chain.identity.chain_id
        with pytest.raises(KeyMissing):
            one.signer.address("role/verifier")
    passphrase = DataDirectory(lived_in).demo_passphrase
    assert passphrase.read_text().startswith("DEMO")
    assert passphrase.stat().st_mode & 0o077 == 0


def test_a_bank_of_ones_own_needs_keys_a_passphrase_and_other_parties(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "bank")
    bare = Settings(data=directory.path)
    with pytest.raises(KeystoreMissing, match="no keystore"), open_bank(bare):
        pass
    init_keys(directory, "open sesame", cost=FAST)
    with pytest.raises(PassphraseMissing), open_bank(bare):
        pass
    wrong = Settings(data=directory.path, passphrase=SecretStr("lost"))
    with pytest.raises(KeystoreLocked, match=r"bank\.json"), open_bank(wrong):
        pass
    right = Settings(data=directory.path, passphrase=SecretStr("open sesame"))
    with pytest.raises(RoleUnassigned, match="CARBONBANK_CERTIFIER"), open_bank(right):
        pass
    named = Settings(data=directory.path, passphrase=SecretStr("open sesame"), **ELSEWHERE)
    with open_bank(named) as bank:
        issuer = bank.signer.address("role/issuer")
    told = json.loads(directory.deployment.read_bytes())
    assert told["roles"]["verifier"] == ELSEWHERE["verifier"]
    rotate_keys(directory, "open sesame", "new words")
    with _opened(named, "new words") as bank:
        assert bank.signer.address("role/issuer") == issuer


def _opened(settings: Settings, passphrase: str) -> AbstractContextManager[Bank]:
    """Open without the passphrase in the settings: a person at the terminal says it."""
    return open_bank(settings.model_copy(update={"passphrase": None}), ask=lambda _: passphrase)


def test_a_directory_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DirectoryUnusable), bank_in(tmp_path / "file" / "bank"):
        pass
