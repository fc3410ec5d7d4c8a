"""An audit package at every stage: the second implementation finds nothing to refuse."""

import json
import zipfile
from io import BytesIO

import pytest

from carbonbank.audit.check import check_package
from carbonbank.audit.outcome import State
from carbonbank.errors import NotFound
from carbonbank.service.export_package import export_package
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.record_verification import record_verification
from tests.stage import Stage, trip


def stage_of(package: bytes) -> str:
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return str(json.loads(archive.read("manifest.json"))["stage"])


def states(package: bytes) -> dict[str, State]:
    checks = check_package(package)
    assert [(c.name, c.detail) for c in checks if not c.ok] == []
    return {check.name: check.state for check in checks}


def test_a_package_grows_with_its_batch(stage: Stage) -> None:
    stage.certify()
    batch = stage.sealed([trip()]).batch_id
    sealed = export_package(stage.bank, batch)
    assert (stage_of(sealed), states(sealed)["signature"]) == ("sealed", State.NOT_CHECKED)
    record_verification(stage.bank, batch, stage.signed(batch))
    verified = export_package(stage.bank, batch)
    assert (stage_of(verified), states(verified)["signature"]) == ("verified", State.OK)
    issue_batch(stage.bank, batch)
    issued = export_package(stage.bank, batch)
    assert (stage_of(issued), states(issued)["receipt"]) == ("issued", State.OK)
    assert export_package(stage.bank, batch) == issued


def test_there_is_no_package_of_no_batch(stage: Stage) -> None:
    with pytest.raises(NotFound):
        export_package(stage.bank, "00" * 32)
