// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim} from "../../contracts/interfaces/ICarbonBank.sol";
import {Kind, Leaf, LeafProof} from "../../contracts/interfaces/ICarbonChallenge.sol";
import {Books, Shadow} from "./Books.sol";

/// @notice The evidence of a batch: three trips of one vehicle, made again whenever it is asked
/// for. Some batches are issued with a flaw in it, one kind each, as somebody would who lies.
abstract contract Records is Books {
    uint8 internal constant SOUND = 0;
    uint32 internal constant NOBODYS = 5_000_000;

    /// @dev `flaw` is 1 + the kind that the evidence is open to, or `SOUND`.
    function _leavesOf(uint256 row, uint8 flaw, uint32 vehicle, BatchClaim memory made)
        internal
        view
        returns (Leaf[3] memory leaves)
    {
        int64 totalG = int64(made.operatorG + made.driversG + made.bufferG);
        int64 partG = totalG / 3;
        uint64 at = _startOf(made.month);
        leaves[0] = Leaf(vehicle, at, at + 100, partG, partG, made.reportHash);
        leaves[1] = Leaf(vehicle, at + 100, at + 200, partG, 2 * partG, made.reportHash);
        leaves[2] = Leaf(vehicle, at + 200, at + 300, totalG - 2 * partG, totalG, made.reportHash);
        if (flaw == SOUND) return leaves;
        Kind kind = Kind(flaw - 1);
        if (kind == Kind.Order) leaves[1].startAt -= 1;
        else if (kind == Kind.Time) leaves[2].endAt = leaves[2].startAt;
        else if (kind == Kind.Vehicle) leaves[2].vehicleIndex = NOBODYS;
        else if (kind == Kind.FirstTotal) leaves[0].runningG += 1;
        else if (kind == Kind.RunningTotal) leaves[1].runningG += 1;
        else if (kind == Kind.LastTotal) leaves[2].runningG -= 1;
        else leaves[2] = _tripOfAnother(row, leaves[2]);
    }

    /// @dev The vehicle of the batch before, while it was on that one's first trip.
    function _tripOfAnother(uint256 row, Leaf memory leaf) private view returns (Leaf memory) {
        leaf.vehicleIndex = shadows[row - 1].vehicle;
        leaf.startAt = _startOf(claims[row - 1].month) + 50;
        leaf.endAt = leaf.startAt + 100;
        return leaf;
    }

    function _leavesOf(uint256 row) internal view returns (Leaf[3] memory) {
        Shadow storage shadow = shadows[row];
        return _leavesOf(row, shadow.flaw, shadow.vehicle, claims[row]);
    }

    function _rootOf(Leaf[3] memory leaves) internal pure returns (bytes32) {
        return _node(_node(_hash(leaves[0]), _hash(leaves[1])), _hash(leaves[2]));
    }

    /// @dev A leaf of three and its path: the third stands alone beside the first two.
    function _proofOf(Leaf[3] memory leaves, uint64 index)
        internal
        pure
        returns (LeafProof memory proof)
    {
        proof.leaf = leaves[index];
        proof.index = index;
        proof.path = new bytes32[](index == 2 ? 1 : 2);
        if (index == 2) {
            proof.path[0] = _node(_hash(leaves[0]), _hash(leaves[1]));
        } else {
            proof.path[0] = _hash(leaves[index ^ 1]);
            proof.path[1] = _hash(leaves[2]);
        }
    }

    function _hash(Leaf memory leaf) private pure returns (bytes32) {
        return sha256(
            abi.encodePacked(
                bytes1(0),
                leaf.vehicleIndex,
                leaf.startAt,
                leaf.endAt,
                leaf.reductionG,
                leaf.runningG,
                leaf.recordHash
            )
        );
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @dev The first second of a month: days are counted from 1 March of year 0.
    function _startOf(uint32 month) internal pure returns (uint64) {
        uint256 fromMarch = (month + 10) % 12;
        uint256 year = (month - 2) / 12;
        uint256 day = 365 * year + year / 4 - year / 100 + year / 400 + (153 * fromMarch + 2) / 5;
        return uint64((day - 719_468) * DAY);
    }
}
