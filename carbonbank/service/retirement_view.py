"""A retirement with its serials, and what stands in for them where its batch was cancelled."""

from collections.abc import Iterator
from dataclasses import dataclass

from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.claim import batch_number
from carbonbank.domain.records import ChainBatch, ChainRetirement, SealedBatch
from carbonbank.domain.serial import serial_range
from carbonbank.ports import Session
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import replacements_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedSerials:
    """Serials of a cancelled batch, and those of another that were retired in their place."""

    serial: str
    replaced_by: str
    amount_g: int
    source_batch_id: str
    tx_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirementView:
    """A retirement in grams. `batch_status` is its batch's; `unreplaced_g` are void and open.

    As long as the batch is not cancelled nothing is replaced and nothing is open.
    """

    retirement_id: int
    serial: str
    batch_id: str
    batch_status: str
    holder: str
    amount_g: int
    beneficiary: str
    purpose: str
    serial_first: int
    serial_last: int
    tx_hash: str
    block_number: int
    replaced: tuple[ReplacedSerials, ...]
    unreplaced_g: int


def retirement_view(bank: Bank, retirement_id: int) -> RetirementView:
    """Return a retirement by the chain's number of it.

    Raises:
        NotFound: no such retirement among what was synced.
    """
    with bank.store.read() as session:
        retired = session.need(ChainRetirement, retirement_id)
        sealed = session.need(SealedBatch, retired.batch_id)
        status = session.need(ChainBatch, retired.batch_id).status
        span = (retired.serial_first, retired.serial_last)
        replaced = tuple(replaced_serials(session, sealed, *span))
    open_g = retired.amount_g - sum(one.amount_g for one in replaced)
    return RetirementView(
        retirement_id=retired.retirement_id,
        serial=serial_text(sealed, *span),
        batch_id=retired.batch_id,
        batch_status=status.lower(),
        holder=retired.holder,
        amount_g=retired.amount_g,
        beneficiary=retired.beneficiary,
        purpose=retired.purpose,
        serial_first=retired.serial_first,
        serial_last=retired.serial_last,
        tx_hash=retired.tx_hash,
        block_number=retired.block_number,
        replaced=replaced,
        unreplaced_g=open_g if status == BatchStatus.CANCELLED.name else 0,
    )


def replaced_serials(
    session: Session, sealed: SealedBatch, first_g: int, last_g: int
) -> Iterator[ReplacedSerials]:
    """Yield what stands in for serials `first_g` to `last_g` of a batch, gram for gram."""
    for one in replacements_in(session, sealed.batch_id):
        first, last = max(one.serial_first, first_g), min(one.serial_last, last_g)
        if first > last:
            continue
        source = session.need(SealedBatch, one.source_batch_id)
        shift = one.source_serial_first - one.serial_first
        yield ReplacedSerials(
            serial=serial_text(sealed, first, last),
            replaced_by=serial_text(source, first + shift, last + shift),
            amount_g=last - first + 1,
            source_batch_id=source.batch_id,
            tx_hash=one.tx_hash,
        )


def serial_text(sealed: SealedBatch, first_g: int, last_g: int) -> str:
    """Return grams of a batch as people write them: `CB-<fleet>-<yyyymm>-<8 hex>-<from>-<to>`."""
    number = batch_number(sealed.batch_id)
    return str(serial_range(sealed.fleet, sealed.month, number, first_g=first_g, last_g=last_g))
