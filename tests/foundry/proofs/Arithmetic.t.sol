// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Prices} from "../../../contracts/libraries/Prices.sol";

/// @notice For all inputs, not for many: a solver looks for a counterexample to each `assert`.
contract ArithmeticProofs {
    // --- price -----------------------------------------------------------------------------------

    /// @notice Nothing costs nothing.
    function check_nothing_costs_nothing(uint128 priceUnitsPerT) external pure {
        assert(Prices.ofGrams(priceUnitsPerT, 0) == 0);
    }

    /// @notice What is free costs nothing.
    function check_free_costs_nothing(uint64 amountG) external pure {
        assert(Prices.ofGrams(0, amountG) == 0);
    }

    /// @notice A gram costs at least a unit, if the price is not zero.
    function check_no_gram_is_free(uint128 priceUnitsPerT, uint64 amountG) external pure {
        if (priceUnitsPerT == 0 || amountG == 0) return;
        assert(Prices.ofGrams(priceUnitsPerT, amountG) != 0);
    }

    /// @notice The first fill costs its price.
    function check_first_fill_costs_its_price(uint128 priceUnitsPerT, uint64 amountG)
        external
        pure
    {
        uint256 first = Prices.ofFill(priceUnitsPerT, 0, amountG);
        assert(first == Prices.ofGrams(priceUnitsPerT, amountG));
    }

    /// @notice ROUND_B: two fills cost what one of both costs.
    function check_splitting_costs_nothing(uint128 priceUnitsPerT, uint64 a, uint64 b)
        external
        pure
    {
        if (uint256(a) + b > type(uint64).max) return;
        uint256 apart = Prices.ofFill(priceUnitsPerT, 0, a) + Prices.ofFill(priceUnitsPerT, a, b);
        assert(apart == Prices.ofGrams(priceUnitsPerT, a + b));
    }

    // --- fee -------------------------------------------------------------------------------------

    /// @notice No rate, no fee.
    function check_no_rate_no_fee(uint192 paidUnits) external pure {
        assert(Prices.fee(paidUnits, 0) == 0);
    }

    /// @notice MARKET_B: there is always enough paid for the fee; the seller gets the rest.
    function check_fee_leaves_the_rest(uint192 paidUnits, uint16 feeBps) external pure {
        if (feeBps > 500) return;
        assert(Prices.fee(paidUnits, feeBps) <= paidUnits);
    }
}
