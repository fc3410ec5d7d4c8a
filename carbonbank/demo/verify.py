"""Step 5: an independent process recomputes every package, signs it, and refuses a raised one."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from carbonbank.demo.stage import Facts, Stage
from carbonbank.demo.tamper import raised_by_one_gram
from carbonbank.domain.records import SealedBatch
from carbonbank.service.export_package import export_package
from carbonbank.service.record_verification import record_verification


def verify_batches(stage: Stage) -> Facts:
    """Step 5: hand each package to the verifier's process and record what it signs."""
    facts: Facts = {"verified": {}}
    with stage.bank.store.read() as records:
        sealed = records.find(SealedBatch, order="month")
    for batch in sealed:
        if batch.state == "sealed":
            package = export_package(stage.bank, batch_id=batch.batch_id)
            answer = _verifier(stage, package)
            record_verification(stage.bank, batch_id=batch.batch_id, document=answer.stdout)
    for batch in sealed:
        stage.say(f"{batch.batch_id}: recomputed and signed by {stage.verifier_address}")
        facts["verified"][batch.batch_id] = batch.total_g
    facts["refused"] = _refusal(stage, sealed[0])
    return facts


def _refusal(stage: Stage, batch: SealedBatch) -> Facts:
    package = export_package(stage.bank, batch_id=batch.batch_id)
    answer = _verifier(stage, raised_by_one_gram(stage.bank.press, package), check=False)
    said = json.loads(answer.stdout)
    stage.say(f"a copy of {batch.batch_id} raised by 1 g: refused, {said['message']}")
    return {"batch_id": batch.batch_id, "exit": answer.returncode, "error": said["error"]}


def _verifier(
    stage: Stage, package: bytes, *, check: bool = True
) -> subprocess.CompletedProcess[bytes]:
    """Run the verifier: it gets the package and its own keystore, nothing of the bank's."""
    with tempfile.TemporaryDirectory(prefix="verifier-") as desk:
        path = Path(desk) / "package.zip"
        path.write_bytes(package)
        command = [sys.executable, "-m", "carbonbank", "batch", "verify", str(path), "--json"]
        command += ["--keystore", str(stage.verifier_keystore.resolve())]
        return subprocess.run(
            command,
            cwd=desk,
            env={"CARBONBANK_PASSPHRASE": stage.verifier_passphrase},
            capture_output=True,
            check=check,
        )
