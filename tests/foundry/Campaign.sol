// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What forge calls in a sequence: one contract's acts, some more often than others.
abstract contract Campaign {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address private stage;
    bytes4[] private chosen;

    function target(address stage_) internal {
        stage = stage_;
    }

    /// @dev forge chooses evenly from the list, so who stands there twice is called twice as often.
    function weigh(bytes4 selector, uint256 times) internal {
        for (uint256 i = 0; i < times; ++i) {
            chosen.push(selector);
        }
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = stage;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(stage, chosen);
    }
}
