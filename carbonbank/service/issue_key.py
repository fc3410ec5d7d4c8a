"""Issue an API key: shown once, kept as a hash alone."""

from dataclasses import dataclass

from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import Account, ApiKey, Fleet
from carbonbank.errors import FieldInvalid
from carbonbank.service.bank import Bank

ROLES = ("bank", "operator", "verifier", "guardian", "driver", "trader")
WITHOUT_ACCOUNT = frozenset({"bank", "verifier", "guardian"})
ID_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A new key. `key` is `cb_<id>_<secret>` and is never seen again."""

    key_id: str
    key: str
    role: str
    account: str | None
    fleet: str | None


def issue_key(
    bank: Bank,
    *,
    role: str,
    account: str | None = None,
    fleet: str | None = None,
    key_id: str | None = None,
) -> IssuedKey:
    """Issue a key for a role.

    Args:
        bank: the bank.
        role: bank, operator, verifier, guardian, driver or trader.
        account: whose account it opens; operators, drivers and traders have one.
        fleet: which fleet it opens; operators have one.
        key_id: an id of one's own; a key that has it already ends.

    Raises:
        FieldInvalid: no such role, or one without what it opens.
        NotFound: no such account or fleet.
    """
    if role not in ROLES:
        raise FieldInvalid(field="role", value=role, expected=f"one of {', '.join(ROLES)}")
    if (account is None) != (role in WITHOUT_ACCOUNT):
        wanted = "the handle of an account" if account is None else f"given to a key of role {role}"
        raise FieldInvalid(field="account", value=account or "", expected=wanted)
    if (fleet is None) != (role != "operator"):
        wanted = "the handle of a fleet" if fleet is None else f"given to a key of role {role}"
        raise FieldInvalid(field="fleet", value=fleet or "", expected=wanted)
    secret = bank.new_secret().hex()
    with bank.store.begin() as session:
        if account is not None:
            session.need(Account, account)
        if fleet is not None:
            session.need(Fleet, fleet)
        kept = ApiKey(
            key_id=key_id or bank.new_secret().hex()[:ID_DIGITS],
            secret_hash=sha256(secret.encode()).hex(),
            role=role,
            account=account,
            fleet=fleet,
        )
        session.put(kept)
    return IssuedKey(
        key_id=kept.key_id,
        key=f"cb_{kept.key_id}_{secret}",
        role=role,
        account=account,
        fleet=fleet,
    )
