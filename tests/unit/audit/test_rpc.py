"""The chain checks on a real node: a package by hand, issued for real, then lied about."""

import json

import pytest
from eth_utils import to_checksum_address

from carbonbank.audit.check import NAMES, check_package
from carbonbank.audit.outcome import State
from carbonbank.audit.verify import verify_and_sign
from carbonbank.chain.rpc import connect
from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import decode
from carbonbank.domain.commands import (
    CertifyMethodology,
    ClaimPayout,
    EnrolFleet,
    EnrolVehicle,
    IssueBatch,
    Retire,
    Transfer,
)
from carbonbank.domain.documents import receipt_document
from carbonbank.domain.payout import payout_tree, payouts_of_dump
from carbonbank.errors import ChainUnreachable
from tests.ports.anvil import Anvil
from tests.ports.chain_fixtures import fund, real_site
from tests.unit.audit.by_hand import changed, package_files, zipped
from tests.unit.audit.worked_out import INDEX, STRANGER, jcs, sha

CHAIN = [name for name in NAMES if name.startswith("chain ")]
FLEET_ID = sha(b"fleet-x")


@pytest.fixture(scope="module")
def issued(signer, clock):
    """An issued package, its node's URL, and some life after it: a payout, a sale, a retirement."""
    anvil = Anvil()
    web3 = connect(anvil.url)
    fund(web3, signer)
    chain = real_site("anvil", web3, signer, clock).chain
    operator, verifier = (signer.address(key) for key in ("account/op", "role/verifier"))
    chain.submit(EnrolFleet(fleet_id=FLEET_ID, operator=operator), "role/registrar")
    index = {}
    for vehicle in INDEX:
        commitment = sha(vehicle.encode())
        command = EnrolVehicle(commitment=commitment, fleet_id=FLEET_ID, from_month=2021 * 12)
        chain.submit(command, "role/registrar")
        index[vehicle] = chain.vehicle(commitment).index

    def on_claim(claim):
        return claim | {"operator": operator, "verifier": verifier}

    identity = chain.identity
    files = package_files(
        stage="sealed",
        index=index,
        chain_id=identity.chain_id,
        contract=identity.bank,
        on_claim=on_claim,
    )
    methodology = CertifyMethodology(
        methodology_id=sha(files["package.json"]),
        class_label="AMS-III.C/16",
        buffer_bps=1000,
        demo=True,
    )
    chain.submit(methodology, "role/certifier")
    files["verification.json"] = verify_and_sign(
        zipped(files), lambda digest: signer.sign_digest("role/verifier", digest)
    )
    told = json.loads(files["claim.json"])
    claim = decode(BatchClaim, told["claim"])
    signature = bytes.fromhex(json.loads(files["verification.json"])["signature"][2:])
    done = chain.submit(
        IssueBatch(
            claim=claim,
            signature=signature,
            word_index=tuple(told["word_index"]),
            bits=tuple(int(word, 16) for word in told["bits"]),
        ),
        "role/issuer",
    )
    event = next(event for event in done.events if event.name == "BatchIssued")
    files["receipt.json"] = receipt_document(event)
    batch = int(told["batch_id"], 16)
    tree = payout_tree(payouts_of_dump(json.loads(files["payouts.json"])))
    first = tree.payouts[0]
    chain.submit(
        ClaimPayout(
            claim=claim,
            index=0,
            account=first.account,
            from_g=first.from_g,
            amount_g=first.amount_g,
            proof=tuple(tree.proof(0)),
        ),
        "role/issuer",
    )
    chain.submit(
        Transfer(
            sender=operator,
            recipient=to_checksum_address(STRANGER.address),
            batch_id=batch,
            amount_g=23,
        ),
        "account/op",
    )
    chain.submit(
        Retire(
            holder=operator,
            batch_id=batch,
            amount_g=400,
            beneficiary=b"b".ljust(32, b"\0"),
            purpose=bytes(32),
        ),
        "account/op",
    )
    yield files, anvil.url
    anvil.stop()


def outcome(files, url):
    checks = check_package(zipped(files), url)
    return {check.name: check for check in checks}


def test_what_was_issued_is_found_on_the_chain(issued):
    told = outcome(*issued)
    assert [name for name, check in told.items() if not check.ok] == []
    assert {told[name].state for name in CHAIN} == {State.OK}
    # Of 2091 g: 458 for drivers, of which 250 are claimed; 400 of the operator's 1423 are retired.
    assert told["chain amounts"].detail == (
        "Active: issued 2091 g = held 1273 + claimable 208 + buffer 210 + retired 400 + cancelled 0"
    )


@pytest.mark.parametrize(
    ("path", "value", "caught"),
    [
        (("tx_hash",), "0x" + "00" * 32, {"chain event"}),
        (("block_hash",), "0x" + "00" * 32, {"chain event"}),
    ],
)
def test_a_receipt_that_the_chain_does_not_know_is_caught(issued, path, value, caught):
    files, url = issued
    receipt = changed(json.loads(files["receipt.json"]), *path, value=value)
    told = outcome(files | {"receipt.json": jcs(receipt)}, url)
    assert {name for name, check in told.items() if not check.ok} == caught


def test_a_package_of_another_claim_is_not_on_this_chain(issued):
    files, url = issued
    domain = json.loads(files["claim.json"])["domain"]
    other = package_files(chain_id=int(domain["chain_id"]), contract=domain["verifying_contract"])
    told = outcome(other | {"receipt.json": files["receipt.json"]}, url)
    assert {"receipt", "chain event", "chain amounts", "chain vehicles"} <= {
        name for name, check in told.items() if not check.ok
    }


def test_a_package_for_another_chain_is_caught(issued):
    _, url = issued
    elsewhere = package_files(stage="issued", chain_id=5)
    assert not outcome(elsewhere, url)["chain id"].ok


def test_a_batch_not_issued_yet_has_nothing_on_the_chain(issued):
    files, url = issued
    sealed = {name: content for name, content in files.items() if name != "receipt.json"}
    told = outcome(sealed, url)
    assert told["chain event"].state is State.NOT_CHECKED


def test_a_silent_node_is_an_error_of_its_own(issued):
    files, _ = issued
    with pytest.raises(ChainUnreachable, match=r"127\.0\.0\.1:9"):
        check_package(zipped(files), "http://127.0.0.1:9")
