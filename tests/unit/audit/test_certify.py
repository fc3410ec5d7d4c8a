"""A certifier reads a package, and refuses it with every reason."""

import json
from dataclasses import replace
from importlib.resources import files

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from carbonbank.audit.certify import certify_and_sign, read_methodology, typed_certification
from carbonbank.domain.factor import FactorState
from carbonbank.errors import MethodologyRefused
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme
from tests.unit.audit.by_hand import changed
from tests.unit.audit.worked_out import VERIFIER as CERTIFIER
from tests.unit.audit.worked_out import jcs, sha


@pytest.fixture(scope="module")
def package():
    path = files("carbonbank.data").joinpath("programmes", "demo-chicago.json")
    return build_package(parse_programme(path.read_bytes()), load_factors()).canonical


def sign(digest):
    return CERTIFIER.unsafe_sign_hash(digest).signature


def test_a_demo_package_is_read_and_signed(package):
    assert read_methodology(package) == (sha(package).hex(), [])
    told = json.loads(certify_and_sign(package, CERTIFIER.address, "Read and held.", sign))
    typed = typed_certification(json.loads(package), sha(package).hex(), "Read and held.")
    signable = encode_typed_data(full_message=typed)
    assert Account.recover_message(signable, signature=told["signature"]) == CERTIFIER.address


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("factors", "grid", "state"), "unverified", "is unverified"),
        (("factors", "grid", "state"), "guessed", "has the state 'guessed'"),
        (("factors", "grid", "licence"), "", "has no licence"),
        (("factors", "grid", "value"), "1e999", "not a decimal"),
        (("shares_bps", "buffer"), 20_000, "not within"),
        (("demo",), False, "demo is False"),
        (("format",), "other/1", "format is other/1"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(package, path, value, reason):
    content = jcs(changed(json.loads(package), *path, value=value))
    with pytest.raises(MethodologyRefused, match=reason):
        certify_and_sign(content, CERTIFIER.address, "no", sign)


TABLE = "hourly.demo-morocco.2021-03"


@pytest.fixture(scope="module")
def hourly():
    path = files("carbonbank.data").joinpath("programmes", "demo-morocco.json")
    document = changed(json.loads(path.read_bytes()), "project", "grid_hours", value=TABLE)
    library = load_factors()
    checked = replace(library[TABLE], state=FactorState.SINGLE_COPY)
    package = build_package(parse_programme(document), {**library, TABLE: checked})
    return json.loads(package.canonical)


def test_a_table_of_hours_is_read_with_its_hash(hourly):
    assert read_methodology(jcs(hourly))[1] == []
    cleaner = ["1"] * 744
    bent = changed(hourly, "factors", "grid_hours", "hours", "values", value=cleaner)
    assert "SHA-256 of the hours" in read_methodology(jcs(bent))[1][0]
    least = changed(hourly, "factors", "grid_hours", "value", value="395")
    assert "value of the hours is 395, recomputed 690" in read_methodology(jcs(least))[1][0]
    del hourly["factors"]["grid_hours"]
    assert read_methodology(jcs(hourly))[1] == ["the programme chose hours that are not there"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"{ }"])
def test_what_is_no_package_is_refused(content):
    assert read_methodology(content)[1]
