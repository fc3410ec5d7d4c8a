"""Who may call what: one table, enforced before any view, and API keys behind it.

A key is `cb_<id>_<secret>`; the store keeps the SHA-256 of the secret alone.
"""

import hmac
from dataclasses import dataclass

from flask import g, request, session

from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import ApiKey
from carbonbank.errors import KeyUnknown, NotYours, RoleMayNot
from carbonbank.ports import Store

ANYONE = frozenset({"anyone"})
BANK = frozenset({"bank"})
OPERATORS = frozenset({"bank", "operator"})
VERIFIERS = frozenset({"bank", "verifier"})
GUARDIANS = frozenset({"bank", "guardian"})
HOLDERS = frozenset({"bank", "operator", "driver", "trader"})
KNOWN = HOLDERS | VERIFIERS | GUARDIANS

# endpoint -> roles. A route that is not here answers nobody (and a test says so).
RULES: dict[str, frozenset[str]] = {
    "openapi.spec": ANYONE,
    "static": ANYONE,
    "health.health_view": ANYONE,
    "pages.front": ANYONE,
    "pages.batch": ANYONE,
    "pages.problem": ANYONE,
    "pages.trace": ANYONE,
    "pages.sign_in": ANYONE,
    "pages.sign_out": ANYONE,
    "pages.balance": HOLDERS,
    "pages.template": ANYONE,
    "offer.offer_file": OPERATORS,
    "offer.month": OPERATORS,
    "offer.take_file": OPERATORS,
    "offer.take_mapping": OPERATORS,
    "fleets.list_fleets": KNOWN,
    "fleets.create_fleet": BANK,
    "fleets.list_vehicles": OPERATORS | VERIFIERS,
    "fleets.move": BANK,
    "fleets.create_vehicle": OPERATORS,
    "programmes.list_programmes": ANYONE,
    "programmes.get_programme": ANYONE,
    "programmes.create_programme": BANK,
    "uploads.create_upload": OPERATORS,
    "uploads.list_uploads": OPERATORS,
    "uploads.get_upload": OPERATORS,
    "uploads.withdraw": OPERATORS,
    "tables.list_mappings": OPERATORS,
    "tables.propose": OPERATORS,
    "tables.confirm": OPERATORS,
    "tables.create_token": OPERATORS,
    "tables.list_charges": OPERATORS,
    "tables.create_charges": OPERATORS,
    "tables.withdraw": OPERATORS,
    "months.list_months": OPERATORS,
    "months.preview": OPERATORS,
    "months.close": OPERATORS,
    "months.reopen": OPERATORS,
    "batches.list_batches": ANYONE,
    "batches.get_batch": ANYONE,
    "batches.standing": ANYONE,
    "challenges.check": KNOWN,
    "challenges.send": KNOWN,
    "operations.list_operations": ANYONE,
    "guardian.prepare": GUARDIANS,
    "guardian.relay": GUARDIANS,
    "batches.seal": OPERATORS,
    "batches.issue": BANK,
    "batches.disclosure": ANYONE,
    "batches.package": OPERATORS | VERIFIERS | GUARDIANS,
    "batches.create_verification": VERIFIERS,
    "accounts.list_accounts": BANK,
    "accounts.create_account": BANK,
    "accounts.get_account": HOLDERS,
    "accounts.fund": BANK,
    "accounts.transfer": HOLDERS,
    "accounts.claim": HOLDERS,
    "orders.list_orders": ANYONE,
    "orders.create_order": HOLDERS,
    "wallets.get_wallet": HOLDERS,
    "wallets.message": HOLDERS,
    "wallets.link": HOLDERS,
    "wallets.unlink": HOLDERS,
    "wallets.move": HOLDERS,
    "wallets.prepare": HOLDERS,
    "wallets.relay": HOLDERS,
    "wallet_page.show": HOLDERS,
    "orders.message": HOLDERS,
    "orders.create_signed": HOLDERS,
    "orders.fill": HOLDERS,
    "orders.fill_and_retire": HOLDERS,
    "orders.cancel": HOLDERS,
    "orders.cancel_all": HOLDERS,
    "trades.list_trades": ANYONE,
    "trades.create_trade": BANK,
    "trades.settle_all": BANK,
    "retirements.list_retirements": ANYONE,
    "retirements.get_retirement": ANYONE,
    "retirements.create_retirement": HOLDERS,
    "retirements.certificate": ANYONE,
    "traces.get_trace": ANYONE,
    "jobs.list_jobs": BANK,
    "jobs.get_job": KNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking."""

    key_id: str
    role: str
    account: str | None
    fleet: str | None


NOBODY = Caller(key_id="", role="anyone", account=None, fleet=None)


def caller_of(store: Store, presented: str) -> Caller | None:
    """Return the caller behind a presented key, None if it is not one of ours."""
    mark, _, rest = presented.partition("_")
    key_id, _, secret = rest.partition("_")
    if mark != "cb" or not secret:
        return None
    kept = _kept(store, key_id)
    presented_hash = sha256(secret.encode()).hex()
    if kept is None or not hmac.compare_digest(kept.secret_hash, presented_hash):
        return None
    return _caller(kept)


def _kept(store: Store, key_id: str) -> ApiKey | None:
    with store.read() as records:
        return records.get(ApiKey, key_id)


def _caller(kept: ApiKey) -> Caller:
    return Caller(key_id=kept.key_id, role=kept.role, account=kept.account, fleet=kept.fleet)


def _caller_of_request(store: Store) -> Caller | None:
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return caller_of(store, presented)
    # The session cookie is signed and names a key that signed in; SameSite=Strict guards its POSTs.
    kept = _kept(store, session["key_id"]) if "key_id" in session else None
    return _caller(kept) if kept else None


def admit(store: Store) -> None:
    """Find the caller of this request and refuse it where the table says no."""
    caller = _caller_of_request(store)
    g.caller = caller or NOBODY
    allowed = RULES.get(request.endpoint or "", frozenset()) if request.url_rule else ANYONE
    if "anyone" in allowed:
        return
    what = f"{request.method} {request.path}"
    if caller is None:
        raise KeyUnknown(what=what)
    if caller.role not in allowed:
        raise RoleMayNot(role=caller.role, what=what, allowed=", ".join(sorted(allowed)))


def own_fleet(fleet: str) -> None:
    """Refuse an operator's key that is for another fleet."""
    if g.caller.role == "operator" and g.caller.fleet != fleet:
        raise NotYours(yours=f"fleet {g.caller.fleet}", kind="fleet", key=fleet)


def own_account(account: str) -> None:
    """Refuse a key that is for another account."""
    if g.caller.role != "bank" and g.caller.account != account:
        raise NotYours(yours=f"account {g.caller.account}", kind="account", key=account)
