"""A chain at a URL: silence is a typed error, re-orgs show, a restarted node is noticed."""

import socket
import threading
from collections.abc import Iterator

import pytest
from web3 import Web3

from carbonbank.chain.deploy import deploy
from carbonbank.chain.gateway import Gateway
from carbonbank.chain.rpc import connect
from carbonbank.config import SystemClock
from carbonbank.domain.commands import AllowMoney, MintMoney
from carbonbank.errors import ChainUnreachable, ContractsMissing
from tests.fakes.chain import FakeChain
from tests.fakes.signer import FakeSigner
from tests.ports.anvil import Anvil
from tests.ports.chain_fixtures import TERMS, fund, roles_of


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    running = Anvil()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def web3(anvil: Anvil) -> Web3:
    return connect(anvil.url)


@pytest.fixture(scope="module")
def gateway(web3: Web3) -> Gateway:
    signer = FakeSigner()
    fund(web3, signer)
    identity = deploy(web3, signer, roles_of(signer), TERMS)
    assert deploy(web3, signer, roles_of(signer), TERMS) == identity
    return Gateway(web3, signer, identity, SystemClock())


def mint(gateway: Gateway, units: int) -> str:
    rich = FakeSigner().address("account/rich")
    command = MintMoney(account=rich, amount_units=units)
    return gateway.submit(command, "role/treasurer").block_hash


def test_a_reorganisation_changes_the_hashes_of_its_blocks(gateway: Gateway, web3: Web3) -> None:
    common = gateway.head()
    snapshot = web3.provider.make_request("evm_snapshot", [])["result"]  # type: ignore[arg-type]
    gone = [mint(gateway, 1), mint(gateway, 2)]
    assert web3.provider.make_request("evm_revert", [snapshot])["result"]  # type: ignore[arg-type]
    assert gateway.block(common.number + 1) is None
    assert gateway.head() == common
    new = mint(gateway, 3)
    found = gateway.block(common.number + 1)
    assert found is not None
    assert found.block_hash == new != gone[0]
    assert gateway.block(common.number) == common
    (event,) = gateway.events(common.number + 1, common.number + 1)
    assert event.fields["value"] == 3


def test_the_fake_reorganises_alike() -> None:
    signer = FakeSigner()
    chain = FakeChain(signer, SystemClock(), roles_of(signer))
    common = chain.head()
    owner = signer.address("account/x")
    command = AllowMoney(owner=owner, amount_units=1)
    gone = chain.submit(command, "account/x", 0)
    chain.rewind(common.number)
    assert chain.block(common.number + 1) is None
    again = chain.submit(command, "account/x", 0)
    assert (again.block_number, again.events[0].name) == (gone.block_number, gone.events[0].name)
    assert again.block_hash != gone.block_hash


def test_nobody_listening_is_a_transient_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refuses, and nobody else gets it
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ChainUnreachable, match=url) as silent:
            connect(url).eth.get_block("latest")
    assert silent.value.transient


def test_something_that_is_no_node_is_unreachable_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        web3 = connect(url)

        def answer() -> None:
            connection, _ = server.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ChainUnreachable):
            web3.eth.get_block("latest")
        thread.join()


def test_a_restarted_development_chain_has_forgotten_the_contracts(gateway: Gateway) -> None:
    other = Anvil()
    try:
        with pytest.raises(ContractsMissing, match=gateway.identity.bank):
            Gateway(connect(other.url), FakeSigner(), gateway.identity, SystemClock())
    finally:
        other.stop()
