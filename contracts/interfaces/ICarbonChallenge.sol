// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, Payout} from "./ICarbonBank.sol";

/// @notice What a batch says about one trip: 68 bytes, the fields in this order, big-endian.
/// Leaves are sorted by vehicle and start.
/// @param vehicleIndex the vehicle's number on the bank
/// @param startAt first second of the trip, Unix time
/// @param endAt the second after its last, Unix time
/// @param reductionG grams of CO2e avoided, after every discount; negative where none were
/// @param runningG sum of `reductionG` up to and with this leaf
/// @param recordHash SHA-256 of 32 random bytes and the canonical trip record
struct Leaf {
    uint32 vehicleIndex;
    uint64 startAt;
    uint64 endAt;
    int64 reductionG;
    int64 runningG;
    bytes32 recordHash;
}

/// @notice A leaf and its place under a claim's `evidenceRoot` (RFC 9162, section 2.1.3).
/// @param leaf the leaf
/// @param index its number, from 0; below the claim's `tripCount`
/// @param path siblings from the leaf to the root
struct LeafProof {
    Leaf leaf;
    uint64 index;
    bytes32[] path;
}

/// @notice What can be proven.
enum Kind {
    Order,
    Time,
    Vehicle,
    FirstTotal,
    RunningTotal,
    LastTotal,
    Payouts,
    PayoutRange,
    DoubleCredit
}

/// @notice Proofs that what a batch committed to contradicts itself or another batch. Anyone who
/// holds the leaves may call; what is proven stops the batch in the same transaction, what is not
/// reverts and costs only its sender. Nothing is stored here.
/// Every function checks in one order: that the batch exists, that it is Active or Frozen, that the
/// evidence is the batch's own, that it contradicts.
/// One fact has one id, keccak256(abi.encode(kind, batchId, first, second)), whoever proves it: a
/// fact that a correction has settled can not stop the batch again.
interface ICarbonChallenge {
    /// @notice A batch was stopped; for a double credit, two batches were.
    /// @param batchId the batch
    /// @param proofId id of the fact
    /// @param challenger who proved it
    /// @param kind what was proven
    /// @param first number of the leaf, or the leaf hash of the payout
    /// @param second number of the second leaf, or the leaf hash of the second payout, else zero
    event BatchChallenged(
        uint256 indexed batchId,
        bytes32 indexed proofId,
        address indexed challenger,
        Kind kind,
        uint256 first,
        uint256 second
    );

    /// @param batchId the batch
    /// @param index the leaf that is not there
    error BadLeafProof(uint256 batchId, uint64 index);
    /// @param indexA number of the leaf given first
    /// @param indexB number of the leaf given second, which must be larger
    error IndicesNotAscending(uint64 indexA, uint64 indexB);
    /// @param indexA number of the leaf given first
    /// @param indexB number of the leaf given second, which must be the next one
    error NotNeighbours(uint64 indexA, uint64 indexB);
    /// @param index number of the leaf, which must be 0
    error NotFirstLeaf(uint64 index);
    /// @param index number of the leaf
    /// @param lastIndex what it must be
    error NotLastLeaf(uint64 index, uint64 lastIndex);
    /// @param batchId the batch
    /// @param indexA number of a leaf
    /// @param indexB number of a later leaf, which does come after it
    error LeavesInOrder(uint256 batchId, uint64 indexA, uint64 indexB);
    /// @param batchId the batch
    /// @param index the leaf that lies where it should
    /// @param month the batch's month, UTC, year * 12 + (month - 1)
    error LeafInTime(uint256 batchId, uint64 index, uint32 month);
    /// @param batchId the batch
    /// @param vehicleIndex the vehicle, which the claim does name
    error VehicleIsClaimed(uint256 batchId, uint32 vehicleIndex);
    /// @param batchId the batch
    /// @param index the leaf
    /// @param runningG its running total in grams, which is as it should be
    error TotalHolds(uint256 batchId, uint64 index, int64 runningG);
    /// @param batchId the batch
    /// @param index the payout that was given twice
    error SamePayout(uint256 batchId, uint256 index);
    /// @param batchId the batch
    /// @param indexA one payout
    /// @param indexB another, which takes other grams
    error PayoutsApart(uint256 batchId, uint256 indexA, uint256 indexB);
    /// @param batchId the batch
    /// @param index the payout that ends within `driversG`
    /// @param driversG grams for drivers
    error PayoutInRange(uint256 batchId, uint256 index, uint64 driversG);
    /// @param batchId the batch that was given twice
    error SameBatch(uint256 batchId);
    /// @param vehicleIndexA the vehicle of one leaf
    /// @param vehicleIndexB the vehicle of the other, which must be the same
    error OtherVehicle(uint32 vehicleIndexA, uint32 vehicleIndexB);
    /// @param endAt the first end of the two trips, Unix time
    /// @param startAt the last start of the two, Unix time, which is no earlier
    error TripsApart(uint64 endAt, uint64 startAt);

    /// @notice Disproves a batch by two leaves that stand in the wrong order: the later one is of a
    /// smaller vehicle, or of the same one and begins before the earlier one ends.
    /// @param claim the batch's claim
    /// @param a a leaf
    /// @param b a leaf with a larger number
    function challengeOrder(BatchClaim calldata claim, LeafProof calldata a, LeafProof calldata b)
        external;

    /// @notice Disproves a batch by a leaf that begins outside of its month, ends no later than it
    /// begins, or ends more than 24 hours after the month.
    /// @param claim the batch's claim
    /// @param a the leaf
    function challengeTime(BatchClaim calldata claim, LeafProof calldata a) external;

    /// @notice Disproves a batch by a leaf of a vehicle that the claim does not name.
    /// @param claim the batch's claim
    /// @param a the leaf
    /// @param wordIndex which bitmap words, as issued
    /// @param bits credited vehicles of each word, as issued
    function challengeVehicle(
        BatchClaim calldata claim,
        LeafProof calldata a,
        uint24[] calldata wordIndex,
        uint256[] calldata bits
    ) external;

    /// @notice Disproves a batch whose first running total is not its first reduction.
    /// @param claim the batch's claim
    /// @param a the leaf number 0
    function challengeFirstTotal(BatchClaim calldata claim, LeafProof calldata a) external;

    /// @notice Disproves a batch by neighbours whose running totals do not add up.
    /// @param claim the batch's claim
    /// @param a a leaf
    /// @param b the next leaf
    function challengeRunningTotal(
        BatchClaim calldata claim,
        LeafProof calldata a,
        LeafProof calldata b
    ) external;

    /// @notice Disproves a batch whose last running total is not the sum of the claim's grams.
    /// @param claim the batch's claim
    /// @param a the last leaf
    function challengeLastTotal(BatchClaim calldata claim, LeafProof calldata a) external;

    /// @notice Disproves a batch by two payouts of one index, or of the same grams.
    /// @param claim the batch's claim
    /// @param payoutA a payout
    /// @param proofA its siblings, from the leaf to `payoutRoot`
    /// @param payoutB another payout
    /// @param proofB its siblings, from the leaf to `payoutRoot`
    function challengePayouts(
        BatchClaim calldata claim,
        Payout calldata payoutA,
        bytes32[] calldata proofA,
        Payout calldata payoutB,
        bytes32[] calldata proofB
    ) external;

    /// @notice Disproves a batch by a payout that ends beyond `driversG`.
    /// @param claim the batch's claim
    /// @param payout the payout
    /// @param proof its siblings, from the leaf to `payoutRoot`
    function challengePayoutRange(
        BatchClaim calldata claim,
        Payout calldata payout,
        bytes32[] calldata proof
    ) external;

    /// @notice Freezes two batches by one vehicle that drives in both at a time; a guardian then
    /// decides. The order in which the two are given does not matter.
    /// @param claimA the claim of one batch
    /// @param a a leaf of it
    /// @param claimB the claim of the other
    /// @param b a leaf of that
    function challengeDoubleCredit(
        BatchClaim calldata claimA,
        LeafProof calldata a,
        BatchClaim calldata claimB,
        LeafProof calldata b
    ) external;
}
