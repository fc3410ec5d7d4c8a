"""What a verifier signs about a batch, and the id that follows from it.

Twin of `BatchClaim` in contracts/interfaces; the field order is the EIP-712 order.
"""

from dataclasses import dataclass

from carbonbank.domain.hashing import keccak256

CLAIM_TYPE = (
    "BatchClaim(bytes32 fleetId,address operator,address verifier,uint64 validUntil,"
    "bytes32 methodologyId,uint32 month,uint64 tripCount,bytes32 evidenceRoot,bytes32 reportHash,"
    "bytes32 payoutRoot,uint64 operatorG,uint64 driversG,uint64 bufferG,bytes32 vehiclesHash)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchClaim:
    """A batch as signed. Hashes are 32 bytes; addresses are EIP-55 text; `*_g` are grams.

    `month` is year * 12 + (month - 1) in UTC; `valid_until` is a Unix second.
    """

    fleet_id: bytes
    operator: str
    verifier: str
    valid_until: int
    methodology_id: bytes
    month: int
    trip_count: int
    evidence_root: bytes
    report_hash: bytes
    payout_root: bytes
    operator_g: int
    drivers_g: int
    buffer_g: int
    vehicles_hash: bytes

    @property
    def total_g(self) -> int:
        """All grams of the batch: operator, drivers and buffer."""
        return self.operator_g + self.drivers_g + self.buffer_g


def word(value: int | bytes | str) -> bytes:
    """Return the 32-byte ABI word of an unsigned integer, a bytes32 or an address."""
    if isinstance(value, int):
        return value.to_bytes(32, "big")
    if isinstance(value, bytes):
        assert len(value) == 32
        return value
    return bytes.fromhex(value.removeprefix("0x")).rjust(32, b"\0")


def claim_words(claim: BatchClaim) -> tuple[int | bytes | str, ...]:
    """Return the fields in signed order."""
    return (
        claim.fleet_id,
        claim.operator,
        claim.verifier,
        claim.valid_until,
        claim.methodology_id,
        claim.month,
        claim.trip_count,
        claim.evidence_root,
        claim.report_hash,
        claim.payout_root,
        claim.operator_g,
        claim.drivers_g,
        claim.buffer_g,
        claim.vehicles_hash,
    )


def batch_id(claim: BatchClaim) -> int:
    """Return uint256(EIP-712 hashStruct(claim)), unique within one contract."""
    encoded = b"".join(word(value) for value in claim_words(claim))
    return int.from_bytes(keccak256(keccak256(CLAIM_TYPE.encode()) + encoded), "big")


def vehicle_words(indices: list[int]) -> tuple[list[int], list[int]]:
    """Pack vehicle indices into ascending bitmap words: (wordIndex[], bits[])."""
    words: dict[int, int] = {}
    for index in indices:
        words[index // 256] = words.get(index // 256, 0) | (1 << (index % 256))
    ordered = sorted(words)
    return ordered, [words[w] for w in ordered]


def vehicles_hash(word_index: list[int], bits: list[int]) -> bytes:
    """Return keccak256(abi.encode(uint256[] wordIndex, uint256[] bits))."""
    head = word(64) + word(64 + 32 * (len(word_index) + 1))
    tail = word(len(word_index)) + b"".join(map(word, word_index))
    tail += word(len(bits)) + b"".join(map(word, bits))
    return keccak256(head + tail)


def batch_text(number: int) -> str:
    """Write a batch id as the store keeps it: 64 lower-case hex digits."""
    return f"{number:064x}"


def batch_number(text: str) -> int:
    """Read a batch id back."""
    return int(text, 16)
