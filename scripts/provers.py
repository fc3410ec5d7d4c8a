"""Where the provers of the contracts are, how they are called, and where reports go."""

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
FORGE = ROOT / "node_modules/@foundry-rs/forge-linux-amd64/bin/forge"
PROVE_BIN = ROOT / ".prove/bin"
REPORTS = ROOT / "docs/reports"

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class NotProvenError(Exception):
    """A prover found something, or did less than it must have done."""


def call(command: list[str], profile: str) -> tuple[int, str]:
    """Run a tool that finds the native forge and its profile; return exit code and output."""
    path = f"{FORGE.parent}:{PROVE_BIN}:{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "FOUNDRY_PROFILE": profile, "NO_COLOR": "1"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, _COLOUR.sub("", done.stdout)


def write_report(name: str, title: str, body: list[str]) -> Path:
    """Write a dated report that names the commit; return where."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"{name}-{day}.md"
    path.write_text("\n".join([f"# {title}", "", f"{day}, commit {commit}.", "", *body, ""]))
    return path
