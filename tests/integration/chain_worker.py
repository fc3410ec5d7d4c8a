"""Sends acts to an embedded chain until it is killed; prints each receipt when it has it."""

import sys
from pathlib import Path

from carbonbank.chain.deploy import deploy
from carbonbank.chain.embedded import EmbeddedChain
from carbonbank.chain.gateway import Gateway
from carbonbank.config import SystemClock
from carbonbank.domain.commands import MintMoney
from tests.fakes.signer import FakeSigner
from tests.ports.chain_fixtures import TERMS, roles_of


def main(path: Path) -> None:
    signer, clock = FakeSigner(), SystemClock()
    embedded = EmbeddedChain(path, clock)
    print("open", embedded.chain_id, flush=True)
    identity = deploy(embedded.web3, signer, roles_of(signer), TERMS, embedded=True)
    gateway = Gateway(embedded.web3, signer, identity, clock)
    command = MintMoney(account=signer.address("account/rich"), amount_units=1)
    while True:
        print("mined", gateway.submit(command, "role/treasurer").block_hash, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
