"""Revoke an API key: whoever holds it is nobody from now on."""

from carbonbank.domain.records import ApiKey
from carbonbank.service.bank import Bank


def revoke_key(bank: Bank, key_id: str) -> ApiKey:
    """Revoke a key and return what it was for.

    Raises:
        NotFound: there is no such key, or not any more.
    """
    with bank.store.begin() as session:
        kept = session.need(ApiKey, key_id)
        session.remove(ApiKey, key_id=key_id)
    return kept
