"""The direction of imports holds, and every module has a place in it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_imports_point_inward() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_module_has_a_layer() -> None:
    placed = {
        "__init__", "__main__", "web", "cli", "bootstrap", "chain", "store", "intake", "report",
        "jobs", "config", "service", "ports", "mrv", "domain", "errors", "units", "audit", "client",
        "data", "demo", "explore", "py",
    }  # fmt: skip
    found = {
        p.stem for p in (ROOT / "carbonbank").iterdir() if not p.name.startswith("__pycache__")
    }
    assert found - placed == set()


def test_every_use_case_has_a_door() -> None:
    """What only tests import, nobody can ask for."""
    sources = {p: p.read_text(encoding="utf-8") for p in (ROOT / "carbonbank").rglob("*.py")}
    folder = ROOT / "carbonbank" / "service"
    nobody = [
        path.stem
        for path in folder.glob("[!_]*.py")
        if not any(
            re.search(rf"from carbonbank\.service\.{path.stem} import", text)
            for other, text in sources.items()
            if other != path
        )
    ]
    assert nobody == []
