// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What part of a batch its buffer must be.
library Shares {
    uint256 private constant BPS = 10_000;

    /// @notice The least buffer of a batch, rounded up.
    /// @param totalG grams of the whole batch, below 2^240
    /// @param bufferBps the methodology's share of it in basis points
    /// @return grams
    function bufferNeededG(uint256 totalG, uint16 bufferBps) internal pure returns (uint256) {
        return Math.ceilDiv(totalG * bufferBps, BPS);
    }
}
