"""Steps 10 and 11: the papers, and an audit of them by somebody who has nothing else."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from carbonbank.demo.stage import Facts, Stage
from carbonbank.demo.telling import point, short
from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import ChainRetirement
from carbonbank.service.certificate import certificate
from carbonbank.service.export_package import export_package


def print_papers(stage: Stage) -> Facts:
    """Step 10: the retirement's certificate as PDF, and its batch's audit package."""
    with stage.bank.store.read() as records:
        retired = records.find(ChainRetirement, order="retirement_id")[-1]
    paper = certificate(stage.bank, retired.retirement_id)
    package = export_package(stage.bank, retired.batch_id)
    pdf_path = stage.paper(f"certificate-{retired.retirement_id}.pdf", paper.pdf)
    zip_path = stage.paper(_zip_name(retired), package)
    for path, content in ((pdf_path, paper.pdf), (zip_path, package)):
        point(stage.say, f"{path}: {len(content):,} bytes, SHA-256 {short(sha256(content).hex())}")
    point(stage.say, f"serial {paper.serial}")
    return {
        "certificate": pdf_path.name,
        "certificate_sha256": sha256(paper.pdf).hex(),
        "serial": paper.serial,
        "package": zip_path.name,
        "package_sha256": sha256(package).hex(),
        "batch_id": retired.batch_id,
    }


def audit_papers(stage: Stage) -> Facts:
    """Step 11: `carbonbank audit` in an empty folder with the data directory out of reach."""
    with stage.bank.store.read() as records:
        retired = records.find(ChainRetirement, order="retirement_id")[-1]
    package = stage.papers / _zip_name(retired)
    with tempfile.TemporaryDirectory(prefix="stranger-") as desk:
        copy = Path(desk) / package.name
        copy.write_bytes(package.read_bytes())
        answer = subprocess.run(
            [sys.executable, "-m", "carbonbank", "audit", copy.name, "--json"],
            cwd=desk,
            env=stage.stranger | {"CARBONBANK_DATA": str(Path(desk) / "nothing-here")},
            capture_output=True,
            check=True,
        )
    checks = json.loads(answer.stdout)["checks"]
    for check in checks:
        point(stage.say, f"{check['state']}: {check['name']}, {check['detail']}")
    return {"exit": answer.returncode, "checks": {c["name"]: c["state"] for c in checks}}


def _zip_name(retired: ChainRetirement) -> str:
    return f"batch-{short(retired.batch_id)}.zip"
