// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Prices} from "../../../contracts/libraries/Prices.sol";
import {Shares} from "../../../contracts/libraries/Shares.sol";

/// @notice Divisions by a constant, for all inputs. Bits are no way to ask about them, so a solver
/// asks about integers instead. Where a product is rounded up, two steps are proven apart: that it
/// is this rounding of this product, which fits 192 bits, and what the rounding does to whatever
/// fits 192 bits. Together they say it of every price and every share.
contract RoundingProofs {
    uint256 private constant BPS = 10_000;
    uint256 private constant G_PER_T = 1_000_000;

    // --- price -----------------------------------------------------------------------------------

    /// @notice A price is its product, per tonne, rounded up.
    function check_price_is_its_product_rounded(uint128 priceUnitsPerT, uint64 amountG)
        external
        pure
    {
        uint256 product = uint256(priceUnitsPerT) * amountG;
        assert(Prices.ofGrams(priceUnitsPerT, amountG) == Math.ceilDiv(product, G_PER_T));
    }

    /// @notice The product of a price fits 192 bits.
    function check_product_of_a_price_fits(uint128 priceUnitsPerT, uint64 amountG) external pure {
        assert(uint256(priceUnitsPerT) * amountG <= type(uint192).max);
    }

    /// @notice What is rounded up per tonne is enough.
    function check_price_is_enough(uint192 product) external pure {
        if (product == 0) return;
        assert(Math.ceilDiv(product, G_PER_T) * G_PER_T >= product);
    }

    /// @notice One unit less would not be.
    function check_price_is_the_least(uint192 product) external pure {
        if (product == 0) return;
        assert(Math.ceilDiv(product, G_PER_T) * G_PER_T < uint256(product) + G_PER_T);
    }

    // --- fee -------------------------------------------------------------------------------------

    /// @notice A fee is not more than is due.
    function check_fee_is_due(uint192 paidUnits, uint16 feeBps) external pure {
        assert(Prices.fee(paidUnits, feeBps) * BPS <= uint256(paidUnits) * feeBps);
    }

    /// @notice One unit more would be.
    function check_fee_is_all_that_is_due(uint192 paidUnits, uint16 feeBps) external pure {
        assert((Prices.fee(paidUnits, feeBps) + 1) * BPS > uint256(paidUnits) * feeBps);
    }

    // --- buffer ----------------------------------------------------------------------------------

    /// @notice The least buffer is its product, in basis points, rounded up.
    function check_buffer_is_its_product_rounded(uint72 totalG, uint16 bufferBps) external pure {
        uint256 product = uint256(totalG) * bufferBps;
        assert(Shares.bufferNeededG(totalG, bufferBps) == Math.ceilDiv(product, BPS));
    }

    /// @notice The product of a share fits 192 bits, and is at most the whole for a true share.
    function check_product_of_a_share_fits(uint72 totalG, uint16 bufferBps) external pure {
        assert(uint256(totalG) * bufferBps <= type(uint192).max);
        assert(bufferBps > BPS || uint256(totalG) * bufferBps <= uint256(totalG) * BPS);
    }

    /// @notice What is rounded up from basis points is enough.
    function check_buffer_is_enough(uint192 product) external pure {
        if (product == 0) return;
        assert(Math.ceilDiv(product, BPS) * BPS >= product);
    }

    /// @notice One gram less would not be.
    function check_buffer_is_the_least(uint192 product) external pure {
        if (product == 0) return;
        assert(Math.ceilDiv(product, BPS) * BPS < uint256(product) + BPS);
    }

    /// @notice A batch always has room for its least buffer.
    function check_buffer_fits_its_batch(uint72 totalG, uint192 product) external pure {
        if (product == 0 || product > uint256(totalG) * BPS) return;
        assert(Math.ceilDiv(product, BPS) <= totalG);
    }

    /// @notice Nothing of either costs nothing.
    function check_zero_rounds_to_zero() external pure {
        assert(Math.ceilDiv(0, G_PER_T) == 0 && Math.ceilDiv(0, BPS) == 0);
    }
}
