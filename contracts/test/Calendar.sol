// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Months} from "../libraries/Months.sol";

/// @title Calendar
/// @notice Lets a test ask the library, which lives inside of other contracts. Never deployed by
/// the bank.
contract Calendar {
    /// @notice The month of a moment.
    /// @param timestamp Unix time in seconds
    /// @return year * 12 + (month - 1)
    function monthOf(uint256 timestamp) external pure returns (uint32) {
        return Months.monthOf(timestamp);
    }
}
