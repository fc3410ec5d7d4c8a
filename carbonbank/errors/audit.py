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
