// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bits} from "../../../contracts/libraries/Bits.sol";
import {Ranges} from "../../../contracts/libraries/Ranges.sol";

/// @notice For all inputs, not for many: a solver looks for a counterexample to each `assert`.
contract WordProofs {
    // --- vehicles --------------------------------------------------------------------------------

    /// @notice The lowest vehicle is named, and none before it is.
    function check_lowest_vehicle_is_the_lowest(uint24 word, uint256 bits, uint32 other)
        external
        pure
    {
        if (bits == 0) return;
        uint32 lowest = Bits.lowestVehicle(word, bits);
        assert(Bits.names(word, bits, lowest));
        assert(other >= lowest || !Bits.names(word, bits, other));
    }

    /// @notice Without its lowest bit a word names what it named, but for its lowest vehicle.
    function check_next_word_lacks_the_lowest_only(uint24 word, uint256 bits, uint32 vehicle)
        external
        pure
    {
        if (bits == 0) return;
        bool named = Bits.names(word, bits, vehicle);
        bool isLowest = vehicle == Bits.lowestVehicle(word, bits);
        assert(Bits.names(word, bits & (bits - 1), vehicle) == (named && !isLowest));
    }

    /// @notice BANK_C: what is set twice shows exactly where a vehicle is credited already.
    function check_again_is_who_is_in_both(
        uint24 word,
        uint256 credited,
        uint256 named,
        uint32 vehicle
    ) external pure {
        bool both =
            Bits.names(word, credited, vehicle) && Bits.names(word, named, vehicle);
        assert(Bits.names(word, credited & named, vehicle) == both);
    }

    /// @notice BANK_C: crediting sets whom it names, and clears nobody.
    function check_credited_is_who_was_or_is_named(
        uint24 word,
        uint256 credited,
        uint256 named,
        uint32 vehicle
    ) external pure {
        bool either =
            Bits.names(word, credited, vehicle) || Bits.names(word, named, vehicle);
        assert(Bits.names(word, credited | named, vehicle) == either);
    }

    // --- payouts ---------------------------------------------------------------------------------

    /// @notice BANK_F: no two payouts have one bit.
    function check_payouts_have_bits_of_their_own(uint256 a, uint256 b) external pure {
        if (a == type(uint256).max || b == type(uint256).max || a == b) return;
        (uint256 wordA, uint256 bitA) = Bits.ofPayout(a);
        (uint256 wordB, uint256 bitB) = Bits.ofPayout(b);
        assert(wordA != wordB || bitA & bitB == 0);
    }

    /// @notice BANK_F: a payout has one bit, and never the one that says that there is a root.
    function check_payout_is_one_bit_and_not_the_root(uint256 index) external pure {
        if (index == type(uint256).max) return;
        (uint256 word, uint256 bit) = Bits.ofPayout(index);
        assert(bit != 0 && bit & (bit - 1) == 0);
        assert(word != 0 || bit != 1);
    }

    // --- ranges ----------------------------------------------------------------------------------

    /// @notice Ranges that share a gram are said to.
    function check_a_common_gram_is_shared(
        uint256 fromA,
        uint256 amountA,
        uint256 fromB,
        uint256 amountB,
        uint256 gram
    ) external pure {
        if (!_holds(fromA, amountA, gram) || !_holds(fromB, amountB, gram)) return;
        assert(Ranges.share(fromA, amountA, fromB, amountB));
    }

    /// @notice Ranges that are said to share a gram do: the first of the later one.
    function check_shared_is_a_common_gram(
        uint256 fromA,
        uint256 amountA,
        uint256 fromB,
        uint256 amountB
    ) external pure {
        if (!Ranges.share(fromA, amountA, fromB, amountB)) return;
        uint256 gram = fromA < fromB ? fromB : fromA;
        assert(_holds(fromA, amountA, gram) && _holds(fromB, amountB, gram));
    }

    /// @notice A range is within a total if its end is, and its end does not pass 2^256.
    function check_within_is_up_to_the_end(uint256 from, uint256 amount, uint256 total)
        external
        pure
    {
        bool passes = amount > type(uint256).max - from;
        unchecked {
            assert(Ranges.within(from, amount, total) == (!passes && from + amount <= total));
        }
    }

    /// @notice Retirements take serials one after the other, one a gram, and none twice.
    function check_serials_tile(uint48 beforeG, uint48 amountG, uint48 nextG) external pure {
        if (amountG == 0 || nextG == 0) return;
        (uint256 first, uint256 last) = Ranges.serials(beforeG, amountG);
        (uint256 nextFirst, uint256 nextLast) = Ranges.serials(uint256(beforeG) + amountG, nextG);
        assert(first == uint256(beforeG) + 1 && last - first + 1 == amountG);
        assert(nextFirst == last + 1 && nextLast >= nextFirst);
        assert(nextLast == uint256(beforeG) + amountG + nextG);
    }

    function _holds(uint256 from, uint256 amount, uint256 gram) private pure returns (bool) {
        return gram >= from && gram - from < amount;
    }
}
