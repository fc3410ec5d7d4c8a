// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice UTC calendar months as numbers: year * 12 + (month - 1).
library Months {
    /// @notice The month of a block's time.
    /// @param timestamp Unix time in seconds, before the year 350,000,000
    /// @return year * 12 + (month - 1)
    function monthOf(uint256 timestamp) internal pure returns (uint32) {
        return uint32(numberOf(timestamp));
    }

    /// @notice The month of any moment, also of one that somebody made up.
    /// @dev Counts days from 1 March of year 0, so that a leap day is the last day of its year and
    /// months have the lengths 31 30 31 30 31, 31 30 31 30 31, 31 (28): (5 * day + 2) / 153.
    /// @param timestamp Unix time in seconds, 64 bits
    /// @return year * 12 + (month - 1)
    function numberOf(uint256 timestamp) internal pure returns (uint256) {
        unchecked {
            uint256 day = timestamp / 1 days + 719_468;
            uint256 era = day / 146_097; // 400 years
            uint256 dayOfEra = day % 146_097;
            uint256 yearOfEra =
                (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
            uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
            uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
            return (era * 400 + yearOfEra) * 12 + monthFromMarch + 2;
        }
    }
}
