"""`carbonbank doctor`: what stands between this machine and a running bank, one line each."""

import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import click

from carbonbank.bootstrap.deployment import read_deployment
from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_keys
from carbonbank.bootstrap.open_bank import check_chain, database_url
from carbonbank.cli.opening import tell
from carbonbank.cli.printing import json_option
from carbonbank.config import Settings
from carbonbank.errors import CarbonBankError
from carbonbank.store.migrate import open_store

PYTHON_FIRST, PYTHON_LAST = (3, 11), (3, 14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at. `state`: ok, missing (it can be made) or failed."""

    name: str
    state: str
    detail: str
    remedy: str


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Look at Python, data directory, keystore, database, chain, port and Node; exit 1 if ill."""
    checks = list(examine(Settings()))
    tell({"checks": checks}, as_json=as_json, line=_lines)
    sys.exit(1 if any(check.state == "failed" for check in checks) else 0)


def examine(settings: Settings) -> Iterator[Check]:
    """Look at everything a bank of these settings needs, and change nothing."""
    directory = DataDirectory(settings.data)
    yield _python()
    yield _asked("data directory", lambda: _directory(directory))
    yield _asked("keystore", lambda: _keystore(settings, directory))
    yield _asked("database", lambda: _database(settings, directory))
    yield _asked("chain", lambda: _chain(settings, directory))
    yield _port(settings)
    node = shutil.which("node")
    yield Check(
        name="node",
        state="ok" if node else "missing",
        detail=node or "not installed",
        remedy="" if node else "only builders need it: install Node 20 or newer",
    )


def _asked(name: str, look: Callable[[], tuple[str, str, str]]) -> Check:
    try:
        state, detail, remedy = look()
    except CarbonBankError as error:
        state, detail, remedy = "failed", str(error), error.hint
    return Check(name=name, state=state, detail=detail, remedy=remedy)


def _python() -> Check:
    good = PYTHON_FIRST <= sys.version_info[:2] <= PYTHON_LAST
    return Check(
        name="python",
        state="ok" if good else "failed",
        detail=sys.version.split()[0],
        remedy="" if good else "make a virtual environment with Python 3.11 to 3.14",
    )


def _directory(directory: DataDirectory) -> tuple[str, str, str]:
    if not directory.path.exists():
        return "missing", f"{directory.path} is not there", "the first opening makes it"
    with directory.locked():
        return "ok", f"{directory.path} is writable and free", ""


def _keystore(settings: Settings, directory: DataDirectory) -> tuple[str, str, str]:
    if not directory.keystore.exists():
        return "missing", f"no {directory.keystore}", "run `carbonbank keys init`"
    open_keys(directory, settings.passphrase)
    return "ok", f"{directory.keystore} opens" + (" (DEMO)" if directory.is_demo else ""), ""


def _database(settings: Settings, directory: DataDirectory) -> tuple[str, str, str]:
    if settings.database_url is None and not directory.database.exists():
        return "missing", f"no {directory.database}", "the first opening makes it"
    with closing(open_store(database_url(settings))) as store:
        return "ok", store.url, ""


def _chain(settings: Settings, directory: DataDirectory) -> tuple[str, str, str]:
    deployment = read_deployment(directory.deployment)
    if settings.rpc_url is not None:
        return "ok", check_chain(settings.rpc_url, deployment), ""
    if deployment is None or not directory.chain.exists():
        return "missing", "no contracts yet", "the first opening makes the embedded chain"
    with closing(sqlite3.connect(f"file:{directory.chain}?mode=ro", uri=True)) as file:
        (word,) = file.execute("PRAGMA quick_check").fetchone()
    state = "ok" if word == "ok" else "failed"
    return state, f"embedded chain {deployment.identity.chain_id}: {word}", ""


def _port(settings: Settings) -> Check:
    address = f"{settings.host}:{settings.port}"
    try:
        with closing(socket.socket()) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((settings.host, settings.port))
    except OSError as error:
        reason = error.strerror or str(error)
        return Check(
            name="port",
            state="failed",
            detail=f"{address}: {reason}",
            remedy="stop what listens there, or set CARBONBANK_PORT",
        )
    return Check(name="port", state="ok", detail=f"{address} is free", remedy="")


def _lines(found: dict[str, Any]) -> str:
    return "\n".join(
        f"{one['state']:8}{one['name']}: {one['detail']}"
        + (f" ({one['remedy']})" if one["remedy"] else "")
        for one in found["checks"]
    )
