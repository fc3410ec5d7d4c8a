"""Corrections on the embedded chain: the books follow every one of them and stay clean."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carbonbank.chain.calls import abi_data
from carbonbank.chain.gateway import Gateway
from carbonbank.chain.transactions import send_raw, wait_mined
from carbonbank.domain.admin_acts import AdminAct, GrantRole
from carbonbank.domain.claim import batch_number
from carbonbank.domain.records import ChainBatch, ChainLog
from carbonbank.domain.replacement import REPLACED, replacements_of
from carbonbank.service.account_balance import account_balance
from carbonbank.service.admin import role_act
from carbonbank.service.bank import Bank
from carbonbank.service.batch_view import batch_view
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.execute_act import execute_act
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.reconcile import reconcile
from carbonbank.service.record_verification import record_verification
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.schedule_act import schedule_act
from carbonbank.service.sync_chain import drop_projections, sync_chain
from tests.faults.world import bank_in, stage_in
from tests.stage import JUNE, trip

PROOF = b"\x07" * 32
RETIRED_G = 40


def act(bank: Bank, key: str, function: str, *arguments: Any) -> None:
    """Send a call of the bank's contract under a key of the bank."""
    chain = bank.chain
    assert isinstance(chain, Gateway)
    web3, identity = chain._web3, chain.identity
    sent = send_raw(
        web3,
        bank.signer,
        key,
        chain_id=identity.chain_id,
        nonce=web3.eth.get_transaction_count(bank.signer.address(key)),  # type: ignore[arg-type]
        to=identity.bank,  # type: ignore[arg-type]
        data=abi_data("bank", function, *arguments),
        gas=1_000_000,
        free=True,
    )
    assert wait_mined(web3, sent, 10)["status"] == 1


def administer(bank: Bank, wanted: AdminAct) -> None:
    """Have the timelock of a demo act, which does not wait."""
    schedule_act(bank, wanted)
    assert execute_act(bank, wanted).state == "done"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corrected") / "bank"


@pytest.fixture(scope="module")
def corrected(place: Path) -> Iterator[tuple[Bank, str, str]]:
    """Batch of June: paid, retired, disproven, corrected, disproven, cancelled and replaced.

    The batch of July is the source of what replaces the retired grams.
    """
    with bank_in(place) as bank:
        stage = stage_in(place, bank)
        stage.certify()
        june = stage.verified([trip()]).batch_id
        stage.offer([trip("2024-07-03T08:00:00", vehicle_id="car-2")], "july.csv")
        stage.close(JUNE + 1)
        july = stage.seal(JUNE + 1).batch_id
        record_verification(bank, july, stage.signed(july))
        for batch in (june, july):
            issue_batch(bank, batch)
        claim_payout(bank, "anna", june)
        retire_credits(bank, "olga", june, RETIRED_G, beneficiary="b", purpose="p")
        number = batch_number(june)
        challenger = bank.signer.address("role/relayer")
        administer(bank, role_act(GrantRole, "challenger", challenger))
        act(bank, "role/relayer", "disprove", number, PROOF)
        assert reconcile(bank).findings == ()
        act(bank, "role/guardian", "correct", number, 10, [], "ten grams too many")
        assert reconcile(bank).findings == ()
        act(bank, "role/relayer", "disprove", number, PROOF[::-1][:31] + b"\x08")
        act(bank, "role/guardian", "cancel", number, "never driven")
        assert reconcile(bank).findings == ()
        act(bank, "role/guardian", "replaceFromBuffer", number, [batch_number(july)])
        yield bank, june, july


def rows(bank: Bank) -> dict[str, ChainBatch]:
    with bank.store.read() as session:
        return {row.batch_id: row for row in session.find(ChainBatch)}


def test_the_books_are_clean_after_every_correction(corrected: tuple[Bank, str, str]) -> None:
    bank, _, _ = corrected
    assert reconcile(bank).findings == ()


def test_the_projection_knows_the_end_of_a_batch(corrected: tuple[Bank, str, str]) -> None:
    bank, june, july = corrected
    sync_chain(bank)
    dead, source = rows(bank)[june], rows(bank)[july]
    assert (dead.status, dead.claimable_g, dead.buffer_g) == ("CANCELLED", 0, 0)
    assert dead.cancelled_g == dead.issued_g - RETIRED_G
    assert source.retired_g == RETIRED_G
    assert batch_view(bank, june).held_g == 0
    shown = {row.batch_id: row.held_g for row in account_balance(bank, "olga").batches}
    assert shown.get(june, 0) == 0


def test_every_replaced_serial_resolves_from_the_logs(corrected: tuple[Bank, str, str]) -> None:
    bank, june, july = corrected
    sync_chain(bank)
    with bank.store.read() as session:
        (one,) = replacements_of(session.find(ChainLog, name=REPLACED))
    assert (one.batch_id, one.serial_first, one.serial_last) == (june, 1, RETIRED_G)
    assert (one.source_batch_id, one.source_serial_first) == (july, 1)
    assert (one.source_serial_last, one.amount_g) == (RETIRED_G, RETIRED_G)


def test_dropped_projections_fold_to_equal_tables(corrected: tuple[Bank, str, str]) -> None:
    bank, _, _ = corrected
    sync_chain(bank)
    before = rows(bank)
    drop_projections(bank)
    sync_chain(bank)
    assert rows(bank) == before
