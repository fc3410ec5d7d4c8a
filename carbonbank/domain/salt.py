"""Salts: the same trip gives the same leaf anywhere, and erasing a key makes it unlinkable."""

import hmac

from carbonbank.domain.hashing import sha256


def salt_of(erasable_key: bytes, trip_id: str) -> bytes:
    """Return HMAC-SHA256(erasable key; trip id): 32 bytes.

    Args:
        erasable_key: the driver's key, or the vehicle's where there is no driver.
        trip_id: the content id of the trip as hex (`carbonbank.domain.trip.trip_id`).
    """
    return hmac.digest(erasable_key, bytes.fromhex(trip_id), "sha256")


def record_hash(salt: bytes, record: bytes) -> bytes:
    """Return SHA-256(salt ‖ canonical trip record), the leaf's commitment to the record."""
    assert len(salt) == 32
    return sha256(salt + record)
