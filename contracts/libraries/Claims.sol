// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim} from "../interfaces/ICarbonBank.sol";

/// @title Claims
/// @notice The id of a claim: what its verifier signs (with the chain and the bank around it), and
/// the ERC-1155 token id of the batch it becomes.
library Claims {
    bytes32 private constant TYPEHASH = keccak256(
        "BatchClaim(bytes32 fleetId,address operator,address verifier,uint64 validUntil,"
        "bytes32 methodologyId,uint32 month,uint64 tripCount,bytes32 evidenceRoot,"
        "bytes32 reportHash,bytes32 payoutRoot,uint64 operatorG,uint64 driversG,uint64 bufferG,"
        "bytes32 vehiclesHash)"
    );

    /// @notice EIP-712 hashStruct of a claim.
    /// @param batchClaim the claim
    /// @return its hash as a number
    function idOf(BatchClaim memory batchClaim) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(TYPEHASH, batchClaim)));
    }

    /// @notice `idOf` of a claim that is not copied first.
    /// @param batchClaim the claim
    /// @return its hash as a number
    function idOfCalldata(BatchClaim calldata batchClaim) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(TYPEHASH, batchClaim)));
    }
}
