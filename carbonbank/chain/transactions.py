"""Sending: explicit gas, explicit fees, an explicit nonce, and no estimate of anything."""

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import TimeExhausted
from web3.types import TxParams, TxReceipt, Wei

from carbonbank.errors import TransactionNotMined
from carbonbank.ports import Signer


def fees(web3: Web3, *, free: bool) -> TxParams:
    """Return EIP-1559 fees in wei: twice the base fee, which takes six full blocks to reach.

    Args:
        web3: asked for the base fee and the usual tip.
        free: the chain takes no fee, so do not ask.
    """
    if free:
        return {"maxFeePerGas": Wei(0), "maxPriorityFeePerGas": Wei(0)}
    base = web3.eth.get_block("latest")["baseFeePerGas"]
    tip = web3.eth.max_priority_fee
    return {"maxFeePerGas": Wei(2 * base + tip), "maxPriorityFeePerGas": tip}


def ask(
    web3: Web3, *, caller: str, to: ChecksumAddress, data: bytes, gas: int, free: bool
) -> bytes:
    """Return what a call answers now; raises one of `reverts.REFUSALS` where it reverts.

    "Now" is the pending block: its time is the coming one, not that of a block mined hours ago.
    """
    transaction: TxParams = {
        "from": to_checksum_address(caller),
        "to": to,
        "data": HexBytes(data),
        "gas": gas,
    }
    if free:  # eth-tester would assume a fee that the caller can not pay
        transaction |= fees(web3, free=True)
    return bytes(web3.eth.call(transaction, "pending"))


def send_raw(
    web3: Web3,
    signer: Signer,
    key: str,
    *,
    chain_id: int,
    nonce: int,
    to: ChecksumAddress | None,
    data: bytes,
    gas: int,
    free: bool,
) -> HexBytes:
    """Sign and send one transaction (a deployment where `to` is None) and return its hash."""
    transaction = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "value": 0,
        "data": data,
        "gas": gas,
        **fees(web3, free=free),
    }
    if to is not None:
        transaction["to"] = to
    return web3.eth.send_raw_transaction(signer.sign_transaction(key, transaction))


def wait_mined(web3: Web3, tx_hash: HexBytes, wait_s: float) -> TxReceipt:
    """Return the receipt of a transaction once it is in a block.

    Raises:
        TransactionNotMined: it is not there after `wait_s` seconds.
    """
    try:
        return web3.eth.wait_for_transaction_receipt(tx_hash, timeout=wait_s)
    except TimeExhausted as late:
        raise TransactionNotMined(tx_hash=tx_hash.to_0x_hex(), waited_s=int(wait_s)) from late
