// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {World} from "./World.sol";

/// @notice BANK_A to BANK_G after every call of a random sequence, and of all batches at its end.
contract BankInvariants {
    World private world;

    function setUp() external {
        world = new World();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(world);
    }

    function invariant_bank() external view {
        world.checkTouched();
    }

    function afterInvariant() external view {
        world.checkAll();
    }
}
