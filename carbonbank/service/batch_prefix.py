"""A batch named by its first digits."""

from carbonbank.domain.records import SealedBatch
from carbonbank.errors import NotFound, PrefixAmbiguous
from carbonbank.ports import Session

HEX_DIGITS = 64


def full_batch_id(session: Session, text: str) -> str:
    """Return the whole id of the batch that begins with these hex digits.

    Raises:
        NotFound: none does.
        PrefixAmbiguous: more than one does.
    """
    plain = text.lower().removeprefix("0x")
    if len(plain) == HEX_DIGITS:
        return plain
    found = [one.batch_id for one in session.find(SealedBatch) if one.batch_id.startswith(plain)]
    if not found or not plain:
        raise NotFound(kind="SealedBatch", key=text)
    if len(found) > 1:
        raise PrefixAmbiguous(prefix=text, found=len(found))
    return found[0]
