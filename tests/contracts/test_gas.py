"""No operation gets dearer unnoticed: gas is deterministic, so the figures are committed."""

import json

import pytest

from benchmarks.gas import FIGURES, ROWS
from benchmarks.gas_acts import measure

RENEW = "`make bench-gas write=1` renews benchmarks/gas.json"

pytestmark = pytest.mark.xdist_group("gas")  # measured once


@pytest.fixture(scope="module")
def measured(deployed_site):
    snapshot = deployed_site.tester.take_snapshot()
    gas = measure(deployed_site)
    deployed_site.tester.revert_to_snapshot(snapshot)
    return gas


def test_the_committed_figures_are_those_of_every_operation():
    assert list(json.loads(FIGURES.read_text("utf-8"))) == list(ROWS)


@pytest.mark.parametrize("operation", ROWS)
def test_an_operation_costs_what_was_committed(measured, operation):
    committed, gas = json.loads(FIGURES.read_text("utf-8"))[operation], measured[operation]
    assert gas * 100 <= committed * 101, f"{operation} rose from {committed:,} to {gas:,}"
    assert gas * 100 >= committed * 99, f"{operation} fell to {gas:,}: {RENEW}"
