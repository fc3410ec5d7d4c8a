"""The contracts' rules in plain Python: what may happen, in the order the contracts ask.

One state, changed by one command at a time; `FakeChain` throws a changed copy away when a rule
says no. Events come out in the order in which the contracts emit them.
"""

from dataclasses import asdict

from carbonbank.domain import commands as do
from carbonbank.domain.chain_facts import BatchStatus
from carbonbank.domain.claim import BatchClaim, batch_id, vehicles_hash
from carbonbank.domain.hashing import keccak256
from carbonbank.domain.payout import Payout, payout_leaf_hash
from carbonbank.domain.signature import signer_of
from carbonbank.units import buffer_g_ceil, ceil_div
from tests.fakes.books import Batch
from tests.fakes.registry import NOBODY, RegistryTurn, revert

FREEZE_S = 30 * 24 * 3600


class Turn(RegistryTurn):
    """The acts of the bank that grams are made of."""

    def issue_batch(self, c: do.IssueBatch) -> None:
        self.only("ISSUER")
        claim, number = c.claim, batch_id(c.claim)
        if number in self.ledger.batches:
            revert("BatchAlreadyIssued", batch_id=number)
        if self.ledger.roles.get(claim.verifier) != "VERIFIER":
            revert("NotVerifier", verifier=claim.verifier)
        if signer_of(self.claim_digest(claim), c.signature) != claim.verifier:
            revert("BadVerifierSignature", batch_id=number, verifier=claim.verifier)
        operator = self.ledger.fleets.get(claim.fleet_id)
        if operator is None:
            revert("FleetNotFound", fleet_id=claim.fleet_id)
        if operator != claim.operator:
            revert(
                "OperatorMismatch",
                fleet_id=claim.fleet_id,
                operator=operator,
                claimed_operator=claim.operator,
            )
        if claim.methodology_id not in self.ledger.methodologies:
            revert("MethodologyNotFound", methodology_id=claim.methodology_id)
        label, buffer_bps, demo = self.ledger.methodologies[claim.methodology_id]
        self._check_time(claim)
        self._check_amounts(claim, buffer_bps)
        actual = vehicles_hash(list(c.word_index), list(c.bits))
        if actual != claim.vehicles_hash:
            revert("VehiclesHashMismatch", vehicles_hash=claim.vehicles_hash, actual_hash=actual)
        self._credit(c)
        self.ledger.batches[number] = Batch(
            month=claim.month,
            class_label=label,
            issued_at_s=ceil_div(self.now_s, 3600) * 3600,
            issued_g=claim.total_g,
            claimable_g=claim.drivers_g,
            buffer_g=claim.buffer_g,
            payout_root=claim.payout_root,
        )
        self.emit(
            "bank",
            "BatchIssued",
            batch_id=number,
            fleet_id=claim.fleet_id,
            methodology_id=claim.methodology_id,
            demo=demo,
            claim=asdict(claim),
            word_index=c.word_index,
            bits=c.bits,
        )
        if claim.operator_g:
            self._move(self.actor, NOBODY, claim.operator, number, claim.operator_g)

    def _check_time(self, claim: BatchClaim) -> None:
        if self.now_s > claim.valid_until:
            revert("ClaimExpired", valid_until=claim.valid_until, block_time=self.now_s)
        if claim.month >= self.month:
            revert("MonthStillRunning", month=claim.month, current_month=self.month)
        if claim.month < self.ledger.first_month:
            revert(
                "MonthOutOfRange",
                month=claim.month,
                first_month=self.ledger.first_month,
                last_month=2**32 - 1,
            )

    def _check_amounts(self, claim: BatchClaim, buffer_bps: int) -> None:
        if not (claim.trip_count and any(claim.evidence_root) and any(claim.report_hash)):
            revert("NoEvidence")
        if claim.total_g == 0:
            revert("NothingToIssue")
        if claim.total_g >= 2**48:
            revert("BatchTooLarge", total_g=claim.total_g, max_g=2**48 - 1)
        needed = buffer_g_ceil(claim.total_g, buffer_bps)
        if claim.buffer_g < needed:
            revert("BufferTooSmall", buffer_g=claim.buffer_g, needed_g=needed)
        if (claim.drivers_g == 0) == any(claim.payout_root):
            revert("PayoutRootMismatch", drivers_g=claim.drivers_g, payout_root=claim.payout_root)

    def _credit(self, c: do.IssueBatch) -> None:
        if not c.word_index or len(c.word_index) != len(c.bits):
            revert("BadWordCount", words=len(c.word_index), bitmaps=len(c.bits))
        month, before = c.claim.month, -1
        for word, bits in zip(c.word_index, c.bits, strict=True):
            if word <= before:
                revert("WordsNotAscending", word_index=word)
            if bits == 0:
                revert("EmptyWord", word_index=word)
            before = word
            named = [256 * word + bit for bit in range(256) if bits >> bit & 1]
            for index in named:
                if not self._is_in_fleet(index, c.claim):
                    revert(
                        "VehicleNotInFleet",
                        vehicle_index=index,
                        fleet_id=c.claim.fleet_id,
                        month=month,
                    )
            for index in named:
                if (index, month) in self.ledger.credited:
                    revert("VehicleMonthAlreadyCredited", vehicle_index=index, month=month)
            self.ledger.credited |= {(index, month) for index in named}

    def _is_in_fleet(self, index: int, claim: BatchClaim) -> bool:
        if not 1 <= index <= len(self.ledger.vehicles):
            return False
        return self.ledger.fleet_of(index, claim.month) == claim.fleet_id

    def claim_payout(self, c: do.ClaimPayout) -> None:
        number = batch_id(c.claim)
        batch = self._active(number)
        node = payout_leaf_hash(
            Payout(index=c.index, account=c.account, from_g=c.from_g, amount_g=c.amount_g)
        )
        for sibling in c.proof:
            node = keccak256(b"".join(sorted((node, sibling))))
        if node != batch.payout_root:
            revert("BadPayoutProof", batch_id=number, index=c.index)
        if c.index in batch.claimed:
            revert("PayoutAlreadyClaimed", batch_id=number, index=c.index)
        if c.amount_g > batch.claimable_g:
            revert(
                "ClaimExceedsPayout",
                batch_id=number,
                amount_g=c.amount_g,
                claimable_g=batch.claimable_g,
            )
        batch.claimed.add(c.index)
        batch.claimable_g -= c.amount_g
        self._move(self.actor, NOBODY, c.account, number, c.amount_g)

    def transfer(self, c: do.Transfer) -> None:
        self._authorized(self.actor, c.sender)
        self._deliver(self.actor, c.sender, c.recipient, c.batch_id, c.amount_g)

    def approve_market(self, c: do.ApproveMarket) -> None:
        self.ledger.approved.add((c.owner, self.ledger.at.market))
        self.emit(
            "bank",
            "ApprovalForAll",
            account=c.owner,
            operator=self.ledger.at.market,
            approved=True,
        )

    def retire(self, c: do.Retire) -> None:
        self._retire(self.actor, c.holder, c.batch_id, c.amount_g, c.beneficiary, c.purpose)

    def freeze_batch(self, c: do.FreezeBatch) -> None:
        self.only("GUARDIAN")
        batch = self.ledger.batches.get(c.batch_id)
        if batch is None or batch.status != BatchStatus.FROZEN:
            batch = self._active(c.batch_id)
            batch.status = BatchStatus.FROZEN
        batch.frozen_until_s = self.now_s + FREEZE_S
        self.emit(
            "bank",
            "BatchFrozen",
            batch_id=c.batch_id,
            until=batch.frozen_until_s,
            reason=c.reason,
        )

    def unfreeze_batch(self, c: do.UnfreezeBatch) -> None:
        batch = self.ledger.batches.get(c.batch_id)
        if batch is not None and self.now_s < batch.frozen_until_s:
            self.only("GUARDIAN")
        if batch is None:
            revert("BatchNotFound", batch_id=c.batch_id)
        if batch.status != BatchStatus.FROZEN:
            revert("BatchNotFrozen", batch_id=c.batch_id, status=batch.status)
        batch.status, batch.frozen_until_s = BatchStatus.ACTIVE, 0
        self.emit("bank", "BatchUnfrozen", batch_id=c.batch_id)

    def _active(self, number: int) -> Batch:
        batch = self.ledger.batches.get(number)
        if batch is None:
            revert("BatchNotFound", batch_id=number)
        if batch.status != BatchStatus.ACTIVE:
            revert("BatchNotActive", batch_id=number, status=batch.status)
        return batch

    def _authorized(self, caller: str, owner: str) -> None:
        if caller != owner and (owner, caller) not in self.ledger.approved:
            revert("ERC1155MissingApprovalForAll", operator=caller, owner=owner)

    def _deliver(self, caller: str, giver: str, taker: str, number: int, amount_g: int) -> None:
        self._active(number)
        if taker == NOBODY:
            revert("ERC1155InvalidReceiver", receiver=taker)
        self._move(caller, giver, taker, number, amount_g)

    def _move(self, caller: str, giver: str, taker: str, number: int, amount_g: int) -> None:
        held = self.ledger.held_g
        if giver != NOBODY:
            if held[giver, number] < amount_g:
                revert(
                    "ERC1155InsufficientBalance",
                    sender=giver,
                    balance=held[giver, number],
                    needed=amount_g,
                    token_id=number,
                )
            held[giver, number] -= amount_g
        if taker != NOBODY:
            held[taker, number] += amount_g
        fields = {"operator": caller, "from": giver, "to": taker, "id": number}
        self.emit("bank", "TransferSingle", **fields, value=amount_g)

    def _retire(
        self,
        caller: str,
        holder: str,
        number: int,
        amount_g: int,
        beneficiary: bytes,
        purpose: bytes,
    ) -> None:
        batch = self._active(number)
        if amount_g == 0:
            revert("ZeroAmount")
        self._move(caller, holder, NOBODY, number, amount_g)
        before = batch.retired_g
        batch.retired_g += amount_g
        self.ledger.retirements += 1
        self.emit(
            "bank",
            "CreditsRetired",
            retirement_id=self.ledger.retirements,
            batch_id=number,
            holder=holder,
            amount_g=amount_g,
            from_serial=before + 1,
            to_serial=batch.retired_g,
            beneficiary=beneficiary,
            purpose=purpose,
        )
