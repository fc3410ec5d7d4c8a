"""Every custom error and event of the contracts has a Python twin of the same name and fields."""

import keyword
import re
from dataclasses import fields

import pytest

from carbonbank import errors
from carbonbank.chain.artefacts import DEPLOYED, LIBRARIES, load
from carbonbank.domain.events import EVENTS
from carbonbank.errors import RuleError


def shapes(kind: str) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for contract in DEPLOYED | LIBRARIES:
        for entry in load(contract)["abi"]:
            if entry["type"] == kind:
                shape = [(_twin_name(i["name"]), i["type"]) for i in entry["inputs"]]
                # Two contracts may declare one name, but only in one shape.
                assert found.setdefault(entry["name"], shape) == shape
    return found


def _twin_name(solidity: str) -> str:
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", solidity).lower()
    return name + "_" if keyword.iskeyword(name) else name


def _sample(kind: str) -> object:
    if kind == "address":
        return "0x" + "11" * 20
    if kind.startswith("bytes"):
        return b"\x22" * 32
    return "words" if kind == "string" else 24_254


@pytest.mark.parametrize("name", sorted(shapes("error")))
def test_every_custom_error_has_its_twin_and_the_twin_shows_every_value(name):
    twin = getattr(errors, name)
    shape = shapes("error")[name]
    assert issubclass(twin, RuleError)
    assert [field.name for field in fields(twin)] == [field for field, _ in shape]
    error = twin(**{field: _sample(kind) for field, kind in shape})
    assert error.says != RuleError.says
    for field, kind in shape:
        assert "{" + field + "}" in error.says
        if kind == "bytes32":
            assert "0x" + "22" * 32 in str(error)
        if field.endswith("month"):
            assert "2021-03" in str(error)


def test_no_twin_is_left_of_an_error_the_contracts_no_longer_have():
    twins = {
        name
        for module in (errors.challenge, errors.ledger, errors.market, errors.standards)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and issubclass(value, RuleError)
    }
    assert twins - {"Refused", "RefusedTo", "NotOnChain"} == set(shapes("error"))


def test_every_event_has_its_twin_and_every_twin_its_event():
    twins = {name: [field.name for field in fields(twin)] for name, twin in EVENTS.items()}
    assert twins == {name: [f for f, _ in shape] for name, shape in shapes("event").items()}


def test_event_twins_hold_the_python_types_of_their_parameters():
    for name, shape in shapes("event").items():
        for field, (_, kind) in zip(fields(EVENTS[name]), shape, strict=True):
            assert (field.type is int) == bool(re.fullmatch(r"uint\d+", kind)), (name, field.name)
            assert (field.type is bytes) == (kind in {"bytes", "bytes32"}), (name, field.name)
            assert (field.type is str) == (kind in {"address", "string"}), (name, field.name)
