"""Send a proof against a batch: it stops in the same transaction, whoever sends it."""

from dataclasses import dataclass

from carbonbank.domain.challenge import Challenge
from carbonbank.domain.claim import batch_text
from carbonbank.domain.commands import ChallengeBatch
from carbonbank.service.bank import Bank
from carbonbank.service.batch_status import BatchStanding, batch_status
from carbonbank.service.sync_chain import sync_chain

CHALLENGER = "role/challenger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenged:
    """A proof that was taken, and where the batches stand since."""

    kind: str
    proof_id: str
    challenger: str
    tx_hash: str
    standing: tuple[BatchStanding, ...]


def challenge_batch(bank: Bank, proof: Challenge) -> Challenged:
    """Send one proof. `bank` carries the challenger's signer, else its own key sends it.

    Raises:
        RuleError: the contract refuses it, for one that is false or did its work before.
    """
    command = ChallengeBatch(function=proof.function, arguments=proof.arguments)
    receipt = bank.chain.submit(command, CHALLENGER)
    sync_chain(bank)
    return Challenged(
        kind=proof.kind.name.lower(),
        proof_id=proof.proof_id.hex(),
        challenger=bank.signer.address(CHALLENGER),
        tx_hash=receipt.tx_hash,
        standing=tuple(batch_status(bank, batch_text(one)) for one in proof.batch_ids),
    )
