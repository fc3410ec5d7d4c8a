"""Every function that changes the ledger has its file of tests; nobody adds one without."""

import re
from pathlib import Path

import pytest

from carbonbank.chain.artefacts import load

TESTS = Path(__file__).parents[1] / "contracts"
CONTRACTS = ("CarbonBank", "CarbonMarket", "CarbonChallenge", "SettlementToken")
# Where the file is not named after the function: two contracts have one word, or a standard is
# taken as it is and its functions only make sense together.
ELSEWHERE = {
    "CarbonMarket.cancel": "cancel_orders",
    **dict.fromkeys(
        (
            "CarbonBank.beginDefaultAdminTransfer",
            "CarbonBank.acceptDefaultAdminTransfer",
            "CarbonBank.cancelDefaultAdminTransfer",
            "CarbonBank.changeDefaultAdminDelay",
            "CarbonBank.rollbackDefaultAdminDelay",
        ),
        "default_admin",
    ),
    **dict.fromkeys(
        (
            "CarbonMarket.transferOwnership",
            "CarbonMarket.acceptOwnership",
            "CarbonMarket.renounceOwnership",
        ),
        "market_ownership",
    ),
    **dict.fromkeys(
        (
            "SettlementToken.approve",
            "SettlementToken.transfer",
            "SettlementToken.transferFrom",
            "SettlementToken.burn",
            "SettlementToken.burnFrom",
            "SettlementToken.permit",
            "SettlementToken.grantRole",
            "SettlementToken.revokeRole",
            "SettlementToken.renounceRole",
        ),
        "settlement_token",
    ),
}


def acts() -> list[str]:
    """Return every function of the deployed contracts that may change something."""
    return [
        f"{contract}.{entry['name']}"
        for contract in CONTRACTS
        for entry in load(contract)["abi"]
        if entry["type"] == "function" and entry["stateMutability"] not in {"view", "pure"}
    ]


def file_of(act: str) -> Path:
    words = re.sub(r"(?<!^)([A-Z])", r"_\1", act.split(".")[1]).lower()
    return TESTS / f"test_{ELSEWHERE.get(act, words)}.py"


@pytest.mark.parametrize("act", acts())
def test_a_function_has_a_file_that_calls_it_and_watches_every_getter(act):
    name = act.split(".")[1]
    code = file_of(act).read_text("utf-8").split('"""', 2)[2]
    assert re.search(rf"\.{name}\b|\b{name}\(", code), act
    # `disproves` does both for every challenge.
    assert re.search(r"\bwatched\(|\bdisproves\(", code), f"{act}: what else changes?"
    assert re.search(r"\bevents\(|\bdisproves\(", code), f"{act}: which event?"


def test_what_stands_elsewhere_is_an_act_whose_own_name_would_not_do():
    assert set(ELSEWHERE) <= set(acts())
    named = [act.split(".")[1] for act in acts()]
    for act in ELSEWHERE:
        contract, name = act.split(".")
        source = (TESTS.parents[1] / f"contracts/{contract}.sol").read_text("utf-8")
        own = re.search(rf"function {name}\([^{{]*{{", source)
        inherited = own is None or "override" in own[0]
        assert inherited or named.count(name) > 1, act
