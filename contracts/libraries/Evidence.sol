// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaf} from "../interfaces/ICarbonChallenge.sol";

/// @title Evidence
/// @notice Trip leaves and the tree over them: RFC 9162, section 2.1, over SHA-256.
library Evidence {
    /// @notice The 68 bytes of a leaf, its fields in order, big-endian.
    /// @param leaf the leaf
    /// @return its bytes
    function encode(Leaf calldata leaf) internal pure returns (bytes memory) {
        return abi.encodePacked(
            leaf.vehicleIndex,
            leaf.startAt,
            leaf.endAt,
            leaf.reductionG,
            leaf.runningG,
            leaf.recordHash
        );
    }

    /// @notice The hash of a leaf: SHA-256(0x00 ‖ its 68 bytes).
    /// @param leaf the leaf
    /// @return its hash
    function leafHash(Leaf calldata leaf) internal pure returns (bytes32) {
        return sha256(bytes.concat(bytes1(0x00), encode(leaf)));
    }

    /// @notice The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    /// @param left the left child
    /// @param right the right child
    /// @return its hash
    function nodeHash(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @notice Whether a hash is that of leaf number `index` of `size` under `root`.
    /// @dev RFC 9162, section 2.1.3.2; `here` and `last` are its fn and sn. They bind the length of
    /// the path and the side of every sibling to index and size.
    /// @param hash what the leaf hashes to
    /// @param index the leaf's number, from 0
    /// @param size how many leaves there are
    /// @param path siblings from the leaf to the root
    /// @param root the root
    /// @return whether it is
    function isIncluded(
        bytes32 hash,
        uint64 index,
        uint64 size,
        bytes32[] calldata path,
        bytes32 root
    ) internal pure returns (bool) {
        if (index >= size) return false;
        uint256 here = index;
        uint256 last = size - 1;
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return false;
            if (here & 1 == 1 || here == last) {
                hash = nodeHash(path[i], hash);
                // The last node of a level moves up unchanged while it has no sibling.
                while (here & 1 == 0 && here != 0) {
                    here >>= 1;
                    last >>= 1;
                }
            } else {
                hash = nodeHash(hash, path[i]);
            }
            here >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }

    /// @notice Whether one leaf may stand before another: it is of a smaller vehicle, or of the
    /// same one and ends no later than the other begins.
    /// @param a a leaf
    /// @param b a later leaf
    /// @return whether they are in order
    function precedes(Leaf calldata a, Leaf calldata b) internal pure returns (bool) {
        if (a.vehicleIndex != b.vehicleIndex) return a.vehicleIndex < b.vehicleIndex;
        return a.endAt <= b.startAt;
    }
}
