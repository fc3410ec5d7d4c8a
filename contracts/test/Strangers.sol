// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title KeyedWallet
/// @notice An account that is a contract and signs by the key of another (ERC-1271). For tests.
contract KeyedWallet is IERC1271 {
    address private immutable key;

    /// @param key_ who signs for it
    constructor(address key_) {
        key = key_;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes memory signature) external view returns (bytes4) {
        return
            ECDSA.recover(hash, signature) == key ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @title TollToken
/// @notice Money that keeps one unit of every transfer. For tests.
contract TollToken is ERC20 {
    /// @param holder who gets all of it
    constructor(address holder) ERC20("Toll", "TOLL") {
        _mint(holder, 10 ** 12);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), 1);
    }
}
