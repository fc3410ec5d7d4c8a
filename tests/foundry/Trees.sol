// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaf, LeafProof} from "../../contracts/interfaces/ICarbonChallenge.sol";

/// @notice Trees as RFC 9162, section 2.1, defines them: from the top, where the contracts walk
/// from the bottom.
abstract contract Trees {
    function leafHashOf(Leaf memory leaf) internal pure returns (bytes32) {
        return sha256(
            abi.encodePacked(
                uint8(0),
                leaf.vehicleIndex,
                leaf.startAt,
                leaf.endAt,
                leaf.reductionG,
                leaf.runningG,
                leaf.recordHash
            )
        );
    }

    function hashesOf(Leaf[] memory leaves) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            hashes[i] = leafHashOf(leaves[i]);
        }
    }

    /// @dev MTH(D[low:high]) over leaf hashes.
    function rootOf(bytes32[] memory hashes, uint256 low, uint256 high)
        internal
        pure
        returns (bytes32)
    {
        if (high - low == 1) return hashes[low];
        uint256 middle = low + _halfOf(high - low);
        return sha256(
            abi.encodePacked(uint8(1), rootOf(hashes, low, middle), rootOf(hashes, middle, high))
        );
    }

    /// @dev PATH(index, D[low:high]), index counted from `low`.
    function pathOf(bytes32[] memory hashes, uint256 index, uint256 low, uint256 high)
        internal
        pure
        returns (bytes32[] memory path)
    {
        if (high - low == 1) return new bytes32[](0);
        uint256 half = _halfOf(high - low);
        bytes32[] memory below;
        bytes32 sibling;
        if (index < half) {
            below = pathOf(hashes, index, low, low + half);
            sibling = rootOf(hashes, low + half, high);
        } else {
            below = pathOf(hashes, index - half, low + half, high);
            sibling = rootOf(hashes, low, low + half);
        }
        path = new bytes32[](below.length + 1);
        for (uint256 i = 0; i < below.length; ++i) {
            path[i] = below[i];
        }
        path[below.length] = sibling;
    }

    function proofIn(Leaf[] memory leaves, uint64 index) internal pure returns (LeafProof memory) {
        return LeafProof(leaves[index], index, pathOf(hashesOf(leaves), index, 0, leaves.length));
    }

    /// @dev The greatest power of two below `size`.
    function _halfOf(uint256 size) private pure returns (uint256 half) {
        half = 1;
        while (half * 2 < size) half *= 2;
    }
}
