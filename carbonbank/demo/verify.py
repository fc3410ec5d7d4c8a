"""Step 5: an independent process recomputes every package, signs it, and refuses a raised one."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
            answer = _ask_verifier(stage, export_package(stage.bank, batch.batch_id))
            assert answer.document is not None, answer.said
            record_verification(stage.bank, batch.batch_id, answer.document)
    for batch in sealed:
        stage.say(f"{batch.batch_id}: recomputed and signed by {stage.verifier_address}")
        facts["verified"][batch.batch_id] = batch.total_g
    facts["refused"] = _refusal(stage, sealed[0])
    return facts


def _refusal(stage: Stage, batch: SealedBatch) -> Facts:
    package = export_package(stage.bank, batch.batch_id)
    answer = _ask_verifier(stage, raised_by_one_gram(stage.bank.press, package))
    assert answer.document is None, "the verifier signed a gram that nobody saved"
    stage.say(f"a copy of {batch.batch_id} raised by 1 g: refused, {answer.said['message']}")
    return {"batch_id": batch.batch_id, "exit": answer.exit_code, "error": answer.said["error"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    exit_code: int
    said: dict[str, Any]
    document: bytes | None


def _ask_verifier(stage: Stage, package: bytes) -> _Answer:
    """Run the verifier: it gets the package and its own keystore, nothing of the bank's."""
    with tempfile.TemporaryDirectory(prefix="verifier-") as desk:
        path, signed = Path(desk) / "package.zip", Path(desk) / "verification.json"
        path.write_bytes(package)
        command = [sys.executable, "-m", "carbonbank", "batch", "verify", str(path), "--json"]
        command += ["--keystore", str(stage.verifier_keystore.resolve()), "--out", str(signed)]
        done = subprocess.run(
            command,
            cwd=desk,
            env={"CARBONBANK_PASSPHRASE": stage.verifier_passphrase},
            capture_output=True,
            check=False,
        )
        assert done.stdout, done.stderr.decode()
        return _Answer(
            exit_code=done.returncode,
            said=json.loads(done.stdout),
            document=signed.read_bytes() if done.returncode == 0 else None,
        )
