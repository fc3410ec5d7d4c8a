"""Python twins of the contracts' custom errors: same names, fields in snake_case.

`tests/parity/test_abi_twins.py` walks the ABIs and proves the list complete. Here are the bank's;
`market.py` and `standards.py` (token standards, OpenZeppelin) have the others.
"""

# ruff: noqa: D101 - `says` is a twin's sentence; the NatSpec of its contract has the rest

from typing import Any, ClassVar

from carbonbank.errors.base import NotAllowed, NotFound, RuleError


class OnChain:
    """Shows values as people read them: hashes and batch ids in hex, months by name."""

    fields: Any

    def __str__(self) -> str:
        says: str = getattr(self, "says", "")
        return says.format(**{name: _shown(name, value) for name, value in self.fields.items()})


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if name == "batch_id":
        return f"{value:064x}"
    if name.endswith("month"):
        # The chain's number, year * 12 + (month - 1); `units` is a neighbour we may not import.
        return f"{value // 12:04d}-{value % 12 + 1:02d}"
    return value


class Refused(OnChain, RuleError):
    """A contract's rules say no."""


class RefusedTo(OnChain, NotAllowed):
    """A contract does not let this account do this."""


class NotOnChain(OnChain, NotFound):
    """A contract does not know what was named; its own fields name it."""

    kind: ClassVar[str] = ""  # type: ignore[misc]
    key: ClassVar[str] = ""  # type: ignore[misc]


# --- powers ------------------------------------------------------------------------------------


class RoleConflict(RefusedTo):
    says = "{account} already holds role {held_role}; one address holds one role at most"
    hint = "use an address of its own for every role and for every fleet's operator"
    account: str
    held_role: bytes


class AccountOperatesFleet(RefusedTo):
    says = "{account} operates {fleets} fleet(s), so it can hold no role"
    hint = "use an address of its own for the role"
    account: str
    fleets: int


class ZeroAddress(Refused):
    says = "an address that must be someone is zero"


class IssueIsStopped(Refused):
    says = "a guardian stopped issuing"
    hint = "the admin resumes issuing once the reason is gone"


class IssueIsNotStopped(Refused):
    says = "issuing is not stopped, so there is nothing to resume"


class LastMonthAlreadySet(Refused):
    says = "the last creditable month is fixed already: {last_month}"
    last_month: int


class LastMonthInPast(Refused):
    says = "the last creditable month can not be {last_month}, it is {current_month} now"
    hint = "name the current month or a later one"
    last_month: int
    current_month: int


# --- methodologies -----------------------------------------------------------------------------


class MethodologyNotFound(NotOnChain):
    says = "methodology {methodology_id} is not certified on this chain"
    hint = "have the certifier certify the package first"
    methodology_id: bytes


class MethodologyExists(Refused):
    says = "methodology {methodology_id} is certified already"
    methodology_id: bytes


class MethodologyIsWithdrawn(Refused):
    says = "methodology {methodology_id} was withdrawn; nothing can be issued under it"
    hint = "quantify under a certified version"
    methodology_id: bytes


class BufferShareTooLarge(Refused):
    says = "a buffer share of {buffer_bps} basis points is above {max_bps}"
    buffer_bps: int
    max_bps: int


# --- fleets and vehicles -----------------------------------------------------------------------


class FleetNotFound(NotOnChain):
    says = "fleet {fleet_id} is not enrolled on this chain"
    hint = "have the registrar enrol the fleet first"
    fleet_id: bytes


class FleetExists(Refused):
    says = "fleet {fleet_id} is enrolled already"
    fleet_id: bytes


class VehicleNotFound(NotOnChain):
    says = "there is no vehicle number {vehicle_index}"
    vehicle_index: int


class VehicleExists(Refused):
    says = "vehicle {commitment} is enrolled already, as number {vehicle_index}"
    hint = "a vehicle enrols once, ever; move it between fleets instead"
    commitment: bytes
    vehicle_index: int


class MoveNotInFuture(Refused):
    says = "a vehicle can not move from {from_month} on, it is {current_month} now"
    hint = "a move acts from the first of a later month"
    from_month: int
    current_month: int


class MoveNotAfterLast(Refused):
    says = (
        "a vehicle can not move from {from_month} on, it enrolled or moved from {last_from_month}"
    )
    from_month: int
    last_from_month: int


# --- issue -------------------------------------------------------------------------------------


class BatchAlreadyIssued(Refused):
    says = "batch {batch_id} was issued before"
    hint = "nothing is lost: it is on the chain as claimed"
    batch_id: int


class NotVerifier(RefusedTo):
    says = "{verifier} is not an accredited verifier on this chain"
    verifier: str


class BadVerifierSignature(RefusedTo):
    says = "{verifier} did not sign batch {batch_id} for this chain and contract"
    hint = "have exactly this claim signed by exactly this verifier"
    batch_id: int
    verifier: str


class OperatorMismatch(Refused):
    says = "fleet {fleet_id} is operated by {operator}, the claim pays {claimed_operator}"
    hint = "seal the batch again for the operator of today"
    fleet_id: bytes
    operator: str
    claimed_operator: str


class ClaimExpired(Refused):
    says = "the claim was valid until {valid_until} (Unix time), the block's time is {block_time}"
    hint = "have the claim signed again with a later end"
    valid_until: int
    block_time: int


class MonthStillRunning(Refused):
    says = "{month} is not over yet, it is {current_month} now"
    month: int
    current_month: int


class MonthOutOfRange(Refused):
    says = "{month} is outside of this contract's months, {first_month} to {last_month}"
    month: int
    first_month: int
    last_month: int


class NoEvidence(Refused):
    says = "a claim needs at least one trip, an evidence root and a report"


class NothingToIssue(Refused):
    says = "the claim adds up to 0 g"


class BatchTooLarge(Refused):
    says = "{total_g} g are more than a batch can hold ({max_g} g)"
    total_g: int
    max_g: int


class BufferTooSmall(Refused):
    says = "a buffer of {buffer_g} g is below the {needed_g} g the methodology asks for"
    buffer_g: int
    needed_g: int


class PayoutRootMismatch(Refused):
    says = "{drivers_g} g for drivers do not go with payout root {payout_root}"
    hint = "the root is non-zero if and only if drivers get something"
    drivers_g: int
    payout_root: bytes


class VehiclesHashMismatch(Refused):
    says = "the claim names vehicles {vehicles_hash}, given were {actual_hash}"
    vehicles_hash: bytes
    actual_hash: bytes


class BadWordCount(Refused):
    says = "{words} word indices and {bitmaps} bitmaps must be equally many, and some"
    words: int
    bitmaps: int


class WordsNotAscending(Refused):
    says = "bitmap word {word_index} does not come after the one before it"
    word_index: int


class EmptyWord(Refused):
    says = "bitmap word {word_index} names no vehicle"
    word_index: int


class VehicleNotInFleet(Refused):
    says = "vehicle {vehicle_index} is not in fleet {fleet_id} in {month}"
    hint = "check from which month on it is enrolled or moved"
    vehicle_index: int
    fleet_id: bytes
    month: int


class VehicleMonthAlreadyCredited(Refused):
    says = "vehicle {vehicle_index} was credited for {month} before"
    hint = "a vehicle is credited for one month once, ever"
    vehicle_index: int
    month: int


# --- payouts, retirement, freezing -------------------------------------------------------------


class BatchNotFound(NotOnChain):
    says = "batch {batch_id} was never issued"
    batch_id: int


class BatchNotActive(Refused):
    says = "batch {batch_id} is not active (status {status}), so nothing of it moves"
    batch_id: int
    status: int


class PayoutAlreadyClaimed(Refused):
    says = "payout {index} of batch {batch_id} was paid before"
    batch_id: int
    index: int


class BadPayoutProof(Refused):
    says = "payout {index} is not under the payout root of batch {batch_id}"
    batch_id: int
    index: int


class ClaimExceedsPayout(Refused):
    says = "a payout of {amount_g} g exceeds the {claimable_g} g left of batch {batch_id}"
    batch_id: int
    amount_g: int
    claimable_g: int


class BadProofCount(Refused):
    says = "{payouts} payouts came with {proofs} proofs"
    payouts: int
    proofs: int


class ZeroAmount(Refused):
    says = "an amount of zero does nothing"


class BatchNotFrozen(Refused):
    says = "batch {batch_id} is not frozen (status {status})"
    batch_id: int
    status: int


# --- corrections -------------------------------------------------------------------------------


class ProofSettled(Refused):
    says = "proof {proof_id} did its work before"
    hint = "the guardian decided on it; another contradiction needs another proof"
    proof_id: bytes


class BatchNotDisprovable(Refused):
    says = "batch {batch_id} can not be disproven (status {status})"
    batch_id: int
    status: int


class BatchNotDisproven(Refused):
    says = "batch {batch_id} is not disproven (status {status}), so there is nothing to correct"
    batch_id: int
    status: int


class ExcessNotCovered(Refused):
    says = "{covered_g} g of buffer do not cover the {excess_g} g batch {batch_id} has too many"
    hint = "name more batches with a buffer, or cancel the batch"
    batch_id: int
    excess_g: int
    covered_g: int


class BatchNotCancellable(Refused):
    says = "batch {batch_id} can not be cancelled (status {status}, frozen for {since_s} s)"
    hint = "a batch is cancelled once it is disproven, or was frozen for 7 days"
    batch_id: int
    status: int
    since_s: int


class BatchNotCancelled(Refused):
    says = "batch {batch_id} is not cancelled (status {status}), so nothing of it is replaced"
    batch_id: int
    status: int


class NothingToReplace(Refused):
    says = "all grams retired from batch {batch_id} are replaced"
    batch_id: int
