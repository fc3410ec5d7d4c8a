"""Follow the chain: store its blocks and events, and fold them into the projections.

The only writer of projections. Dropping them and syncing from block 0 gives equal tables; a
re-organisation is undone by forgetting the blocks that are gone and folding the rest again.
"""

from dataclasses import dataclass
from itertools import groupby

from carbonbank.domain.chain_facts import BlockRef, ChainEvent
from carbonbank.domain.projection import fold, log_of
from carbonbank.domain.records import PROJECTIONS, ChainBlock, ChainLog
from carbonbank.ports import Session
from carbonbank.service.bank import Bank

BLOCKS_PER_TRANSACTION = 200
FOLDED = tuple(kind for kind in PROJECTIONS if kind not in {ChainBlock, ChainLog})


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a sync did: the newest block it knows, how many it read, how many it undid."""

    head_block: int
    blocks_read: int
    blocks_undone: int
    events_read: int


def sync_chain(bank: Bank) -> Synced:
    """Bring the projections to the newest confirmed block. Idempotent; safe to kill anywhere.

    Raises:
        ChainUnreachable: the chain does not answer.
    """
    undone = blocks = events = 0
    head = bank.chain.head()
    while True:
        newest, gone = _undo_gone_blocks(bank)
        undone += gone
        newest_number = newest.number if newest else -1
        if newest_number >= head.number:
            return Synced(
                head_block=newest_number,
                blocks_read=blocks,
                blocks_undone=undone,
                events_read=events,
            )
        last = min(newest_number + BLOCKS_PER_TRANSACTION, head.number)
        read = _read(bank, newest_number + 1, last)
        if read is None or (newest and not _is_there(bank, newest)):
            head = (
                bank.chain.head()
            )  # the chain moved while we read: see where it forks, read again
            continue
        if _store(bank, *read):
            blocks, events = blocks + len(read[0]), events + len(read[1])


def drop_projections(bank: Bank) -> None:
    """Forget everything that was synced; the next sync builds it again from block 0."""
    with bank.store.begin() as session:
        for kind in PROJECTIONS:
            session.remove(kind)


def _undo_gone_blocks(bank: Bank) -> tuple[ChainBlock | None, int]:
    """Forget stored blocks that the chain no longer has; return the newest left and how many."""
    gone: list[int] = []
    with bank.store.read() as session:
        stored = session.find(ChainBlock, order="-number", limit=1)
        while stored and not _is_there(bank, stored[0]):
            gone.append(stored[0].number)
            stored = session.find(ChainBlock, number=stored[0].number - 1)
    if gone:
        with bank.store.begin() as session:
            session.remove(ChainBlock, number=gone)
            session.remove(ChainLog, block_number=gone)
            for kind in FOLDED:
                session.remove(kind)
            _fold(session, session.find(ChainLog))
    return (stored[0] if stored else None), len(gone)


def _is_there(bank: Bank, block: ChainBlock) -> bool:
    on_chain = bank.chain.block(block.number)
    return on_chain is not None and on_chain.block_hash == block.block_hash


def _read(bank: Bank, first: int, last: int) -> tuple[list[BlockRef], list[ChainEvent]] | None:
    """Read blocks and their events; None if they are not of one chain."""
    found = [bank.chain.block(number) for number in range(first, last + 1)]
    blocks = [block for block in found if block is not None]
    events = list(bank.chain.events(first, last))
    hashes = {block.number: block.block_hash for block in blocks}
    agree = all(hashes.get(event.block_number) == event.block_hash for event in events)
    same = bool(blocks) and bank.chain.block(last) == blocks[-1]
    return (blocks, events) if agree and same and len(blocks) == len(found) else None


def _store(bank: Bank, blocks: list[BlockRef], events: list[ChainEvent]) -> bool:
    """Keep blocks and fold their events; False if another sync did so while we read."""
    logs = [log_of(event) for event in events]
    with bank.store.begin() as session:
        if session.get(ChainBlock, blocks[0].number) is not None:
            return False
        for block in blocks:
            session.add(ChainBlock(number=block.number, block_hash=block.block_hash))
        for log in logs:
            session.add(log)
        _fold(session, logs)
    return True


def _fold(session: Session, logs: list[ChainLog]) -> None:
    ordered = sorted(logs, key=lambda log: (log.block_number, log.log_index))
    for _, of_one in groupby(ordered, key=lambda log: log.tx_hash):
        for record in fold(of_one, session.get):
            session.put(record)
