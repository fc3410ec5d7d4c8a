"""Open a bank: lock its directory, open keys, store and chain, deploy what is missing.

Every dependency is an argument with a default, so that a test or another machine hands in its own.
"""

import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from eth_utils.address import is_checksum_address
from web3 import Web3

from carbonbank.bootstrap.deployment import Deployment, read_deployment, write_deployment
from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import (
    Ask,
    Keyring,
    has_demo_keys,
    make_demo_keys,
    open_demo_keys,
    open_keys,
)
from carbonbank.chain.deploy import Administration, Roles, Terms, deploy
from carbonbank.chain.embedded import EmbeddedChain
from carbonbank.chain.gateway import Gateway
from carbonbank.chain.rpc import connect
from carbonbank.chain.words import call_in_words
from carbonbank.config import Settings, SystemClock
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.factor import Factor
from carbonbank.domain.hashing import sha256
from carbonbank.errors import (
    ChainElsewhere,
    DeploymentMissing,
    FieldInvalid,
    RoleUnassigned,
    WrongChain,
)
from carbonbank.intake.factor_library import load_factors
from carbonbank.intake.reader import FileReader
from carbonbank.ports import Chain, Clock, Press, Reader, Signer, Store
from carbonbank.report.press import TypstPress
from carbonbank.service.bank import Bank
from carbonbank.store.migrate import open_store
from carbonbank.units import month_from_label

REGISTRY_KEY = "secret/registry"
"""The key reference whose signature is the registry key: kept in the keystore, nowhere else."""
SECRET_BYTES = 32

# Importing the EVM's libraries lifts the interpreter's limit to 100,000 frames, at which a deeply
# nested JSON text ends the process instead of being refused. py-evm itself asks for 10,240.
sys.setrecursionlimit(10_240)


@contextmanager
def open_bank(
    settings: Settings,
    *,
    demo: bool = False,
    ask: Ask | None = None,
    clock: Clock | None = None,
    signer: Signer | None = None,
    certifier: Signer | None = None,
    guardian: Signer | None = None,
    admin: Signer | None = None,
    challenger: Signer | None = None,
    store: Store | None = None,
    chain: Chain | None = None,
    reader: Reader | None = None,
    press: Press | None = None,
    factors: Mapping[str, Factor] | None = None,
) -> Iterator[Bank]:
    """Open the bank of `settings.data` in the one process that may work on it.

    The first opening migrates the store, begins the embedded chain and deploys the contracts; one
    that was killed is finished by the next.

    Args:
        settings: where, which database, which chain.
        demo: make the published demo keys where there are none, the other parties' too.
        ask: asks a person for the passphrase if nothing else tells it.
        clock: the machine's.
        signer: the bank's keystore.
        certifier: signs as `role/certifier`; a demo's own in a demo, nobody otherwise.
        guardian: signs as `role/guardian`, in the same way.
        admin: signs as `role/admin`, in the same way: schedules and executes.
        challenger: signs as `role/challenger`; a key of the bank's own otherwise.
        store: the database of the settings.
        chain: the chain of the settings.
        reader: the file reader.
        press: the document press.
        factors: the library.

    Raises:
        DataDirectoryBusy: another process works here.
        KeystoreMissing, KeystoreLocked, PassphraseMissing: the keys can not be opened.
        RoleUnassigned: nobody was named for a role of another party before the first deployment.
        ChainUnreachable, StoreUnreachable: the world outside does not answer.
    """
    directory = DataDirectory(settings.data)
    clock = clock or SystemClock()
    with ExitStack() as open_until_end:
        open_until_end.enter_context(directory.locked())
        if demo:
            make_demo_keys(directory)
        own = signer or open_keys(directory, settings.passphrase, ask)
        named = {
            "certifier": certifier,
            "guardian": guardian,
            "admin": admin,
            "challenger": challenger,
        }
        keys = Keyring(own, _others(directory, named))
        registry_key = sha256(own.sign_digest(REGISTRY_KEY, sha256(REGISTRY_KEY.encode())))
        if store is None:
            store = open_until_end.enter_context(closing(open_store(database_url(settings))))
        if chain is None:
            web3 = _web3(settings, directory, clock, open_until_end)
            identity = _deployed(settings, directory, web3, keys, registry_key)
            chain = Gateway(web3, keys, identity, clock, confirmations=settings.confirmations)
        yield Bank(
            store=store,
            chain=chain,
            signer=keys,
            clock=clock,
            reader=reader or FileReader(),
            press=press or TypstPress(),
            factors=load_factors() if factors is None else factors,
            registry_key=registry_key,
            new_secret=_new_secret,
        )


@contextmanager
def open_view(settings: Settings, *, clock: Clock | None = None) -> Iterator[Bank]:
    """Open a bank to look at while another process works on it: no lock, no keys, no acts.

    Raises:
        DeploymentMissing: no bank was opened here before.
    """
    directory = DataDirectory(settings.data)
    deployment = read_deployment(directory.deployment)
    if deployment is None:
        raise DeploymentMissing(directory=str(directory.path))
    nothing: Any = NothingHere(deployment.identity)
    with closing(open_store(database_url(settings))) as store:
        yield Bank(
            store=store,
            chain=nothing,
            signer=nothing,
            clock=clock or SystemClock(),
            reader=FileReader(),
            press=TypstPress(),
            factors=load_factors(),
            registry_key=b"",
            new_secret=_new_secret,
        )


class NothingHere:
    """Stands for chain and keys in a process that only looks; it knows which chain it is."""

    def __init__(self, identity: ChainIdentity) -> None:
        """Keep the identity that links and documents name."""
        self.identity = identity

    def call_in_words(self, to: str, data: bytes) -> str:
        """Read a call as the chain does; that asks nobody."""
        return call_in_words(to, data, self.identity)

    def __getattr__(self, name: str) -> Any:
        """Refuse everything that is done with a chain or a key."""

        def refuse(*_: Any, **__: Any) -> Any:
            raise ChainElsewhere(act=name)

        return refuse


def check_chain(url: str, deployment: Deployment | None) -> str:
    """Ask the node at a URL which chain it is, and say so.

    Raises:
        ChainUnreachable: no answer.
        WrongChain: it is not the chain the contracts are on.
    """
    found = connect(url).eth.chain_id
    if deployment and found != deployment.identity.chain_id:
        raise WrongChain(expected_chain_id=deployment.identity.chain_id, found_chain_id=found)
    return f"chain {found} answers at {url}"


def database_url(settings: Settings) -> str:
    """Return the URL of the store."""
    directory = DataDirectory(settings.data)
    return settings.database_url or f"sqlite:///{directory.database.absolute()}"


def jobs_url(settings: Settings) -> str:
    """Return the URL of the durable jobs."""
    directory = DataDirectory(settings.data)
    return settings.database_url or f"sqlite:///{directory.jobs_database.absolute()}"


def _new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _web3(
    settings: Settings, directory: DataDirectory, clock: Clock, open_until_end: ExitStack
) -> Web3:
    if settings.rpc_url:
        return connect(settings.rpc_url)
    embedded = EmbeddedChain(directory.chain, clock)
    open_until_end.callback(embedded.close)
    return embedded.web3


def _deployed(
    settings: Settings,
    directory: DataDirectory,
    web3: Web3,
    keys: Signer,
    registry_key: bytes,
) -> ChainIdentity:
    """Return where the contracts are, and make them where they are not."""
    found = read_deployment(directory.deployment)
    if found is not None:
        return found.identity
    outside = {role: _outside(settings, directory, role) for role in _NAMED}
    inside = {role: keys.address(f"role/{role}") for role in _INSIDE}
    roles = Roles(**outside, **inside)
    terms = Terms(
        first_month=month_from_label(settings.first_month),
        registry_key=registry_key,
        administration=_administration(settings, directory),
        fee_bps=settings.fee_bps,
    )
    identity = deploy(web3, keys, roles, terms, embedded=settings.rpc_url is None)
    write_deployment(directory.deployment, Deployment(identity=identity, roles=roles))
    return identity


_INSIDE = ("issuer", "registrar", "treasurer")
_NAMED = ("certifier", "verifier", "guardian")


def _administration(settings: Settings, directory: DataDirectory) -> Administration:
    """Return who administers: those named, and a demo's own without a delay."""
    if directory.is_demo:
        own = open_demo_keys(directory, "admin").address("role/admin")
        return Administration(proposers=(own,), executors=(own,), delay_s=0)
    proposers = _addresses("PROPOSERS", settings.proposers)
    if not proposers:
        raise RoleUnassigned(role="proposer of the admin's acts", setting="CARBONBANK_PROPOSERS")
    if settings.admin_delay_s <= 0:
        raise FieldInvalid(
            field="CARBONBANK_ADMIN_DELAY_S",
            value=str(settings.admin_delay_s),
            expected="at least 1; a demo alone does not wait",
        )
    executors = _addresses("EXECUTORS", settings.executors) or proposers
    return Administration(proposers=proposers, executors=executors, delay_s=settings.admin_delay_s)


def _addresses(setting: str, listed: str | None) -> tuple[str, ...]:
    found = tuple(one.strip() for one in (listed or "").split(",") if one.strip())
    for one in found:
        if not is_checksum_address(one):
            raise FieldInvalid(
                field=f"CARBONBANK_{setting}", value=one, expected="EIP-55 addresses, with commas"
            )
    return found


def _others(directory: DataDirectory, named: Mapping[str, Signer | None]) -> dict[str, Signer]:
    """Return the other parties' signers: those handed in, and a demo's own."""
    signers: dict[str, Signer] = {}
    for role, handed_in in named.items():
        if handed_in is not None:
            signers[f"role/{role}"] = handed_in
        elif directory.is_demo and has_demo_keys(directory, role):
            signers[f"role/{role}"] = open_demo_keys(directory, role)
    return signers


def _outside(settings: Settings, directory: DataDirectory, role: str) -> str:
    named: str | None = getattr(settings, role)
    if named:
        return named
    if directory.is_demo:
        return open_demo_keys(directory, role).address(f"role/{role}")
    raise RoleUnassigned(role=role, setting=f"CARBONBANK_{role.upper()}")
