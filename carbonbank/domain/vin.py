"""A vehicle's commitment: equal VINs give equal ones, and without the key nothing can be guessed.

ISO 3779: 17 characters, digits and capital letters without I, O and Q. The check digit is not
tested, because only North America uses it. Frames older than the standard are written
`FRAME:<maker>:<number>`: maker 2 to 20 letters, number 3 to 16 letters or digits. Upper case;
spaces, dots and hyphens do not count.
"""

import hmac
import re

from carbonbank.errors import VinMalformed

_SEPARATORS = re.compile(r"[\s.\-]+")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_FRAME = re.compile(r"FRAME:[A-Z]{2,20}:[A-Z0-9]{3,16}")


def normal_vin(text: str) -> str:
    """Return a VIN or frame number in the one form that is hashed.

    Raises:
        VinMalformed: not 17 allowed characters, nor a frame number.
    """
    vin = _SEPARATORS.sub("", text).upper()
    if _VIN.fullmatch(vin) or _FRAME.fullmatch(vin):
        return vin
    raise VinMalformed(shown=vin[:3] + "…", reason=_reason(vin))


def vin_commitment(registry_key: bytes, vin: str) -> bytes:
    """Return HMAC-SHA256(K, normalised VIN), 32 bytes; K is the registrars' secret."""
    return hmac.digest(registry_key, normal_vin(vin).encode("ascii"), "sha256")


def _reason(vin: str) -> str:
    if vin.startswith("FRAME"):
        return "a frame number is FRAME:<maker>:<number>"
    if len(vin) != 17:
        return f"it has {len(vin)} characters, not 17"
    wrong = sorted({character for character in vin if not _VIN.fullmatch(character * 17)})
    return f"{', '.join(wrong)} may not stand in it"
