// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Months} from "../../contracts/libraries/Months.sol";
import {Prover} from "./Vm.sol";

contract MonthsTest is Prover {
    /// @dev Counted from 1 January 1970, a month after the other.
    function test_every_month_from_1970_to_2200_begins_and_ends_where_it_does() external pure {
        uint8[12] memory lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        uint256 startAt;
        for (uint256 year = 1970; year <= 2200; ++year) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            for (uint256 month = 0; month < 12; ++month) {
                uint256 length = lengths[month] + (leap && month == 1 ? 1 : 0);
                uint256 endAt = startAt + length * 1 days;
                claimEqual(Months.monthOf(startAt), year * 12 + month, "first second");
                claimEqual(Months.monthOf(endAt - 1), year * 12 + month, "last second");
                startAt = endAt;
            }
        }
    }
}
