// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Which grams of a batch are whose: payouts take ranges of what is for drivers, retirements
/// take serials.
library Ranges {
    /// @notice Whether two ranges share a gram. They are compared by distance, as their ends may
    /// pass 2^256.
    /// @param fromA grams before the first range
    /// @param amountA grams in it
    /// @param fromB grams before the second range
    /// @param amountB grams in it
    /// @return whether a gram is in both
    function share(uint256 fromA, uint256 amountA, uint256 fromB, uint256 amountB)
        internal
        pure
        returns (bool)
    {
        if (amountA == 0 || amountB == 0) return false;
        return fromA <= fromB ? fromB - fromA < amountA : fromA - fromB < amountB;
    }

    /// @notice Whether a range ends within a total. In this order nothing overflows, whatever the
    /// range says.
    /// @param from grams before the range
    /// @param amount grams in it
    /// @param total grams there are
    /// @return whether all of it is there
    function within(uint256 from, uint256 amount, uint256 total) internal pure returns (bool) {
        return from <= total && amount <= total - from;
    }

    /// @notice The serials that a retirement takes: those that follow the ones taken before.
    /// @param beforeG grams of the batch retired before; both together fit 48 bits
    /// @param amountG grams retired now
    /// @return first the first serial
    /// @return last the last serial
    function serials(uint256 beforeG, uint256 amountG)
        internal
        pure
        returns (uint256 first, uint256 last)
    {
        return (beforeG + 1, beforeG + amountG);
    }
}
