"""`carbonbank audit`: check a package without the bank."""

import sys
from pathlib import Path

import click

from carbonbank.audit.check import check_package, holds
from carbonbank.cli.printing import json_option, show


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--rpc", "rpc_url", metavar="URL", help="Also ask the chain at this JSON-RPC URL.")
@json_option
def audit(package: Path, rpc_url: str | None, *, as_json: bool) -> None:
    """Recompute everything an audit PACKAGE claims: one line a check, exit 1 if any fails."""
    checks = check_package(package, rpc_url)
    verdict = "holds" if holds(checks) else "does not hold"
    told = {
        "package": str(package),
        "verdict": verdict,
        "checks": [
            {"name": check.name, "state": check.state.value, "detail": check.detail}
            for check in checks
        ],
    }
    lines = "\n".join([*map(str, checks), f"{package}: {verdict}"])
    show(told, as_json=as_json, line=lambda _: lines)
    sys.exit(0 if holds(checks) else 1)
