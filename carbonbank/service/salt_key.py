"""The salt key of a driver or vehicle: made at first need, kept until it is erased.

A key is random, so that nothing but the stored row can make a salt again (docs/adr). A demo
programme derives it from the keystore instead, so that two runs from one keystore compare.
"""

from carbonbank.domain.hashing import sha256
from carbonbank.domain.records import ErasableKey
from carbonbank.errors import InvariantBroken
from carbonbank.ports import Session
from carbonbank.service.bank import Bank

DEMO_KEY = "role/salt"


def salt_key(bank: Bank, session: Session, subject: str, *, demo: bool) -> bytes:
    """Return the 32 bytes of a subject's key (`domain.erasure`)."""
    known = session.get(ErasableKey, subject)
    if known is None:
        secret = _derived(bank, subject) if demo else bank.new_secret()
        session.add(ErasableKey(subject=subject, secret=secret.hex()))
        return secret
    if not known.secret:
        # Erasing takes the driver off every trip, so nobody asks for that driver's key again.
        raise InvariantBroken(f"the salt key of {subject} was erased and is needed")
    return bytes.fromhex(known.secret)


def _derived(bank: Bank, subject: str) -> bytes:
    """RFC 6979 signatures are deterministic, and nobody without the key can make one."""
    return sha256(bank.signer.sign_digest(DEMO_KEY, sha256(f"salt:{subject}".encode())))
