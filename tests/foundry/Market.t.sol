// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Campaign} from "./Campaign.sol";
import {Exchange} from "./Exchange.sol";

/// @notice MARKET_A to MARKET_C, ROUND_A and ROUND_B, and the bank's own, under trades.
contract MarketInvariants is Campaign {
    Exchange private exchange;

    function setUp() external {
        exchange = new Exchange();
        // What trades need, and little of what stops batches: trades are what is looked at.
        target(address(exchange));
        weigh(exchange.issue.selector, 2);
        weigh(exchange.claim.selector, 1);
        weigh(exchange.transfer.selector, 1);
        weigh(exchange.wait_.selector, 1);
        weigh(exchange.freeze.selector, 1);
        weigh(exchange.unfreeze.selector, 2);
        weigh(exchange.challengePayouts.selector, 1);
        weigh(exchange.correct.selector, 2);
        weigh(exchange.sell.selector, 1);
        weigh(exchange.settle.selector, 4);
        weigh(exchange.settleMany.selector, 2);
        weigh(exchange.fill.selector, 5);
        weigh(exchange.forge_.selector, 1);
        weigh(exchange.cancelOrder.selector, 1);
        weigh(exchange.cancelAll.selector, 1);
    }

    /// forge-config: ci.invariant.runs = 850
    function invariant_market() external view {
        exchange.checkTouched();
        exchange.checkMoney();
    }

    function afterInvariant() external view {
        exchange.checkAll();
        exchange.checkAllMoney();
    }
}
