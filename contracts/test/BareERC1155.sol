// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {
    ERC1155Burnable
} from "@openzeppelin/contracts/token/ERC1155/extensions/ERC1155Burnable.sol";

/// @title BareERC1155
/// @notice What OpenZeppelin's token costs with nothing around it. Never deployed by the bank.
contract BareERC1155 is ERC1155Burnable {
    constructor() ERC1155("uri") {}

    /// @notice Mints; anyone may.
    /// @param to who gets it
    /// @param id which token
    /// @param amount how many
    function mint(address to, uint256 id, uint256 amount) external {
        _mint(to, id, amount, "");
    }
}
