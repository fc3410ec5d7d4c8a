"""Python twins of the challenge contract's custom errors: same names, fields in snake_case."""

# ruff: noqa: D101 - `says` is a twin's sentence; the NatSpec of its contract has the rest

from carbonbank.errors.base import InputError
from carbonbank.errors.ledger import Refused


class EvidenceNotSigned(InputError):
    """What is held of a batch is not what its claim commits to; no twin, the bank's own."""

    says = "the {part} of batch {batch_id} should be {signed} as signed, given was {given}"
    hint = "take the files of the batch's own audit package"
    batch_id: str
    part: str
    signed: int | str
    given: int | str


class BadLeafProof(Refused):
    says = "leaf {index} as given is not under the evidence root of batch {batch_id}"
    hint = "prove the leaf as it stands in the leaf file"
    batch_id: int
    index: int


class IndicesNotAscending(Refused):
    says = "leaf {index_b} must have a larger number than leaf {index_a}"
    index_a: int
    index_b: int


class NotNeighbours(Refused):
    says = "leaf {index_b} is not the next one after leaf {index_a}"
    index_a: int
    index_b: int


class NotFirstLeaf(Refused):
    says = "leaf {index} is not the first one, number 0"
    index: int


class NotLastLeaf(Refused):
    says = "leaf {index} is not the last one, number {last_index}"
    index: int
    last_index: int


class LeavesInOrder(Refused):
    says = "leaf {index_b} of batch {batch_id} comes after leaf {index_a}, as it should"
    batch_id: int
    index_a: int
    index_b: int


class LeafInTime(Refused):
    says = "leaf {index} of batch {batch_id} lies in {month}, as it should"
    batch_id: int
    index: int
    month: int


class VehicleIsClaimed(Refused):
    says = "vehicle {vehicle_index} is named by the claim of batch {batch_id}"
    batch_id: int
    vehicle_index: int


class TotalHolds(Refused):
    says = "the running total of leaf {index} of batch {batch_id} is {running_g} g, as it should be"
    batch_id: int
    index: int
    running_g: int


class SamePayout(Refused):
    says = "payout {index} of batch {batch_id} was given twice; it is paid once"
    batch_id: int
    index: int


class PayoutsApart(Refused):
    says = "payouts {index_a} and {index_b} of batch {batch_id} share no gram"
    batch_id: int
    index_a: int
    index_b: int


class PayoutInRange(Refused):
    says = "payout {index} of batch {batch_id} ends within the {drivers_g} g for drivers"
    batch_id: int
    index: int
    drivers_g: int


class SameBatch(Refused):
    says = "batch {batch_id} was given twice; a double credit takes two batches"
    batch_id: int


class OtherVehicle(Refused):
    says = "one trip is of vehicle {vehicle_index_a}, the other of vehicle {vehicle_index_b}"
    vehicle_index_a: int
    vehicle_index_b: int


class TripsApart(Refused):
    says = (
        "the trips share no time: one has ended at {end_at}, the other begins at {start_at} "
        "(Unix time)"
    )
    end_at: int
    start_at: int
