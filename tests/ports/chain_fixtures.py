"""The three backends of the Chain port, each deployed once, and accounts that are new per test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import count

import pytest
from web3 import Web3

from carbonbank.chain.deploy import Administration, Roles, Terms, deploy
from carbonbank.chain.embedded import EmbeddedChain
from carbonbank.chain.gateway import RELAYER, Gateway
from carbonbank.chain.rpc import connect
from carbonbank.config import SystemClock
from carbonbank.domain.chain_facts import Receipt
from carbonbank.domain.claim import BatchClaim, vehicle_words, vehicles_hash
from carbonbank.domain.commands import (
    AllowMoney,
    ApproveMarket,
    CertifyMethodology,
    EnrolFleet,
    EnrolVehicle,
    IssueBatch,
    MintMoney,
)
from carbonbank.domain.hashing import sha256
from carbonbank.domain.order import Order, Side
from carbonbank.domain.payout import NO_PAYOUTS, Payout, PayoutTree, payout_tree
from carbonbank.ports import Chain, Signer
from tests.fakes.chain import FakeChain
from tests.fakes.signer import FakeSigner
from tests.ports.anvil import Anvil

FIRST_MONTH = 2000 * 12
MARCH_2021 = 2021 * 12 + 2
BACKENDS = ("fake", "embedded", "anvil")
ADMIN = FakeSigner().address("role/admin")
AT_ONCE = Administration(proposers=(ADMIN,), executors=(ADMIN,), delay_s=0)
TERMS = Terms(first_month=FIRST_MONTH, registry_key=bytes(range(32)), administration=AT_ONCE)
FOR_EVER = 2**40


def roles_of(signer: Signer) -> Roles:
    return Roles(**{one.name: signer.address(f"role/{one.name}") for one in fields(Roles)})


def fund(web3: Web3, signer: Signer) -> None:
    """Give the keys that send transactions on anvil a coin each."""
    names = [one.name for one in fields(Roles)] + ["deployer", "admin"]
    for key in [RELAYER, *(f"role/{name}" for name in names)]:
        web3.provider.make_request("anvil_setBalance", [signer.address(key), hex(10**20)])  # type: ignore[arg-type]


@dataclass(frozen=True)
class Site:
    """A deployed chain and the means to look at it with other settings."""

    backend: str
    signer: FakeSigner
    chain: Chain
    again: Callable[[int], Chain]  # the same chain with other confirmations


@pytest.fixture(scope="session")
def signer() -> FakeSigner:
    return FakeSigner()


@pytest.fixture(scope="session")
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture(scope="session")
def fake_site(signer: FakeSigner, clock: SystemClock) -> Site:
    chain = FakeChain(signer, clock, roles_of(signer), first_month=FIRST_MONTH)

    def again(confirmations: int) -> Chain:
        other = FakeChain(
            signer, clock, roles_of(signer), first_month=FIRST_MONTH, confirmations=confirmations
        )
        other._blocks = chain._blocks
        return other

    return Site("fake", signer, chain, again)


@pytest.fixture(scope="session")
def embedded_site(
    signer: FakeSigner, clock: SystemClock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    embedded = EmbeddedChain(tmp_path_factory.mktemp("chain") / "chain.sqlite", clock)
    yield real_site("embedded", embedded.web3, signer, clock)
    embedded.close()


@pytest.fixture(scope="session")
def anvil_site(signer: FakeSigner, clock: SystemClock) -> Iterator[Site]:
    anvil = Anvil()
    web3 = connect(anvil.url)
    fund(web3, signer)
    yield real_site("anvil", web3, signer, clock)
    anvil.stop()


def real_site(backend: str, web3: Web3, signer: FakeSigner, clock: SystemClock) -> Site:
    identity = deploy(web3, signer, roles_of(signer), TERMS, embedded=backend == "embedded")

    def again(confirmations: int) -> Chain:
        return Gateway(web3, signer, identity, clock, confirmations=confirmations)

    return Site(backend, signer, again(0), again)


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.backend(name)) for name in BACKENDS])
def site(request: pytest.FixtureRequest) -> Site:
    found: Site = request.getfixturevalue(f"{request.param}_site")
    return found


# --- a test's own corner of the ledger ----------------------------------------------------------

_numbers = count(1)


def new_id(kind: str) -> bytes:
    """32 bytes that no other test has."""
    return sha256(f"{kind} {next(_numbers)}".encode())


@dataclass(frozen=True)
class Batch:
    claim: BatchClaim
    signature: bytes
    word_index: tuple[int, ...]
    bits: tuple[int, ...]
    tree: PayoutTree

    @property
    def issue(self) -> IssueBatch:
        return IssueBatch(
            claim=self.claim,
            signature=self.signature,
            word_index=self.word_index,
            bits=self.bits,
        )


class Corner:
    """A fleet, its operator, a vehicle and a methodology of one test's own."""

    def __init__(self, site: Site) -> None:
        self.chain, self.signer = site.chain, site.signer
        self.operator = self.new_account("operator")
        self.fleet_id, self.commitment = new_id("fleet"), new_id("vehicle")
        self.methodology_id = new_id("methodology")
        self.salts = count(1)

    def new_account(self, name: str) -> str:
        """A key reference that no other test has."""
        return f"account/{name}-{next(_numbers)}"

    def at(self, key: str) -> str:
        return self.signer.address(key)

    def certify(self, label: str = "TEST/1", buffer_bps: int = 1000, demo: bool = True) -> Receipt:
        command = CertifyMethodology(
            methodology_id=self.methodology_id,
            class_label=label,
            buffer_bps=buffer_bps,
            demo=demo,
        )
        return self.chain.submit(command, "role/certifier")

    def enrol_fleet(self) -> Receipt:
        command = EnrolFleet(fleet_id=self.fleet_id, operator=self.at(self.operator))
        return self.chain.submit(command, "role/registrar")

    def enrol_vehicle(self, from_month: int = MARCH_2021 - 1) -> Receipt:
        command = EnrolVehicle(
            commitment=self.commitment, fleet_id=self.fleet_id, from_month=from_month
        )
        return self.chain.submit(command, "role/registrar")

    @property
    def vehicle_index(self) -> int:
        found = self.chain.vehicle(self.commitment)
        assert found is not None
        return found.index

    def prepare(self) -> "Corner":
        self.certify()
        self.enrol_fleet()
        self.enrol_vehicle()
        return self

    def batch(
        self, *, operator_g: int = 600, payouts: tuple[tuple[str, int], ...] = (), **changes: object
    ) -> Batch:
        """A batch of this corner's vehicle in March 2021, signed; `changes` go into the claim."""
        leaves, from_g = [], 0
        for index, (account, amount_g) in enumerate(payouts):
            leaves.append(
                Payout(index=index, account=self.at(account), from_g=from_g, amount_g=amount_g)
            )
            from_g += amount_g
        tree = payout_tree(leaves)
        known = self.chain.vehicle(self.commitment)
        word_index, bits = vehicle_words([known.index if known else 1])
        values: dict[str, object] = {
            "fleet_id": self.fleet_id,
            "operator": self.at(self.operator),
            "verifier": self.at("role/verifier"),
            "valid_until": FOR_EVER,
            "methodology_id": self.methodology_id,
            "month": MARCH_2021,
            "trip_count": 3,
            "evidence_root": new_id("evidence"),
            "report_hash": new_id("report"),
            "payout_root": tree.root if leaves else NO_PAYOUTS,
            "operator_g": operator_g,
            "drivers_g": from_g,
            "buffer_g": 100 + operator_g + from_g,
            "vehicles_hash": vehicles_hash(word_index, bits),
        }
        claim = BatchClaim(**(values | changes))  # type: ignore[arg-type]
        signature = self.signer.sign_digest("role/verifier", self.chain.claim_digest(claim))
        return Batch(claim, signature, tuple(word_index), tuple(bits), tree)

    def issued(self, **batch: object) -> Batch:
        made = self.batch(**batch)  # type: ignore[arg-type]
        self.chain.submit(made.issue, "role/issuer")
        return made

    def order(self, maker: str, side: Side, batch_id: int, **changes: object) -> Order:
        """A signed-to-be order for 100 g at 20 money a tonne."""
        values: dict[str, object] = {
            "maker": self.at(maker),
            "side": side,
            "batch_id": batch_id,
            "class_id": bytes(32),
            "money": self.chain.identity.money,
            "amount_g": 100,
            "price_units_per_t": 20_000_000,
            "max_fee_bp": 0,
            "min_fill_g": 1,
            "min_age_s": 0,
            "signed_at": 1_600_000_000,
            "valid_until": FOR_EVER,
            "salt": next(self.salts),
        }
        return Order(**(values | changes))  # type: ignore[arg-type]

    def sign(self, maker: str, order: Order) -> bytes:
        return self.signer.sign_digest(maker, self.chain.order_digest(order))

    def give_money(self, account: str, units: int = 1_000_000) -> None:
        owner = self.at(account)
        self.chain.submit(MintMoney(account=owner, amount_units=units), "role/treasurer")
        self.chain.submit(AllowMoney(owner=owner, amount_units=units), account)

    def let_market_deliver(self, account: str) -> None:
        self.chain.submit(ApproveMarket(owner=self.at(account)), account)


@pytest.fixture
def corner(site: Site) -> Corner:
    return Corner(site)
