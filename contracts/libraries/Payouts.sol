// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {Payout} from "../interfaces/ICarbonBank.sol";

/// @title Payouts
/// @notice The tree of payouts: OpenZeppelin's StandardMerkleTree over (index, account, fromG,
/// amountG), leaves hashed twice, pairs sorted.
library Payouts {
    /// @notice The hash of a payout as a leaf.
    /// @param payout the payout
    /// @return its hash
    function leafHash(Payout calldata payout) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(payout))));
    }

    /// @notice The root that a leaf and its siblings lead to.
    /// @dev MerkleProof.processProofCalldata, but for the bounds that the loop keeps already: 60
    /// gas a sibling (ADR 56).
    /// @param hash what the leaf hashes to
    /// @param proof siblings from the leaf to the root
    /// @return root the root
    function rootOf(bytes32 hash, bytes32[] calldata proof) internal pure returns (bytes32 root) {
        root = hash;
        for (uint256 i = 0; i < proof.length; ++i) {
            bytes32 sibling;
            assembly ("memory-safe") {
                sibling := calldataload(add(proof.offset, shl(5, i)))
            }
            root = Hashes.commutativeKeccak256(root, sibling);
        }
    }
}
