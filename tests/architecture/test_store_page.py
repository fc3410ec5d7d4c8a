"""The page about the store names every record once and says whether it is truth or projection."""

import re
from pathlib import Path

from carbonbank.domain.records import PROJECTIONS, TRUTH

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "store.md"
ROWS = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)


def test_the_page_lists_the_records_in_their_order() -> None:
    expected = [(kind.__name__, "truth") for kind in TRUTH]
    expected += [(kind.__name__, "projection") for kind in PROJECTIONS]
    assert [(name, kind) for name, kind, _ in ROWS] == expected


def test_sync_alone_writes_projections() -> None:
    assert {writer for _, kind, writer in ROWS if kind == "projection"} == {"sync"}
    assert all("sync" not in writer for _, kind, writer in ROWS if kind == "truth")


def test_every_record_class_is_in_a_list() -> None:
    domain = Path(__file__).parents[2] / "carbonbank" / "domain"
    for names, listed in [
        (("records.py", "charge_records.py"), TRUTH),
        (("chain_records.py",), PROJECTIONS),
    ]:
        text = "".join((domain / name).read_text("utf-8") for name in names)
        classes = re.findall(r"^class (\w+)", text, re.MULTILINE)
        assert classes == [kind.__name__ for kind in listed]
