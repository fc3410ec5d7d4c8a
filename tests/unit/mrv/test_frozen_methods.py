"""Method modules are frozen: another text is another module, not another hash here."""

import hashlib
from importlib import resources

import pytest

FROZEN = {
    "ams_iii_c_v16.py": "80662417dc67af920ee9f93034e6e9df4f56ab8b0bc9c694441f980ab161a8a3",
    "confidence_v1.py": "2ee20ff15415dbff4b5be7c3bb2643da809525bb4009a2d254a8c46821a58199",
    "lcfs_bc_v1.py": "0e5bb7c547374ee0e1ddca80775192e9f0b730701b9a4cd2bacc83d0cc739006",
    "lcfs_ca_v1.py": "e74216e1e47b177cc687f55545d3b9780833a6b887dc377bd6e7aad64322b2b2",
    "sampling_v1.py": "84b360fc8a8acd279c623006f15d8b28f2f49c4f1d4ada9efa84757c23fd35a4",
    "shared_transport_v1.py": "928d42e70ef1219b22ba87b75c492f1e30adfa3c62c6ee1a089f13fab366840d",
    "tool07_v7.py": "219cfbcca003a6c65034600aa734d6f9735663157f8726095df4ca94492742dd",
    "vm0038_v1.py": "457127d5b260c7593b2e718cef2728342235a7b11ab1153ae3531ff8a6ebb9fb",
}
METHODS = resources.files("carbonbank.mrv.methods")


@pytest.mark.parametrize("name", FROZEN)
def test_a_method_reads_as_it_did_when_it_was_frozen(name):
    assert hashlib.sha256((METHODS / name).read_bytes()).hexdigest() == FROZEN[name]


def test_every_method_is_frozen():
    modules = {entry.name for entry in METHODS.iterdir() if entry.name.endswith(".py")}
    assert modules - {"__init__.py", "number.py"} == set(FROZEN)
