"""How many acts a second the embedded chain does, and anvil beside it.

Run `python -m benchmarks.chain_tps [ROUNDS]`. `raw` sends transactions that are signed already.
Each other act goes the whole way through the gateway: nonce, simulation, signing, sending, receipt,
event. Prints acts per second of each backend and the ratio of anvil to the embedded chain; the
ratio carries over to other machines, the rates do not.
"""

import sys
import tempfile
import time
from pathlib import Path

from eth_utils.address import to_checksum_address
from web3 import Web3

from carbonbank.chain.deploy import deploy
from carbonbank.chain.embedded import EmbeddedChain
from carbonbank.chain.gateway import Gateway
from carbonbank.chain.rpc import connect
from carbonbank.chain.transactions import fees
from carbonbank.config import SystemClock
from carbonbank.domain.commands import AllowMoney, MintMoney
from tests.fakes.signer import FakeSigner
from tests.ports.anvil import Anvil
from tests.ports.chain_fixtures import TERMS, fund, roles_of

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 100


def raw_rate(web3: Web3, signer: FakeSigner, *, free: bool) -> float:
    """Sent and mined transactions per second, each a call without effect."""
    key, to = "role/relayer", to_checksum_address("0x" + "11" * 20)
    start = web3.eth.get_transaction_count(to_checksum_address(signer.address(key)))
    common = {"type": 2, "chainId": web3.eth.chain_id, "to": to, "value": 0, "data": b""}
    priced = common | {"gas": 21_000} | fees(web3, free=free)
    signed = [
        signer.sign_transaction(key, priced | {"nonce": start + number}) for number in range(ROUNDS)
    ]
    started = time.perf_counter()
    for raw in signed:
        web3.eth.send_raw_transaction(raw)
    return ROUNDS / (time.perf_counter() - started)


def rates(gateway: Gateway, signer: FakeSigner) -> tuple[float, ...]:
    """Plain and relayed acts per second."""
    owner = signer.address("account/rich")
    mint, allow = MintMoney(account=owner, amount_units=1), AllowMoney(owner=owner, amount_units=1)
    found = []
    for command, sender in ((mint, "role/treasurer"), (allow, "account/rich")):
        started = time.perf_counter()
        for _ in range(ROUNDS):
            gateway.submit(command, sender)
        found.append(ROUNDS / (time.perf_counter() - started))
    return tuple(found)


def main() -> None:
    signer, clock = FakeSigner(), SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedChain(Path(folder) / "chain.sqlite", clock)
        identity = deploy(embedded.web3, signer, roles_of(signer), TERMS, embedded=True)
        here = (
            raw_rate(embedded.web3, signer, free=True),
            *rates(Gateway(embedded.web3, signer, identity, clock), signer),
        )
        embedded.close()
    anvil = Anvil()
    web3 = connect(anvil.url)
    fund(web3, signer)
    identity = deploy(web3, signer, roles_of(signer), TERMS)
    there = (
        raw_rate(web3, signer, free=False),
        *rates(Gateway(web3, signer, identity, clock), signer),
    )
    anvil.stop()
    for kind, mine, other in zip(("raw", "plain", "relayed"), here, there, strict=True):
        print(
            f"{kind:8} embedded {mine:6.1f} acts/s   anvil {other:6.1f} acts/s"
            f"   ratio {other / mine:.1f}"
        )


if __name__ == "__main__":
    main()
