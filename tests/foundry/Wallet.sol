// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An account that is a contract (ERC-1271): its signature of a hash is the hash.
contract Wallet {
    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        pure
        returns (bytes4)
    {
        bool own = signature.length == 32 && bytes32(signature) == hash;
        return own ? this.isValidSignature.selector : bytes4(0);
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return this.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(
        address,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external pure returns (bytes4) {
        return this.onERC1155BatchReceived.selector;
    }
}
