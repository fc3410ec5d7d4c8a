"""Every command of the verifier's page runs, in its order, and ends with a package that holds."""

import json
import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from carbonbank.audit.check import check_package, holds
from carbonbank.cli.main import carbonbank
from tests.unit.audit.by_hand import changed, package_files, zipped
from tests.unit.audit.test_desk import source_of
from tests.unit.audit.worked_out import RECORDS, sha

PAGE = Path(__file__).parents[3] / "docs" / "guide" / "verifier.md"


def test_the_day_on_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARBONBANK_PASSPHRASE", "my own")
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 9

    def run(line):
        words = shlex.split(line)[1:]
        done = CliRunner().invoke(carbonbank, [*words, "--json"])
        assert done.exit_code == 0, (line, done.output, done.exception)
        return json.loads(done.stdout)

    verifier = run(lines[0])["verifier"]
    source = source_of(RECORDS)
    listed = [{"filename": "june.csv", "format": "canonical_csv", "sha256": sha(source).hex()}]
    files = package_files(
        stage="sealed",
        on_report=lambda r: changed(r, "source_files", value=listed),
        on_claim=lambda c: changed(c, "verifier", value=verifier),
    )
    Path("june.csv").write_bytes(source)
    Path("package.zip").write_bytes(zipped(files))
    for line in lines[1:]:
        run(line)
    signed = files | {"verification.json": Path("verification.json").read_bytes()}
    assert holds(check_package(zipped(signed)))
