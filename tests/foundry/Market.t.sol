// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Exchange} from "./Exchange.sol";

/// @notice MARKET_A to MARKET_C, ROUND_A and ROUND_B, and the bank's own, under trades.
contract MarketInvariants {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Exchange private exchange;

    function setUp() external {
        exchange = new Exchange();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(exchange);
    }

    /// @dev What trades need, and little of what stops batches: trades are what is looked at.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory chosen = new bytes4[](16);
        chosen[0] = exchange.issue.selector;
        chosen[1] = exchange.claim.selector;
        chosen[2] = exchange.transfer.selector;
        chosen[3] = exchange.retire.selector;
        chosen[4] = exchange.wait_.selector;
        chosen[5] = exchange.freeze.selector;
        chosen[6] = exchange.unfreeze.selector;
        chosen[7] = exchange.sell.selector;
        chosen[8] = exchange.settle.selector;
        chosen[9] = exchange.fill.selector;
        chosen[10] = exchange.forge_.selector;
        chosen[11] = exchange.cancelOrder.selector;
        chosen[12] = exchange.cancelAll.selector;
        chosen[13] = exchange.settle.selector;
        chosen[14] = exchange.fill.selector;
        chosen[15] = exchange.claimMany.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(exchange), chosen);
    }

    function invariant_market() external view {
        exchange.checkTouched();
        exchange.checkMoney();
    }

    function afterInvariant() external view {
        exchange.checkAll();
    }
}
