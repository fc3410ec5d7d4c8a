"""The contracts' logs as events, each with the account and sequence number that caused it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from eth_typing import BlockNumber, ChecksumAddress
from web3 import Web3
from web3.types import LogReceipt, TxReceipt

from carbonbank.chain.abi import events
from carbonbank.chain.calls import Contract
from carbonbank.domain.chain_facts import ChainEvent

RELAYED = "ExecutedForwardRequest"
BLOCKS_PER_QUERY = 1000


class Logs:
    """Reads the logs of the bank's contracts; topics that are none of theirs are passed over."""

    def __init__(
        self, web3: Web3, addresses: Mapping[Contract, ChecksumAddress], *, walk: bool
    ) -> None:
        """Choose how to look: `walk` reads receipts block by block.

        eth-tester's own eth_getLogs does the same, but validates every log five times over.
        """
        self._web3, self._walk = web3, walk
        self._addresses = addresses

    def between(self, first_block: int, last_block: int) -> Iterator[ChainEvent]:
        """Yield the events of a range of blocks, both ends included, in order."""
        found = self._walked if self._walk else self._queried
        for receipt in found(first_block, last_block):
            yield from self.of_receipt(receipt)

    def _walked(self, first_block: int, last_block: int) -> Iterator[TxReceipt]:
        for number in range(first_block, last_block + 1):
            for tx_hash in self._web3.eth.get_block(BlockNumber(number))["transactions"]:
                assert isinstance(tx_hash, bytes)
                yield self._web3.eth.get_transaction_receipt(tx_hash)

    def _queried(self, first_block: int, last_block: int) -> Iterator[TxReceipt]:
        for first in range(first_block, last_block + 1, BLOCKS_PER_QUERY):
            last = min(first + BLOCKS_PER_QUERY - 1, last_block)
            logs = self._web3.eth.get_logs(
                {
                    "fromBlock": BlockNumber(first),
                    "toBlock": BlockNumber(last),
                    "address": list(self._addresses.values()),
                }
            )
            # Keeps the order of the blocks, names each transaction once.
            for tx_hash in dict.fromkeys(log["transactionHash"] for log in logs):
                yield self._web3.eth.get_transaction_receipt(tx_hash)

    def of_receipt(
        self, receipt: TxReceipt, cause: tuple[str, int] | None = None
    ) -> Iterator[ChainEvent]:
        """Yield the events of one transaction; `cause` is its actor and nonce where known."""
        decoded = list(self._decoded(receipt["logs"]))
        if not decoded:
            return
        relayed = [fields for _, name, fields in decoded if name == RELAYED]
        if relayed:
            actor, nonce = relayed[0]["signer"], relayed[0]["nonce"]
        elif cause:
            actor, nonce = cause
        else:
            sent = self._web3.eth.get_transaction(receipt["transactionHash"])
            actor, nonce = sent["from"], sent["nonce"]
        for log, name, fields in decoded:
            yield ChainEvent(
                block_number=log["blockNumber"],
                block_hash=log["blockHash"].to_0x_hex(),
                tx_hash=log["transactionHash"].to_0x_hex(),
                log_index=log["logIndex"],
                contract=log["address"],
                name=name,
                fields=fields,
                actor=actor,
                nonce=nonce,
            )

    def _decoded(
        self, logs: Iterable[LogReceipt]
    ) -> Iterator[tuple[LogReceipt, str, dict[str, Any]]]:
        for log in logs:
            shape = events().get(bytes(log["topics"][0])) if log["topics"] else None
            if shape is not None and log["address"] in self._addresses.values():
                topics = tuple(bytes(topic) for topic in log["topics"][1:])
                yield log, shape.name, shape.fields(bytes(log["data"]), topics)
