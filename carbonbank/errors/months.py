"""Fleets, months, batches and verifications: what the bank's rules refuse."""

from typing import ClassVar

from carbonbank.errors.base import InputError, RuleError

# --- people, fleets, vehicles -------------------------------------------------------------------


class FieldInvalid(InputError):
    """A value that its field does not take."""

    says: ClassVar = "{field} = {value!r} is not {expected}"
    field: str
    value: str
    expected: str


class VehicleNotEnrolled(RuleError):
    """A file none of whose trips belongs to an enrolled vehicle."""

    says: ClassVar = "fleet {fleet} has enrolled none of the vehicles {vehicle_ids}"
    hint: ClassVar = "enrol the vehicles first, or check which fleet the file belongs to"
    fleet: str
    vehicle_ids: list[str]


class ProgrammeOfOtherFleet(RuleError):
    """A programme belongs to one fleet."""

    says: ClassVar = "programme {programme} belongs to fleet {owner}, not to {fleet}"
    programme: str
    owner: str
    fleet: str


class DemoElsewhere(RuleError):
    """A programme flagged demo runs on an embedded chain alone."""

    says: ClassVar = "programme {programme} is flagged demo; chain {chain_id} is not embedded"
    hint: ClassVar = "take the flag off and give evidence for what is declared"
    programme: str
    chain_id: int


class NotIssuable(RuleError):
    """A methodology package that may be quantified, not issued."""

    says: ClassVar = "programme {programme} may not issue: {reasons}"
    hint: ClassVar = "use factors read at their publisher and give evidence for declared values"
    programme: str
    reasons: str


# --- months and batches -------------------------------------------------------------------------


class MonthNotOver(RuleError):
    """A month is closed when it has passed, in UTC."""

    says: ClassVar = "month {month} is not over; it ends at {ends_at}"
    hint: ClassVar = "close it after its end"
    month: str
    ends_at: str


class MonthNotOpened(RuleError):
    """There is nothing to close or reopen."""

    says: ClassVar = "fleet {fleet} has no {state} vehicle-month {month} ({vehicle_id})"
    fleet: str
    vehicle_id: str
    month: str
    state: str


class MonthSealed(RuleError):
    """A vehicle-month that a verifier has signed for."""

    says: ClassVar = "vehicle {vehicle_id}, month {month} is in batch {batch_id}, which is {state}"
    hint: ClassVar = "a signed batch is issued or left; it does not change any more"
    vehicle_id: str
    month: str
    batch_id: str
    state: str


class MonthAlreadyCredited(RuleError):
    """A vehicle-month is credited once, ever."""

    says: ClassVar = "vehicle {vehicle_id}, month {month} was credited in batch {batch_id}"
    hint: ClassVar = "later trips of it are kept and shown, never credited"
    vehicle_id: str
    month: str
    batch_id: str


class MonthStillOpen(RuleError):
    """A batch takes all vehicles of a fleet, so that nobody leaves out the bad ones."""

    says: ClassVar = "month {month} of fleet {fleet} is still open for {vehicle_ids}"
    hint: ClassVar = "close the month for every vehicle of the fleet, then seal"
    fleet: str
    month: str
    vehicle_ids: list[str]


class NothingToSeal(RuleError):
    """No closed vehicle-month waits to be sealed."""

    says: ClassVar = "fleet {fleet} has no closed vehicle-month {month} with trips that count"
    hint: ClassVar = "import trips and close the month first"
    fleet: str
    month: str


class ProgrammeTotalNotPositive(RuleError):
    """A programme that loses more than it gains issues nothing, not even its good months."""

    says: ClassVar = "programme {programme} adds up to {total_g} g over all its months"
    hint: ClassVar = "losses count: credit begins when the programme as a whole saves"
    programme: str
    total_g: int


class UploadInBatch(RuleError):
    """Trips of an upload are part of a sealed or issued batch."""

    says: ClassVar = "upload {file_hash} is part of the batches {batch_ids}"
    hint: ClassVar = "reopen the months that are not verified yet; issued ones stay"
    file_hash: str
    batch_ids: list[str]


# --- verification -------------------------------------------------------------------------------


class VerificationUnreadable(InputError):
    """Bytes that are no verification document."""

    says: ClassVar = "this is no verification document: {reason}"
    hint: ClassVar = "hand in the file `carbonbank batch verify` wrote, byte for byte"
    reason: str


class SignatureOverOtherClaim(RuleError):
    """A verification of another batch."""

    says: ClassVar = "the verification is over batch {signed_batch_id}, not over {batch_id}"
    hint: ClassVar = "verify the package of this batch"
    batch_id: str
    signed_batch_id: str


class WrongVerifier(RuleError):
    """The signature was not made by the verifier the claim names, or not over this claim."""

    says: ClassVar = "batch {batch_id} names the verifier {expected}; the signature is by {got}"
    hint: ClassVar = "the named verifier signs this very claim, on this very chain"
    batch_id: str
    expected: str
    got: str
