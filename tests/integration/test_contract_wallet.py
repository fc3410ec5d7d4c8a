"""Wallets that are contracts: asked on the chain whether they signed and whether they take credits.

The bank's worker asks strangers' code, so the strangers here lie, refuse and never end.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from eth_account import Account as Key
from eth_account.messages import encode_typed_data
from web3 import Web3

from carbonbank.audit.check import check_package
from carbonbank.audit.outcome import SignedByOther, State
from carbonbank.audit.rpc import Node, check_signed_for
from carbonbank.audit.statement import typed_claim, typed_statement
from carbonbank.audit.verify import state, verify_and_attach
from carbonbank.chain.compile import compile_units
from carbonbank.chain.gateway import Gateway
from carbonbank.chain.rpc import connect
from carbonbank.cli.main import carbonbank
from carbonbank.config import SystemClock
from carbonbank.domain.admin_acts import GrantRole
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.errors import FieldInvalid, WalletDidNotSign, WalletTakesNoCredits, WrongVerifier
from carbonbank.service.account_balance import account_balance
from carbonbank.service.admin import role_act
from carbonbank.service.bank import Bank
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.export_package import export_package
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.link_wallet import link_wallet, offer_wallet_message
from carbonbank.service.move_holdings import move_holdings
from carbonbank.service.reconcile import reconcile
from carbonbank.service.record_verification import record_verification
from carbonbank.service.wallets import wallets
from tests.fakes.signer import FakeSigner
from tests.faults.world import bank_in, stage_in
from tests.integration.test_corrections import administer
from tests.ports.anvil import Anvil
from tests.ports.chain_fixtures import fund
from tests.stage import JUNE, Stage, trip

ROOT = Path(__file__).parents[2]
UNITS = [f"contracts/test/{name}.sol" for name in ("Wallets", "Strangers", "Hostiles")]
FIRST, SECOND, THIEF = (Key.from_key("0x" + digits * 32) for digits in ("31", "32", "33"))
AGREEING, REFUSING, SHORT, DIRTY, HUNGRY, LOUD = range(6)
DIGEST = bytes(range(32))
Deploy = Callable[..., str]

pytestmark = pytest.mark.xdist_group("compile")


@pytest.fixture(scope="module")
def compiled() -> dict[str, Any]:
    units = compile_units(ROOT, UNITS)
    return {name: made for unit in UNITS for name, made in units[unit].items()}


def deployer(web3: Web3, compiled: dict[str, Any], *, free: bool) -> Deploy:
    """Deploy as a stranger would: with a key and a transaction."""
    signer, stranger = FakeSigner(), FakeSigner().address("role/treasurer")

    def deploy(name: str, *arguments: Any) -> str:
        made = compiled[name]
        factory = web3.eth.contract(abi=made["abi"], bytecode=made["evm"]["bytecode"]["object"])
        fees = 0 if free else 10**10
        transaction = {
            "type": 2,
            "chainId": web3.eth.chain_id,
            "nonce": web3.eth.get_transaction_count(stranger),  # type: ignore[arg-type]
            "value": 0,
            "data": factory.constructor(*arguments).data_in_transaction,
            "gas": 3_000_000,
            "maxFeePerGas": fees,
            "maxPriorityFeePerGas": min(fees, 10**9),
        }
        raw = signer.sign_transaction("role/treasurer", transaction)
        receipt = web3.eth.wait_for_transaction_receipt(web3.eth.send_raw_transaction(raw))
        assert receipt["status"] == 1
        return str(receipt["contractAddress"])

    return deploy


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    path = tmp_path / "bank"
    with bank_in(path) as bank:
        yield stage_in(path, bank)


@pytest.fixture
def deploy(stage: Stage, compiled: dict[str, Any]) -> Deploy:
    chain = stage.bank.chain
    assert isinstance(chain, Gateway)
    return deployer(chain._web3, compiled, free=True)


def asked(bank: Bank, account: str, wallet: str, *keys: Any) -> dict[str, Any]:
    """The offered message, signed by keys one after the other, as wallets show it."""
    message = offer_wallet_message(bank, account, wallet)
    shown = encode_typed_data(full_message=message.typed_data(bank.chain.identity))
    signature = b"".join(bytes(key.sign_message(shown).signature) for key in keys)
    return {"nonce": message.nonce, "expiry": message.expiry, "signature": signature.hex()}


def test_a_contract_wallet_is_linked_and_paid(stage: Stage, deploy: Deploy) -> None:
    bank, wallet = stage.bank, deploy("HoldingWallet", FIRST.address, SECOND.address)
    stage.certify()
    june = stage.verified([trip()]).batch_id
    issue_batch(bank, june)
    claim_payout(bank, "anna")
    held_g = account_balance(bank, "anna").held_g
    linked = link_wallet(bank, "anna", wallet, **asked(bank, "anna", wallet, FIRST, SECOND))
    assert linked.wallet == wallet
    stage.offer([trip("2024-07-03T08:00:00")], "july.csv")
    stage.close(JUNE + 1)
    july = stage.seal(JUNE + 1).batch_id
    record_verification(bank, july, stage.signed(july))
    issue_batch(bank, july)
    assert claim_payout(bank, "anna").amount_g == held_g > 0
    assert bank.chain.held_g(wallet, int(july, 16)) == held_g
    (moved,) = move_holdings(bank, "anna").moved
    assert (moved.recipient, moved.amount_g) == (wallet, held_g)
    assert account_balance(bank, "anna").wallet_g == 2 * held_g
    assert reconcile(bank).findings == ()


def test_fewer_or_other_keys_do_not_sign_for_it(stage: Stage, deploy: Deploy) -> None:
    bank, wallet = stage.bank, deploy("HoldingWallet", FIRST.address, SECOND.address)
    for keys in ((FIRST,), (SECOND, FIRST), (FIRST, THIEF), (FIRST, SECOND, SECOND), ()):
        with pytest.raises(WalletDidNotSign):
            link_wallet(bank, "anna", wallet, **asked(bank, "anna", wallet, *keys))
    for_ben = asked(bank, "ben", wallet, FIRST, SECOND)
    with pytest.raises(WalletDidNotSign):
        link_wallet(bank, "anna", wallet, **for_ben)
    other = deploy("HoldingWallet", FIRST.address, SECOND.address)  # the same two keys
    with pytest.raises(WalletDidNotSign):
        link_wallet(bank, "anna", other, **asked(bank, "anna", wallet, FIRST, SECOND))
    assert wallets(bank, "anna").wallet is None


def test_a_wallet_to_which_nothing_can_be_paid_is_not_linked(stage: Stage, deploy: Deploy) -> None:
    bank = stage.bank
    keyed, agreeing = deploy("KeyedWallet", FIRST.address), deploy("MoodyWallet", AGREEING)
    for wallet, keys in ((keyed, (FIRST,)), (agreeing, (THIEF,))):
        with pytest.raises(WalletTakesNoCredits, match=wallet):
            link_wallet(bank, "anna", wallet, **asked(bank, "anna", wallet, *keys))
    assert wallets(bank, "anna").wallet is None


@pytest.mark.parametrize("mood", [REFUSING, SHORT, DIRTY, HUNGRY, LOUD])
def test_a_wallet_that_answers_badly_did_not_sign(stage: Stage, deploy: Deploy, mood: int) -> None:
    bank, wallet = stage.bank, deploy("MoodyWallet", mood)
    with pytest.raises(WalletDidNotSign):
        link_wallet(bank, "anna", wallet, **asked(bank, "anna", wallet, FIRST))


def test_what_holds_credits_and_signs_nothing_is_not_linked(stage: Stage, deploy: Deploy) -> None:
    bank, wallet = stage.bank, deploy("CallingHolder")
    assert bank.chain.takes_credits(wallet)
    with pytest.raises(WalletDidNotSign):
        link_wallet(bank, "anna", wallet, **asked(bank, "anna", wallet, FIRST))
    own = bank.chain.identity
    for contract in (own.bank, own.market, own.money, own.forwarder, own.timelock):
        assert contract is not None
        with pytest.raises(WalletDidNotSign):
            link_wallet(bank, "anna", contract, **asked(bank, "anna", contract, FIRST))


def test_a_signature_without_end_is_not_carried_to_the_chain(stage: Stage, deploy: Deploy) -> None:
    bank, wallet = stage.bank, deploy("HoldingWallet", FIRST.address, SECOND.address)
    message = asked(bank, "anna", wallet, FIRST, SECOND)
    with pytest.raises(FieldInvalid, match="4096 bytes at most"):
        link_wallet(bank, "anna", wallet, **message | {"signature": "00" * 4097})


def test_a_verifier_that_is_a_contract_signs_and_the_batch_is_issued(
    stage: Stage, deploy: Deploy, tmp_path: Path
) -> None:
    bank, verifier = stage.bank, deploy("HoldingWallet", FIRST.address, SECOND.address)
    administer(bank, role_act(GrantRole, "verifier", verifier))
    stage.certify()
    stage.offer([trip()])
    stage.close()
    batch = stage.seal(verifier=verifier).batch_id
    package = export_package(bank, batch)
    opened, words = state(package)
    messages = [typed_claim(opened.claim), typed_statement(opened, words, None)]
    claimed, stated = map(both, messages)

    def record(signature: bytes, over_words: bytes | None = None) -> None:
        record_verification(bank, batch, verify_and_attach(package, signature, over_words))

    for wrong in (claimed[:65], claimed[65:] + claimed[:65], stated, b"", b"\1" * 5000):
        with pytest.raises(WrongVerifier):
            record(wrong)
    with pytest.raises(WrongVerifier):
        record(claimed, claimed)
    record(claimed, stated)
    assert issue_batch(bank, batch).issued_g > 0
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "package.zip").write_bytes(package)
    words_of = ["--signature", claimed.hex(), "--statement-signature", "0x" + stated.hex()]
    run = CliRunner().invoke(
        carbonbank,
        ["verify", "attach", str(desk / "package.zip"), "--desk", str(desk), *words_of],
        catch_exceptions=False,
    )
    assert run.exit_code == 0
    attached = (desk / "verification.json").read_bytes()
    assert attached == verify_and_attach(package, claimed, stated)
    offline = {one.name: one for one in check_package(export_package(bank, batch))}
    for name in ("signature", "statement"):
        assert offline[name].state is State.FAILED
        assert "its code alone can tell (--rpc URL)" in offline[name].detail


def both(typed: dict[str, Any]) -> bytes:
    """What two keys sign one after the other, as a wallet shows it to each."""
    message = encode_typed_data(full_message=typed)
    return b"".join(bytes(key.sign_message(message).signature) for key in (FIRST, SECOND))


def test_an_auditor_with_a_node_asks_the_verifiers_code(compiled: dict[str, Any]) -> None:
    anvil = Anvil()
    try:
        web3 = connect(anvil.url)
        fund(web3, FakeSigner())
        deploy = deployer(web3, compiled, free=False)
        holding = deploy("HoldingWallet", FIRST.address, SECOND.address)
        signature = b"".join(
            bytes(key.unsafe_sign_hash(DIGEST).signature) for key in (FIRST, SECOND)
        )

        def by(named: str, over: bytes = DIGEST) -> str:
            def check(_: Any) -> str:
                raise SignedByOther("the signature", "nobody", named, over, signature)

            return check_signed_for(check, cast("Any", None), Node(anvil.url))

        assert by(holding) == f"signed for {holding} as its code says"
        with pytest.raises(SignedByOther):
            by(holding, DIGEST[::-1])
        for named in (FIRST.address, deploy("MoodyWallet", REFUSING), deploy("MoodyWallet", SHORT)):
            with pytest.raises(SignedByOther):
                by(named)
    finally:
        anvil.stop()


def test_a_node_answers_alike(compiled: dict[str, Any]) -> None:
    anvil = Anvil()
    try:
        web3, signer = connect(anvil.url), FakeSigner()
        fund(web3, signer)
        deploy = deployer(web3, compiled, free=False)
        holding = deploy("HoldingWallet", FIRST.address, SECOND.address)
        moody = [deploy("MoodyWallet", mood) for mood in range(6)]
        identity = ChainIdentity(
            chain_id=web3.eth.chain_id,
            bank=holding,  # any contract will do: nothing of the bank's is asked
            challenge=holding,
            market=holding,
            money=holding,
            forwarder=holding,
            embedded=False,
        )
        gateway = Gateway(web3, signer, identity, SystemClock())
        both = b"".join(bytes(key.unsafe_sign_hash(DIGEST).signature) for key in (FIRST, SECOND))
        assert gateway.contract_signed(holding, DIGEST, both)
        assert not gateway.contract_signed(holding, DIGEST[::-1], both)
        assert not gateway.contract_signed(FIRST.address, DIGEST, both[:65])  # no contract at all
        signed = [gateway.contract_signed(wallet, DIGEST, both) for wallet in moody]
        assert signed == [True, False, False, False, False, False]
        assert gateway.takes_credits(holding)
        assert gateway.takes_credits(FIRST.address)
        assert not any(gateway.takes_credits(wallet) for wallet in moody)
    finally:
        anvil.stop()
