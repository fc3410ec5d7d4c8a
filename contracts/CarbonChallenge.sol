// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank, Payout} from "./interfaces/ICarbonBank.sol";
import {ICarbonChallenge, Kind, Leaf, LeafProof} from "./interfaces/ICarbonChallenge.sol";
import {Bits} from "./libraries/Bits.sol";
import {Claims} from "./libraries/Claims.sol";
import {Evidence} from "./libraries/Evidence.sol";
import {Months} from "./libraries/Months.sol";
import {Payouts} from "./libraries/Payouts.sol";
import {Ranges} from "./libraries/Ranges.sol";

/// @title CarbonChallenge
/// @notice See `ICarbonChallenge`. It keeps nothing; its one power over the bank is `CHALLENGER`.
contract CarbonChallenge is ICarbonChallenge {
    using Evidence for Leaf;

    uint256 private constant END_AFTER_MONTH_S = 24 hours;

    ICarbonBank private immutable _bank;

    /// @param bank whose batches can be challenged here
    constructor(ICarbonBank bank) {
        _bank = bank;
    }

    // --- one batch -------------------------------------------------------------------------------

    /// @inheritdoc ICarbonChallenge
    function challengeOrder(BatchClaim calldata claim, LeafProof calldata a, LeafProof calldata b)
        external
    {
        uint256 batchId = _disprove(Kind.Order, claim, a.index, b.index);
        if (a.index >= b.index) revert IndicesNotAscending(a.index, b.index);
        _requireIncluded(batchId, claim, a);
        _requireIncluded(batchId, claim, b);
        if (a.leaf.precedes(b.leaf)) revert LeavesInOrder(batchId, a.index, b.index);
    }

    /// @inheritdoc ICarbonChallenge
    function challengeTime(BatchClaim calldata claim, LeafProof calldata a) external {
        uint256 batchId = _disprove(Kind.Time, claim, a.index, 0);
        _requireIncluded(batchId, claim, a);
        if (_inTime(a.leaf, claim.month)) revert LeafInTime(batchId, a.index, claim.month);
    }

    /// @inheritdoc ICarbonChallenge
    function challengeVehicle(
        BatchClaim calldata claim,
        LeafProof calldata a,
        uint24[] calldata wordIndex,
        uint256[] calldata bits
    ) external {
        uint256 batchId = _disprove(Kind.Vehicle, claim, a.index, 0);
        bytes32 vehiclesHash = keccak256(abi.encode(wordIndex, bits));
        if (vehiclesHash != claim.vehiclesHash) {
            revert ICarbonBank.VehiclesHashMismatch(claim.vehiclesHash, vehiclesHash);
        }
        _requireIncluded(batchId, claim, a);
        uint32 vehicleIndex = a.leaf.vehicleIndex;
        for (uint256 i = 0; i < wordIndex.length; ++i) {
            if (Bits.names(wordIndex[i], bits[i], vehicleIndex)) {
                revert VehicleIsClaimed(batchId, vehicleIndex);
            }
        }
    }

    /// @inheritdoc ICarbonChallenge
    function challengeFirstTotal(BatchClaim calldata claim, LeafProof calldata a) external {
        uint256 batchId = _disprove(Kind.FirstTotal, claim, a.index, 0);
        if (a.index != 0) revert NotFirstLeaf(a.index);
        _requireOtherTotal(batchId, claim, a, a.leaf.reductionG);
    }

    /// @inheritdoc ICarbonChallenge
    function challengeRunningTotal(
        BatchClaim calldata claim,
        LeafProof calldata a,
        LeafProof calldata b
    ) external {
        uint256 batchId = _disprove(Kind.RunningTotal, claim, b.index, 0);
        if (b.index == 0 || a.index != b.index - 1) revert NotNeighbours(a.index, b.index);
        _requireIncluded(batchId, claim, a);
        // Wider than the fields, so it can not overflow.
        _requireOtherTotal(batchId, claim, b, int256(a.leaf.runningG) + b.leaf.reductionG);
    }

    /// @inheritdoc ICarbonChallenge
    function challengeLastTotal(BatchClaim calldata claim, LeafProof calldata a) external {
        uint256 batchId = _disprove(Kind.LastTotal, claim, a.index, 0);
        // The bank issues nothing without trips, so there is a last one.
        if (a.index != claim.tripCount - 1) revert NotLastLeaf(a.index, claim.tripCount - 1);
        uint256 issuedG = uint256(claim.operatorG) + claim.driversG + claim.bufferG;
        _requireOtherTotal(batchId, claim, a, int256(issuedG));
    }

    /// @inheritdoc ICarbonChallenge
    function challengePayouts(
        BatchClaim calldata claim,
        Payout calldata payoutA,
        bytes32[] calldata proofA,
        Payout calldata payoutB,
        bytes32[] calldata proofB
    ) external {
        bytes32 hashA = Payouts.leafHash(payoutA);
        bytes32 hashB = Payouts.leafHash(payoutB);
        (bytes32 first, bytes32 second) = hashA < hashB ? (hashA, hashB) : (hashB, hashA);
        uint256 batchId = _disprove(Kind.Payouts, claim, uint256(first), uint256(second));
        _requirePromised(batchId, claim, payoutA.index, hashA, proofA);
        _requirePromised(batchId, claim, payoutB.index, hashB, proofB);
        // A payout that stands twice in its tree is still paid once.
        if (hashA == hashB) revert SamePayout(batchId, payoutA.index);
        if (
            payoutA.index != payoutB.index
                && !Ranges.share(payoutA.fromG, payoutA.amountG, payoutB.fromG, payoutB.amountG)
        ) {
            revert PayoutsApart(batchId, payoutA.index, payoutB.index);
        }
    }

    /// @inheritdoc ICarbonChallenge
    function challengePayoutRange(
        BatchClaim calldata claim,
        Payout calldata payout,
        bytes32[] calldata proof
    ) external {
        bytes32 hash = Payouts.leafHash(payout);
        uint256 batchId = _disprove(Kind.PayoutRange, claim, uint256(hash), 0);
        _requirePromised(batchId, claim, payout.index, hash, proof);
        if (Ranges.within(payout.fromG, payout.amountG, claim.driversG)) {
            revert PayoutInRange(batchId, payout.index, claim.driversG);
        }
    }

    // --- two batches -----------------------------------------------------------------------------

    /// @inheritdoc ICarbonChallenge
    function challengeDoubleCredit(
        BatchClaim calldata claimA,
        LeafProof calldata a,
        BatchClaim calldata claimB,
        LeafProof calldata b
    ) external {
        uint256 idA = Claims.idOfCalldata(claimA);
        uint256 idB = Claims.idOfCalldata(claimB);
        if (idA == idB) revert SameBatch(idA);
        bytes32 proofId = idA < idB
            ? keccak256(abi.encode(Kind.DoubleCredit, idA, a.index, idB, b.index))
            : keccak256(abi.encode(Kind.DoubleCredit, idB, b.index, idA, a.index));
        emit BatchChallenged(idA, proofId, msg.sender, Kind.DoubleCredit, a.index, b.index);
        emit BatchChallenged(idB, proofId, msg.sender, Kind.DoubleCredit, b.index, a.index);
        // As in `_disprove`: a disproven or cancelled batch is refused here, so it is no evidence.
        _bank.freezeProven(idA, proofId);
        _bank.freezeProven(idB, proofId);
        _requireIncluded(idA, claimA, a);
        _requireIncluded(idB, claimB, b);
        _requireOverlap(a.leaf, b.leaf);
    }

    // --- inside ----------------------------------------------------------------------------------

    /// @dev Always first: the bank checks that the batch exists, is Active or Frozen, and that the
    /// fact is not settled, and stops it. What then does not hold reverts, and that with it. Asking
    /// for the state before would cost 12,000 gas and check the same.
    function _disprove(Kind kind, BatchClaim calldata claim, uint256 first, uint256 second)
        private
        returns (uint256 batchId)
    {
        batchId = Claims.idOfCalldata(claim);
        bytes32 proofId = keccak256(abi.encode(kind, batchId, first, second));
        emit BatchChallenged(batchId, proofId, msg.sender, kind, first, second);
        _bank.disprove(batchId, proofId);
    }

    function _requireIncluded(uint256 batchId, BatchClaim calldata claim, LeafProof calldata proof)
        private
        view
    {
        bytes32 hash = proof.leaf.leafHash();
        if (!Evidence.isIncluded(
                hash, proof.index, claim.tripCount, proof.path, claim.evidenceRoot
            )) {
            revert BadLeafProof(batchId, proof.index);
        }
    }

    function _requirePromised(
        uint256 batchId,
        BatchClaim calldata claim,
        uint256 index,
        bytes32 hash,
        bytes32[] calldata proof
    ) private pure {
        if (Payouts.rootOf(hash, proof) != claim.payoutRoot) {
            revert ICarbonBank.BadPayoutProof(batchId, index);
        }
    }

    function _requireOtherTotal(
        uint256 batchId,
        BatchClaim calldata claim,
        LeafProof calldata proof,
        int256 dueG
    ) private view {
        _requireIncluded(batchId, claim, proof);
        if (proof.leaf.runningG == dueG) {
            revert TotalHolds(batchId, proof.index, proof.leaf.runningG);
        }
    }

    /// @dev The last allowed end is 24 h after the month's last second, plus one: a second less
    /// than 24 h before an end that is still allowed, the month was not over.
    function _inTime(Leaf calldata leaf, uint32 month) private pure returns (bool) {
        if (leaf.endAt <= leaf.startAt || Months.numberOf(leaf.startAt) != month) return false;
        return leaf.endAt <= END_AFTER_MONTH_S
            || Months.numberOf(leaf.endAt - END_AFTER_MONTH_S - 1) <= month;
    }

    function _requireOverlap(Leaf calldata a, Leaf calldata b) private pure {
        if (a.vehicleIndex != b.vehicleIndex) revert OtherVehicle(a.vehicleIndex, b.vehicleIndex);
        uint64 endAt = a.endAt < b.endAt ? a.endAt : b.endAt;
        uint64 startAt = a.startAt < b.startAt ? b.startAt : a.startAt;
        if (endAt <= startAt) revert TripsApart(endAt, startAt);
    }
}
