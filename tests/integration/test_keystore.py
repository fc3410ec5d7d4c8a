"""The keystore file: made once, opened by its passphrase alone, never half written."""

import json
import stat
from pathlib import Path

import pytest

from carbonbank.chain.keystore import HARDENED, Keystore, derive, path_of
from carbonbank.errors import (
    KeystoreExists,
    KeystoreLocked,
    KeystoreMissing,
    KeystoreUnreadable,
)

CHEAP = 2**4
SEED = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_derivation_is_bip32s() -> None:
    # BIP-32 test vector 1: m/0' (the private key inside its extended key).
    seed = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    assert derive(seed, (0,)).hex() == (
        "edb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea"
    )
    # BIP-32 test vector 4, which keeps leading zeros: m/0'/1'.
    seed = bytes.fromhex("3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678")
    assert derive(seed, (0, 1)).hex() == (
        "3a2086edd7d9df86c3487a5905a1712a9aa664bce8cc268141e07549eaa8661d"
    )


def test_a_path_is_a_purpose_and_eight_hardenable_steps() -> None:
    path = path_of("account/driver-1")
    assert len(path) == 9
    assert all(0 <= step < HARDENED for step in path)
    assert path_of("account/driver-2")[1:] != path[1:]


def test_the_same_seed_gives_the_same_keys_and_another_seed_others(tmp_path: Path) -> None:
    one = Keystore.create(tmp_path / "one", "a", SEED, cost=CHEAP)
    two = Keystore.create(tmp_path / "two", "b", SEED, cost=CHEAP)
    other = Keystore.create(tmp_path / "other", "a", cost=CHEAP)
    assert one.address("role/issuer") == two.address("role/issuer")
    assert one.address("role/issuer") != other.address("role/issuer")


def test_reopened_with_its_passphrase_it_has_the_same_keys(path: Path) -> None:
    made = Keystore.create(path, "correct horse", cost=CHEAP)
    assert Keystore.open(path, "correct horse").address("account/x") == made.address("account/x")


def test_only_its_owner_may_read_the_file_and_it_holds_no_plain_seed(path: Path) -> None:
    Keystore.create(path, "correct horse", SEED, cost=CHEAP)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SEED not in path.read_bytes()
    assert SEED.hex().encode() not in path.read_bytes()
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_wrong_passphrase_opens_nothing(path: Path) -> None:
    Keystore.create(path, "correct horse", cost=CHEAP)
    with pytest.raises(KeystoreLocked, match=r"keys\.json"):
        Keystore.open(path, "incorrect horse")


def test_keys_are_never_overwritten(path: Path) -> None:
    made = Keystore.create(path, "correct horse", cost=CHEAP)
    with pytest.raises(KeystoreExists):
        Keystore.create(path, "correct horse", cost=CHEAP)
    assert Keystore.open(path, "correct horse").address("a/b") == made.address("a/b")


def test_no_file_is_told_from_a_locked_one(path: Path) -> None:
    with pytest.raises(KeystoreMissing):
        Keystore.open(path, "correct horse")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: "{}",
        lambda text: text.replace("keystore/1", "keystore/9"),
        lambda text: json.dumps(json.loads(text) | {"scrypt_cost": 32}),
        lambda text: json.dumps(json.loads(text) | {"sealed_seed": "AAAA"}),
        lambda text: "\xff\xfe",
    ],
)
def test_a_damaged_file_is_told_from_a_wrong_passphrase(path: Path, damage) -> None:
    Keystore.create(path, "correct horse", cost=CHEAP)
    path.write_text(damage(path.read_text()), encoding="latin-1")
    with pytest.raises(KeystoreUnreadable):
        Keystore.open(path, "correct horse")


def test_rotation_keeps_the_keys_and_ends_the_old_passphrase(path: Path) -> None:
    made = Keystore.create(path, "old", cost=CHEAP)
    before = json.loads(path.read_text())
    assert Keystore.rotate(path, "old", "new").address("role/issuer") == made.address("role/issuer")
    after = json.loads(path.read_text())
    assert before["salt"] != after["salt"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keystore.open(path, "new").address("role/issuer") == made.address("role/issuer")
    with pytest.raises(KeystoreLocked):
        Keystore.open(path, "old")
    with pytest.raises(KeystoreLocked):
        Keystore.rotate(path, "old", "newer")
