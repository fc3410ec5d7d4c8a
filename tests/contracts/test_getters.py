"""`watched` asks every getter, and tells what changed."""

import re
from pathlib import Path

import pytest

from tests.contracts.getters import watched

ASKED = Path(__file__).with_name("getters.py").read_text("utf-8")
CONSTANTS = {
    "bank": {
        *("DEFAULT_ADMIN_ROLE", "batchIdOf", "decimals", "defaultAdminDelayIncreaseWait"),
        *("eip712Domain", "getRoleAdmin", "isTrustedForwarder", "supportsInterface"),
        *("trustedForwarder", "uri"),
    },
    "market": {
        *("FEE_CAP_BPS", "ORDER_TYPEHASH", "bank", "eip712Domain", "hashOf"),
        *("isTrustedForwarder", "trustedForwarder"),
    },
    "money": {
        *("DEFAULT_ADMIN_ROLE", "DOMAIN_SEPARATOR", "MINTER", "decimals", "eip712Domain"),
        *("getRoleAdmin", "isTrustedForwarder", "name", "supportsInterface", "symbol"),
        "trustedForwarder",
    },
    "challenge": set(),
}
SAME = {"balanceOf": "balanceOfBatch", "owner": "defaultAdmin"}  # another name of the same answer


@pytest.mark.parametrize("contract", CONSTANTS)
def test_every_getter_that_can_change_is_asked(site, contract):
    looks = {
        entry["name"]
        for entry in getattr(site, contract).abi
        if entry["type"] == "function" and entry["stateMutability"] in {"view", "pure"}
    }
    asked = set(re.findall(rf"\b{contract}(?:\.functions)?\.(\w+)\(", ASKED))
    known = asked | {name for name, other in SAME.items() if other in asked}
    assert looks - known == CONSTANTS[contract]


def test_what_changed_is_told_by_name_and_nothing_else(site):
    batch_id = site.issue()
    with watched(site, it=batch_id) as changed:
        pass
    assert changed == {}
    with watched(site, it=batch_id) as changed:
        site.do(site.bank.functions.freeze(batch_id, "doubt"), "guardian")
    since = site.web3.eth.get_block("latest")["timestamp"]
    assert changed == {
        "it.status": 2,
        "it.frozenSince": since,
        "it.frozenUntil": since + 30 * 86_400,
    }
