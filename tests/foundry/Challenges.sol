// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank, Payout, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {
    ICarbonChallenge,
    Kind,
    Leaf,
    LeafProof
} from "../../contracts/interfaces/ICarbonChallenge.sol";
import {Shadow} from "./Books.sol";
import {Credits} from "./Credits.sol";

/// @notice What contradicts itself is stopped by whoever shows it, and nothing else is.
abstract contract Challenges is Credits {
    /// @dev A challenge, what it must be refused with if the batch can be challenged at all (0 if
    /// it must go through), and the two numbers of its fact.
    struct Case {
        Kind kind;
        bytes call;
        bytes4 refusal;
        uint256 first;
        uint256 second;
    }

    ICarbonChallenge private challenge;

    constructor() {
        challenge = ICarbonChallenge(
            vm.deployCode("CarbonChallenge.sol:CarbonChallenge", abi.encode(bank))
        );
        empower("CHALLENGER", address(challenge));
    }

    /// @dev By a trip, where the evidence is flawed, or where it is not. Who took another's trip as
    /// the last one is asked about the first ones only.
    function challengeTrips(uint256 seed) external act {
        Shadow storage shadow = _pickMoving(seed);
        Kind kind = Kind((seed >> 128) % 6);
        bool flawed = shadow.flaw != SOUND && shadow.flaw - 1 != uint8(Kind.DoubleCredit);
        if (flawed) kind = Kind(shadow.flaw - 1);
        else if (shadow.flaw != SOUND && kind != Kind.Order) kind = Kind.FirstTotal;
        Case memory made = _tripCase(kind, touched, seed & 7 == 0);
        if (seed & 7 == 0) made.refusal = ICarbonChallenge.BadLeafProof.selector;
        else if (flawed) made.refusal = 0;
        _challenge(shadow, made);
    }

    /// @dev By payouts: the fourth is always wrong, the others never are.
    function challengePayouts(uint256 seed) external act {
        Shadow storage shadow = _pickMoving(seed);
        if (shadow.driversG == 0) return;
        _challenge(shadow, _payoutCase(seed >> 128, shadow.driversG, claims[touched]));
    }

    function challengeDoubleCredit(uint256 seed) external act {
        Shadow storage shadow = _pickMoving(seed);
        uint256 row = touched;
        bool flawed = shadow.flaw == uint8(Kind.DoubleCredit) + 1;
        uint256 other = flawed ? row - 1 : (seed >> 128) % shadows.length;
        LeafProof memory a = _proofOf(_leavesOf(other), 0);
        LeafProof memory b = _proofOf(_leavesOf(row), flawed ? 2 : 0);
        bytes memory call =
            abi.encodeCall(challenge.challengeDoubleCredit, (claims[other], a, claims[row], b));
        (uint256 idA, uint256 idB) = (shadows[other].id, shadow.id);
        bytes32 proofId = idA < idB
            ? keccak256(abi.encode(Kind.DoubleCredit, idA, a.index, idB, b.index))
            : keccak256(abi.encode(Kind.DoubleCredit, idB, b.index, idA, a.index));
        bytes4 refusal;
        if (other == row) refusal = ICarbonChallenge.SameBatch.selector;
        if (refusal == 0) refusal = _refusalOfFreeze(other, proofId);
        if (refusal == 0) refusal = _refusalOfFreeze(row, proofId);
        if (refusal == 0 && !flawed) {
            refusal = a.leaf.vehicleIndex == b.leaf.vehicleIndex
                ? ICarbonChallenge.TripsApart.selector
                : ICarbonChallenge.OtherVehicle.selector;
        }
        if (refusal != 0) {
            mustRefuse(stranger, address(challenge), call, refusal);
            return;
        }
        _mustDo(call);
        _frozenByProof(other, proofId);
        _frozenByProof(row, proofId);
    }

    // --- inside ----------------------------------------------------------------------------------

    function _challenge(Shadow storage shadow, Case memory made) private {
        bytes32 proofId = keccak256(abi.encode(made.kind, shadow.id, made.first, made.second));
        bytes4 refusal = made.refusal;
        if (settled[touched][proofId]) {
            refusal = ICarbonBank.ProofSettled.selector;
        } else if (shadow.status != Status.Active && shadow.status != Status.Frozen) {
            refusal = ICarbonBank.BatchNotDisprovable.selector;
        }
        if (refusal != 0) {
            mustRefuse(stranger, address(challenge), made.call, refusal);
            return;
        }
        _mustDo(made.call);
        _disproven(shadow, proofId);
    }

    function _mustDo(bytes memory call) private {
        vm.prank(stranger);
        (bool done,) = address(challenge).call(call);
        claimThat(done, "BANK_G: what is true stops a batch");
    }

    function _disproven(Shadow storage shadow, bytes32 proofId) internal {
        shadow.status = Status.Disproven;
        shadow.proofId = proofId;
        settled[touched][proofId] = true;
        (shadow.since, shadow.until) = (0, 0);
    }

    function _frozenByProof(uint256 row, bytes32 proofId) internal {
        Shadow storage shadow = shadows[row];
        settled[row][proofId] = true;
        if (shadow.status == Status.Active) shadow.since = uint64(nowS);
        shadow.status = Status.Frozen;
        if (shadow.until < nowS + 30 * DAY) shadow.until = uint64(nowS + 30 * DAY);
    }

    function _refusalOfFreeze(uint256 row, bytes32 proofId) private view returns (bytes4) {
        Status status = shadows[row].status;
        if (settled[row][proofId]) return ICarbonBank.ProofSettled.selector;
        if (status == Status.Active || status == Status.Frozen) return 0;
        return ICarbonBank.BatchNotActive.selector;
    }

    function _tripCase(Kind kind, uint256 row, bool forged)
        private
        view
        returns (Case memory made)
    {
        BatchClaim memory claim_ = claims[row];
        Leaf[3] memory leaves = _leavesOf(row);
        made.kind = kind;
        made.refusal = ICarbonChallenge.TotalHolds.selector;
        LeafProof memory a = _proofOf(leaves, 0);
        if (kind == Kind.Order || kind == Kind.RunningTotal) {
            LeafProof memory b = _proofOf(leaves, 1);
            if (forged) b.leaf.recordHash = ~b.leaf.recordHash;
            if (kind == Kind.Order) {
                made.call = abi.encodeCall(challenge.challengeOrder, (claim_, a, b));
                made.refusal = ICarbonChallenge.LeavesInOrder.selector;
                made.second = 1;
            } else {
                made.call = abi.encodeCall(challenge.challengeRunningTotal, (claim_, a, b));
                made.first = 1;
            }
            return made;
        }
        if (kind != Kind.FirstTotal) {
            a = _proofOf(leaves, 2);
            made.first = 2;
        }
        if (forged) a.leaf.recordHash = ~a.leaf.recordHash;
        if (kind == Kind.FirstTotal) {
            made.call = abi.encodeCall(challenge.challengeFirstTotal, (claim_, a));
        } else if (kind == Kind.LastTotal) {
            made.call = abi.encodeCall(challenge.challengeLastTotal, (claim_, a));
        } else if (kind == Kind.Time) {
            made.call = abi.encodeCall(challenge.challengeTime, (claim_, a));
            made.refusal = ICarbonChallenge.LeafInTime.selector;
        } else {
            made.call = abi.encodeCall(
                challenge.challengeVehicle, (claim_, a, namedWords[row], namedBits[row])
            );
            made.refusal = ICarbonChallenge.VehicleIsClaimed.selector;
        }
    }

    function _payoutCase(uint256 seed, uint64 driversG, BatchClaim memory claim_)
        private
        view
        returns (Case memory made)
    {
        bool wrong = seed & 1 == 0;
        (Payout memory a, bytes32[] memory proofA) = proofOf(driversG, wrong ? 3 : (seed >> 1) % 3);
        uint256 hashA = uint256(leafOf(a));
        if (seed & 8 == 0) {
            made.kind = Kind.PayoutRange;
            made.call = abi.encodeCall(challenge.challengePayoutRange, (claim_, a, proofA));
            made.refusal = wrong ? bytes4(0) : ICarbonChallenge.PayoutInRange.selector;
            made.first = hashA;
            return made;
        }
        (Payout memory b, bytes32[] memory proofB) = proofOf(driversG, (seed >> 4) % 3);
        uint256 hashB = uint256(leafOf(b));
        made.kind = Kind.Payouts;
        made.call = abi.encodeCall(challenge.challengePayouts, (claim_, a, proofA, b, proofB));
        if (hashA == hashB) made.refusal = ICarbonChallenge.SamePayout.selector;
        else if (!wrong) made.refusal = ICarbonChallenge.PayoutsApart.selector;
        (made.first, made.second) = hashA < hashB ? (hashA, hashB) : (hashB, hashA);
    }
}
