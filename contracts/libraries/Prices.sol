// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What grams cost, and what comes off for the market.
library Prices {
    uint256 private constant BPS = 10_000;
    uint256 private constant G_PER_T = 1_000_000;

    /// @notice What grams cost, rounded up. A uint128 times a uint64 fits 192 bits.
    /// @param priceUnitsPerT base units of money per tonne
    /// @param amountG grams
    /// @return base units of money
    function ofGrams(uint128 priceUnitsPerT, uint64 amountG) internal pure returns (uint256) {
        return Math.ceilDiv(uint256(priceUnitsPerT) * amountG, G_PER_T);
    }

    /// @notice What a fill adds to the price of all fills: splitting an order costs nothing.
    /// @param priceUnitsPerT base units of money per tonne
    /// @param filledG grams filled before
    /// @param amountG grams of this fill; both together are at most the order's, so they fit
    /// @return base units of money
    function ofFill(uint128 priceUnitsPerT, uint64 filledG, uint64 amountG)
        internal
        pure
        returns (uint256)
    {
        return ofGrams(priceUnitsPerT, filledG + amountG) - ofGrams(priceUnitsPerT, filledG);
    }

    /// @notice The market's share of a payment, rounded down.
    /// @param paidUnits base units of money; prices keep it under 173 bits
    /// @param feeBps basis points
    /// @return base units of money
    function fee(uint256 paidUnits, uint16 feeBps) internal pure returns (uint256) {
        return paidUnits * feeBps / BPS;
    }
}
