"""The bugs that `make prove` plants have their place in the contracts of today."""

import pytest

from scripts.planted import PLANTED, plant
from scripts.provers import ROOT


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.found)
def test_a_bug_has_one_place_and_changes_it(bug):
    assert plant(bug) != (ROOT / bug.file).read_text("utf-8")
