// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaf, LeafProof} from "../interfaces/ICarbonChallenge.sol";
import {Evidence} from "../libraries/Evidence.sol";
import {Months} from "../libraries/Months.sol";

/// @title EvidenceShown
/// @notice The libraries' answers, many at a time, for comparing. Never deployed by the bank.
contract EvidenceShown {
    /// @notice The 68 bytes of leaves, as they are hashed.
    /// @param leaves the leaves
    /// @return packed the bytes of each
    function encoded(Leaf[] calldata leaves) external pure returns (bytes[] memory packed) {
        packed = new bytes[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            packed[i] = Evidence.encode(leaves[i]);
        }
    }

    /// @notice The hashes of leaves.
    /// @param leaves the leaves
    /// @return hashes the hash of each
    function leafHashes(Leaf[] calldata leaves) external pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            hashes[i] = Evidence.leafHash(leaves[i]);
        }
    }

    /// @notice Which proofs of one tree hold.
    /// @param proofs the proofs
    /// @param size how many leaves the tree has
    /// @param root its root
    /// @return held one answer each
    function included(LeafProof[] calldata proofs, uint64 size, bytes32 root)
        external
        view
        returns (bool[] memory held)
    {
        held = new bool[](proofs.length);
        for (uint256 i = 0; i < proofs.length; ++i) {
            bytes32 hash = Evidence.leafHash(proofs[i].leaf);
            held[i] = Evidence.isIncluded(hash, proofs[i].index, size, proofs[i].path, root);
        }
    }

    /// @notice The months of moments.
    /// @param timestamps Unix times in seconds
    /// @return months the month of each
    function numbersOf(uint64[] calldata timestamps)
        external
        pure
        returns (uint256[] memory months)
    {
        months = new uint256[](timestamps.length);
        for (uint256 i = 0; i < timestamps.length; ++i) {
            months[i] = Months.numberOf(timestamps[i]);
        }
    }
}
