"""Which rows a package shows depends on who asks for it, and on nothing that they say."""

import json
import zipfile
from io import BytesIO

from carbonbank.audit.check import check_package
from tests.web.story import Story, members


def test_everyone_gets_the_rows_they_may_see(story: Story) -> None:
    path = f"/batches/{story.batch}/disclosure"
    own = story.anna.call("GET", path).content
    assert {"disclosed.ndjson", "payout.json"} <= members(own)
    assert not {"report.json", "leaves.bin", "payouts.json", "trips.ndjson"} & members(own)
    for client in (story.buyer, story.stranger):
        none = client.call("GET", path).content
        assert "disclosed.ndjson" not in members(none)
        with zipfile.ZipFile(BytesIO(none)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
        assert b"anna" not in content
        assert b"car-1" not in content
    for client in (story.operator, story.verifier, story.bank):
        chosen = client.call("GET", f"{path}?leaves=0").content
        assert {"disclosed.ndjson", "report.json", "leaves.bin"} <= members(chosen)
        assert "disclosed.ndjson" not in members(client.call("GET", path).content)
    for package in (own, none, chosen):
        assert [str(check) for check in check_package(package) if not check.ok] == []


def test_nobody_chooses_rows_that_are_not_theirs_to_choose(story: Story) -> None:
    path = f"/batches/{story.batch}/disclosure?leaves=0"
    for client in (story.anna, story.buyer, story.stranger):
        assert client.call("GET", path).status_code == 403
    assert story.operator.get(f"{path},1", 404)["title"] == "NotFound"
    assert json.loads(story.bank.call("GET", f"{path}x").text)["status"] == 400
