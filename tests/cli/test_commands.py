"""Every command has help, speaks JSON and is documented; errors are one line and an exit code."""

import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from carbonbank import cli
from carbonbank.cli.main import carbonbank
from carbonbank.cli.printing import exit_code
from carbonbank.errors import (
    CarbonBankError,
    DirectoryNotEmpty,
    FileUnreadable,
    KeystoreLocked,
    NotEnoughHeld,
    NotFound,
    PassphraseMissing,
)
from carbonbank.service.issue_batch import issue_batch
from scripts.make_docs import commands
from tests.faults.world import bank_in, verified_batch

ROOT = Path(__file__).parents[2]
COMMANDS = dict(commands())
STABLE = {
    "serve", "demo", "doctor", "import", "month close", "month reopen", "upload withdraw",
    "quantify", "programme check", "batch seal", "batch verify", "batch issue", "batch show",
    "account balance", "order place", "order cancel", "order list", "order settle", "retire",
    "sync", "reconcile", "audit", "keys init", "keys rotate", "backup", "restore", "examples run",
}  # fmt: skip
SILENT = {"serve", "worker"}  # they run until they are stopped


def call(*words: str) -> Result:
    return CliRunner().invoke(carbonbank, list(words))


def told(*words: str) -> Any:
    result = call(*words, "--json")
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


def refused(error: type[CarbonBankError], *words: str) -> CarbonBankError:
    result = call(*words)
    assert isinstance(result.exception, error), result.output
    return result.exception


def test_the_promised_commands_are_there() -> None:
    assert set(COMMANDS) >= STABLE


def test_no_command_stands_where_nobody_can_call_it() -> None:
    written = {
        command
        for module in pkgutil.iter_modules(cli.__path__)
        for command in vars(import_module(f"carbonbank.cli.{module.name}")).values()
        if isinstance(command, click.Command)
    }
    assert len(written) > len(COMMANDS)  # commands and their groups
    assert written - set(reachable(carbonbank)) == set()


def reachable(command: click.Command) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from reachable(found)


def test_every_command_that_a_page_names_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        words
        for page in pages
        for words in re.findall(r"`carbonbank ((?:[a-z]+ ?)+)", page.read_text())
    }
    first = {words.split()[0] for words in named}
    assert len(first) > 10
    assert first - {name.split()[0] for name in COMMANDS} == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_helps_and_is_documented(name: str) -> None:
    result = call(*name.split(), "--help")
    assert result.exit_code == 0
    command = COMMANDS[name]
    assert command.help
    assert len(command.help.splitlines()[0]) < 100
    assert all(p.help for p in command.params if isinstance(p, click.Option))
    assert f"\n## {name}\n" in (ROOT / "docs" / "reference" / "cli.md").read_text()


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - SILENT))
def test_every_command_speaks_json(name: str) -> None:
    assert "--json" in [word for p in COMMANDS[name].params for word in p.opts]


# --- a bank at the terminal ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("cli") / "bank"
    batch = verified_batch(path)
    with bank_in(path) as bank:
        issue_batch(bank, batch)
    return path, batch


@pytest.fixture
def batch(home: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CARBONBANK_DATA", str(home[0]))
    return home[1]


def test_doctor_tells_the_state_of_everything(batch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONBANK_PORT", "0")
    states = {one["name"]: one["state"] for one in told("doctor")["checks"]}
    assert {states[n] for n in ("python", "data directory", "keystore", "database", "chain")} == {
        "ok"
    }
    assert "ok      chain: embedded chain" in call("doctor").stdout


def test_doctor_names_remedies_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARBONBANK_DATA", str(tmp_path / "none"))
    lines = call("doctor").stdout
    assert "missing keystore: no" in lines
    assert "`carbonbank keys init`" in lines
    assert list(tmp_path.iterdir()) == []


def test_a_person_is_erased_from_the_terminal(batch: str) -> None:
    told("account", "open", "nora", "--kind", "trader", "--person", "Nora of old")
    assert told("account", "erase", "Nora of old") == {
        "accounts": 1, "trips": 0, "batches": 0, "repeated": False,
    }  # fmt: skip
    assert told("account", "erase", "Nora of old")["repeated"]
    refused(NotFound, "account", "erase", "nobody")
    assert told("account", "balance", "nora")["held_g"] == 0


def test_the_way_of_a_gram_through_the_terminal(batch: str, tmp_path: Path) -> None:
    first = told("account", "balance", "olga")
    assert first["held_g"] + first["retired_g"] == 319
    assert told("account", "claim", "anna")["payouts"][0]["amount_g"] == 638
    told("account", "open", "tina", "--kind", "trader", "--person", "T.")
    told("account", "fund", "tina", "10000", "--key", "a")
    sell = told("order", "place", "olga", "sell", "100", "30000000", "--batch", batch[:8])
    buy = told("order", "place", "tina", "buy", "100", "30000000", "--batch", batch)
    done = told("order", "settle", sell["order_hash"], buy["order_hash"], batch, "100")
    assert done["paid_units"] == 3000
    assert {one["state"] for one in told("order", "list")["orders"]} == {"filled"}
    told("account", "transfer", "olga", "ben", batch, "5")
    words = ("tina", batch, "40", "--beneficiary", "library", "--purpose", "test")
    retired = told("retire", *words)
    assert told("retire", *words) == retired | {"repeated": True}
    out = tmp_path / "paper.pdf"
    paper = told("certificate", str(retired["retirement_id"]), "--out", str(out))
    assert (paper["amount_g"], out.read_bytes()[:4]) == (40, b"%PDF")
    package = tmp_path / "package.zip"
    told("batch", "export", batch, "--out", str(package))
    assert told("audit", str(package))["verdict"] == "holds"
    for words in (["driver", "--account", "anna"], ["auditor", "--leaf", "0"], ["anyone"]):
        told("batch", "export", batch, "--out", str(package), "--for", *words)
        checks = {one["name"]: one["state"] for one in told("audit", str(package))["checks"]}
        assert checks["grams"] == ("not checked" if words == ["anyone"] else "ok")
    assert told("batch", "show", batch[:6])["retired_g"] == 40
    assert told("batch", "issue", batch)["repeated"]
    assert told("reconcile")["findings"] == []
    assert told("sync", "--from-start")["blocks_read"] > 0
    assert call("reconcile").stdout.startswith("clean: 1 batches")
    refused(NotEnoughHeld, "retire", "tina", batch, "61", "--beneficiary", "b", "--purpose", "p")
    refused(NotFound, "account", "balance", "nobody")


def test_backup_and_restore_at_the_terminal(
    batch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backup.zip"
    written = told("backup", str(file))
    monkeypatch.setenv("CARBONBANK_DATA", str(tmp_path / "new"))
    assert told("restore", str(file)) == written
    assert told("reconcile")["findings"] == []
    refused(DirectoryNotEmpty, "restore", str(file))


def test_keys_at_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONBANK_DATA", str(tmp_path / "bank"))
    refused(PassphraseMissing, "keys", "init")
    monkeypatch.setenv("CARBONBANK_PASSPHRASE", "one")
    made = told("keys", "init")
    monkeypatch.setenv("CARBONBANK_NEW_PASSPHRASE", "two")
    assert told("keys", "rotate") == made
    assert isinstance(refused(KeystoreLocked, "keys", "rotate"), KeystoreLocked)


def test_a_month_is_written_as_people_write_it(batch: str) -> None:
    result = call("month", "close", "chicago-2007", "June")
    assert result.exit_code == 2
    assert "not a month like 2021-03" in result.output


def test_an_error_is_one_line_and_an_exit_code(batch: str, home: tuple[Path, str]) -> None:
    command = [sys.executable, "-m", "carbonbank", "import", "none.csv", "--fleet", "f"]
    result = subprocess.run(
        [*command, "--programme", "p", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == exit_code(FileUnreadable(path="", reason="")) == 2
    assert json.loads(result.stdout)["error"] == "FileUnreadable"
    assert len(result.stderr.splitlines()) == 1
