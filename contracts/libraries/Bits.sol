// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Where vehicles and payouts stand in words of 256 bits.
library Bits {
    /// @notice The vehicle of the lowest bit of a word; 24 bits of word and 8 of bit make its 32.
    /// @param word number of the word
    /// @param bits its bits, not zero
    /// @return vehicleIndex the vehicle
    function lowestVehicle(uint24 word, uint256 bits) internal pure returns (uint32 vehicleIndex) {
        return (uint32(word) << 8) | uint32(Math.log2(bits & (~bits + 1)));
    }

    /// @notice Whether a word names a vehicle.
    /// @param word number of the word
    /// @param bits its bits
    /// @param vehicleIndex the vehicle
    /// @return whether its bit is set there
    function names(uint24 word, uint256 bits, uint32 vehicleIndex) internal pure returns (bool) {
        return word == vehicleIndex >> 8 && bits >> (vehicleIndex & 0xff) & 1 == 1;
    }

    /// @notice Where a payout's bit is. The first bit of the first word is no payout's: it says
    /// that there is such a payout root.
    /// @param index the payout's index, below 2^256 - 1
    /// @return word number of the word
    /// @return bit the one bit of it
    function ofPayout(uint256 index) internal pure returns (uint256 word, uint256 bit) {
        return ((index + 1) >> 8, 1 << ((index + 1) & 0xff));
    }
}
