"""API keys: each role opens what it is for and nothing else; only a hash is kept."""

from typing import Any

import pytest

from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import ApiKey
from carbonbank.errors import FieldInvalid, NotFound
from carbonbank.service.issue_key import issue_key
from carbonbank.service.revoke_key import revoke_key
from carbonbank.web.access import caller_of
from tests.stage import FLEET, Stage


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize(
    "asked",
    [
        {"role": "bank"},
        {"role": "verifier"},
        {"role": "driver", "account": "anna"},
        {"role": "trader", "account": "ben"},
        {"role": "operator", "account": "olga", "fleet": FLEET},
    ],
)
def test_a_key_opens_what_it_is_for_until_it_is_revoked(
    stage: Stage, asked: dict[str, Any]
) -> None:
    issued = issue_key(stage.bank, **asked)
    caller = caller_of(stage.bank.store, issued.key)
    assert caller is not None
    assert (caller.role, caller.account, caller.fleet) == (
        asked["role"],
        asked.get("account"),
        asked.get("fleet"),
    )
    (kept,) = stage.all(ApiKey, key_id=issued.key_id)
    secret = issued.key.rpartition("_")[2]
    assert len(secret) == 64
    assert kept.secret_hash == sha256(secret.encode()).hex()
    assert secret not in repr(kept)
    assert revoke_key(stage.bank, issued.key_id) == kept
    assert caller_of(stage.bank.store, issued.key) is None
    with pytest.raises(NotFound):
        revoke_key(stage.bank, issued.key_id)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"role": "emperor"}, "role"),
        ({"role": "driver"}, "account"),
        ({"role": "bank", "account": "anna"}, "account"),
        ({"role": "operator", "account": "olga"}, "fleet"),
        ({"role": "trader", "account": "ben", "fleet": FLEET}, "fleet"),
    ],
)
def test_a_key_that_opens_too_little_or_too_much_is_not_made(
    stage: Stage, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(FieldInvalid) as refusal:
        issue_key(stage.bank, **asked)
    assert refusal.value.field == field
    assert stage.all(ApiKey, role=asked["role"]) == []


def test_a_key_is_for_somebody_who_is_there(stage: Stage) -> None:
    with pytest.raises(NotFound):
        issue_key(stage.bank, role="driver", account="nobody")


def test_an_id_of_ones_own_ends_the_key_before(stage: Stage) -> None:
    first = issue_key(stage.bank, role="driver", account="anna", key_id="demo")
    second = issue_key(stage.bank, role="driver", account="anna", key_id="demo")
    assert caller_of(stage.bank.store, first.key) is None
    assert caller_of(stage.bank.store, second.key) is not None
    revoke_key(stage.bank, "demo")
