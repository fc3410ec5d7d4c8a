// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

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

    /// @notice Whether a hash is that of leaf number `index` of `size` under `root`.
    /// @dev RFC 9162, section 2.1.3.2, told by the shape of the tree. Up to the node where the
    /// ways of this leaf and of the last one meet, a sibling stands left or right as the bits of
    /// `index` say; above, it can only stand left, and there is one for each bit still set. So
    /// the length of the path and the side of every sibling follow from index and size.
    /// @param hash what the leaf hashes to
    /// @param index the leaf's number, from 0
    /// @param size how many leaves there are
    /// @param path siblings from the leaf to the root
    /// @param root the root
    /// @return whether it is
    function isIncluded(
        bytes32 hash,
        uint256 index,
        uint256 size,
        bytes32[] calldata path,
        bytes32 root
    ) internal view returns (bool) {
        if (index >= size) return false;
        uint256 apart = index ^ (size - 1);
        uint256 inner = apart == 0 ? 0 : Math.log2(apart) + 1;
        uint256 length = inner;
        for (uint256 rest = index >> inner; rest != 0; rest &= rest - 1) {
            ++length;
        }
        if (path.length != length) return false;
        // A one for each sibling on the right, from the leaf up.
        uint256 rights = ~index & ((1 << inner) - 1);
        // The only assembly of ours (ADR 56): `sha256(abi.encodePacked(0x01, left, right))` copies
        // every node twice, and that is what a proof costs. 65 bytes after the memory in use are
        // written, hashed and given up; 0x02 is SHA-256, 0x00 is scratch space.
        assembly ("memory-safe") {
            let node := mload(0x40)
            mstore8(node, 0x01)
            let left := add(node, 0x01)
            let end := add(path.offset, shl(5, path.length))
            for { let at := path.offset } lt(at, end) { at := add(at, 0x20) } {
                let side := shl(5, and(rights, 1))
                mstore(add(left, side), calldataload(at))
                mstore(add(left, xor(side, 0x20)), hash)
                if iszero(staticcall(gas(), 0x02, node, 0x41, 0x00, 0x20)) {
                    revert(0, 0)
                }
                hash := mload(0x00)
                rights := shr(1, rights)
            }
        }
        return hash == root;
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
