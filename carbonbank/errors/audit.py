"""Evidence that can not be made, and packages that do not hold."""

from typing import ClassVar

from carbonbank.errors.base import InputError, RuleError


class VinMalformed(InputError):
    """A vehicle identification number that ISO 3779 does not allow. Only its start is shown."""

    says: ClassVar = "{shown} is no vehicle identification number: {reason}"
    hint: ClassVar = (
        "give the 17 characters of the registration document; for a frame without a VIN write "
        "FRAME:<maker>:<number>"
    )
    shown: str
    reason: str


class SerialMalformed(InputError):
    """A serial range that is not in the bank's form."""

    says: ClassVar = "{serial!r} is no serial range: {reason}"
    hint: ClassVar = "the form is CB-<fleet>-<yyyymm>-<8 hex digits>-<from>-<to>"
    serial: str
    reason: str


class TripsOverlap(RuleError):
    """Two trips of one vehicle share time; sealed evidence must not."""

    says: ClassVar = (
        "vehicle {vehicle_index}: the trip that starts at {start_at} (Unix s) begins before the "
        "trip before it ends at {previous_end_at} (Unix s)"
    )
    hint: ClassVar = "quarantine one of the two trips"
    vehicle_index: int
    start_at: int
    previous_end_at: int


class LeafOutOfRange(RuleError):
    """A value that its field of the trip leaf can not hold."""

    says: ClassVar = "{field} = {value} does not fit a trip leaf ({limit})"
    field: str
    value: int
    limit: str


class BatchTotalNotPositive(RuleError):
    """A batch whose total is not positive issues nothing."""

    says: ClassVar = "the reductions add up to {total_g} g; a batch needs more than 0 g"
    hint: ClassVar = "nothing is issued for this month; its vehicle-months stay uncredited"
    total_g: int


class SharesOutOfRange(InputError):
    """Shares of a programme that add up to more than the whole."""

    says: ClassVar = (
        "drivers {drivers_bps} bps and buffer {buffer_bps} bps are not within 10000 bps"
    )
    drivers_bps: int
    buffer_bps: int


class PackageUnreadable(InputError):
    """A file that is no audit package at all."""

    says: ClassVar = "{package} is no audit package: {reason}"
    hint: ClassVar = "give a zip in the format carbonbank.audit/1"
    package: str
    reason: str


class PackageDoesNotHold(RuleError):
    """A package a verifier must not sign: at least one check failed."""

    says: ClassVar = "the package does not hold: {failed}"
    hint: ClassVar = "nothing was signed; ask the bank what was altered"
    failed: str


class NotTheNamedVerifier(RuleError):
    """The key that would sign is not the verifier named in the claim."""

    says: ClassVar = "the claim names the verifier {named}, the key belongs to {signer}"
    named: str
    signer: str


class SampleUndefined(InputError):
    """Terms under which no sample can be drawn."""

    says: ClassVar = "no sample follows from these terms: {reason}"
    hint: ClassVar = "see docs/reference/verification.md for what each term may be"
    reason: str


class ReadingsUnusable(InputError):
    """What a verifier read from a source can not be compared (row 0: the whole file)."""

    says: ClassVar = "row {row} of the readings can not be used: {reason}"
    hint: ClassVar = "start from the worksheet of `carbonbank verify sample`"
    row: int
    reason: str


class FindingUnknown(InputError):
    """A finding that is not there, or not open."""

    says: ClassVar = "there is no open finding {number}; open are: {open_numbers}"
    number: int
    open_numbers: str


class DeskUnreadable(InputError):
    """A document on the verifier's desk that is missing, or was not written by its command."""

    says: ClassVar = "{document} can not be used: {reason}"
    hint: ClassVar = "write it again with the command of `carbonbank verify` that makes it"
    document: str
    reason: str


class VerificationUnfinished(RuleError):
    """Work that does not allow a statement yet, or never will."""

    says: ClassVar = "nothing is stated: {reason}"
    hint: ClassVar = "close what is open, or refuse the batch: it is then sealed again"
    reason: str


class MethodologyRefused(RuleError):
    """A methodology package that a certifier does not sign."""

    says: ClassVar = "methodology {methodology_id} is not certified: {reasons}"
    methodology_id: str
    reasons: str
