"""Step 5: an independent process recomputes every package, signs it, and refuses a raised one."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from carbonbank.demo.stage import Facts, Stage
from carbonbank.demo.tamper import GRAM, raised_by_one_gram
from carbonbank.demo.telling import Row, aligned, point, short, widths_of
from carbonbank.domain.records import SealedBatch
from carbonbank.service.export_package import export_package
from carbonbank.service.record_verification import record_verification
from carbonbank.units import month_label


def verify_batches(stage: Stage) -> Facts:
    """Step 5: hand each package to the verifier's process and record what it signs."""
    sealed = stage.batches()
    point(stage.say, f"The verifier is {stage.verifier_address}.")
    widths = widths_of(map(_told, sealed))
    for batch in sealed:
        if batch.state == "sealed":
            answer = _ask_verifier(stage, batch, export_package(stage.bank, batch.batch_id))
            assert answer.document is not None, answer.said
            record_verification(stage.bank, batch.batch_id, answer.document)
        stage.say(aligned(_told(batch), widths))
    return {
        "verifier": stage.verifier_address,
        "verified": {batch.batch_id: batch.total_g for batch in sealed},
        "refused": _refusal(stage, sealed[0]),
    }


def _told(batch: SealedBatch) -> Row:
    return (
        short(batch.batch_id),
        batch.fleet,
        month_label(batch.month),
        batch.total_g,
        "g recomputed and signed",
    )


def _refusal(stage: Stage, batch: SealedBatch) -> Facts:
    """Offer a copy of a package whose total was raised; the verifier must not sign it."""
    package = export_package(stage.bank, batch.batch_id)
    answer = _ask_verifier(stage, batch, raised_by_one_gram(stage.bank.press, package))
    assert answer.document is None, "the verifier signed a gram that nobody saved"
    point(
        stage.say,
        f"A copy of {short(batch.batch_id)} whose total was raised by {GRAM} g, every hash around "
        f"it made to fit: refused. {answer.said['error']}: {answer.said['message']}",
    )
    return {"batch_id": batch.batch_id, "exit": answer.exit_code, "error": answer.said["error"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    exit_code: int
    said: dict[str, Any]
    document: bytes | None


def _ask_verifier(stage: Stage, batch: SealedBatch, package: bytes) -> _Answer:
    """Run the verifier on its own desk: it gets the package and nothing else of the bank's."""
    desk = stage.verifier_keystore.parent.resolve() / "desk"
    desk.mkdir(exist_ok=True)
    path, signed = desk / f"{short(batch.batch_id)}.zip", desk / "verification.json"
    path.write_bytes(package)
    signed.unlink(missing_ok=True)
    command = [sys.executable, "-m", "carbonbank", "batch", "verify", path.name, "--json"]
    command += ["--keystore", str(desk.with_name(stage.verifier_keystore.name))]
    done = subprocess.run(
        [*command, "--out", signed.name],
        cwd=desk,
        env=stage.stranger | {"CARBONBANK_PASSPHRASE": stage.verifier_passphrase},
        capture_output=True,
        check=False,
    )
    assert done.stdout, done.stderr.decode()
    return _Answer(
        exit_code=done.returncode,
        said=json.loads(done.stdout),
        document=signed.read_bytes() if signed.exists() else None,
    )
