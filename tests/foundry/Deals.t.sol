// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fill, ICarbonMarket, Order, Side} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Deals, IMarket} from "./Deals.sol";

/// @notice What two orders make of each other, and what is paid for it.
contract DealsTest is Deals {
    function test_the_market_says_what_it_is() external view {
        IMarket known = IMarket(address(market));
        claimThat(known.bank() == address(bank), "its bank");
        claimThat(known.owner() == ADMIN, "its owner");
        claimThat(known.isTrustedForwarder(FORWARDER), "its forwarder");
        claimEqual(known.FEE_CAP_BPS(), 500, "its cap");
        Order memory order = _sell();
        claimThat(market.hashOf(order) == hashOf(order), "what is signed");
        claimThat(
            keccak256(abi.encode(known.ORDER_TYPEHASH(), order)) == hashOf(order), "under its type"
        );
    }

    // --- prices ----------------------------------------------------------------------------------

    function _settlesAt(uint128 price, uint64 sellAt, uint64 buyAt) private {
        (Order memory sell, Order memory buy) = (_sell(), _buy());
        buy.priceUnitsPerT = 2 * PRICE;
        (sell.signedAt, buy.signedAt) = (sellAt, buyAt);
        uint256 before = money.balanceOf(people[0]);
        uint256 boxBefore = money.balanceOf(FEE_BOX);
        // 7 g cost 21,001 units and a bit, or 42,001 and a bit.
        uint256 dueUnits = _cost(price, 7);
        uint256 feeUnits = dueUnits * FEE_BPS / 10_000;
        bytes memory call = _settle(sell, buy, 7);
        vm.expectEmit(address(market));
        emit ICarbonMarket.CreditsTraded(
            hashOf(sell),
            hashOf(buy),
            batchId,
            people[0],
            people[5],
            address(money),
            7,
            dueUnits,
            feeUnits
        );
        claimEqual(abi.decode(_goes(call), (uint256)), dueUnits, "paid");
        claimEqual(money.balanceOf(people[0]), before + dueUnits - feeUnits, "received");
        claimEqual(money.balanceOf(FEE_BOX), boxBefore + feeUnits, "the fee");
        Fill memory sold = market.fillOf(people[0], hashOf(sell));
        Fill memory bought = market.fillOf(people[5], hashOf(buy));
        claimEqual(sold.filledG, 7, "sold");
        claimEqual(bought.filledG, 7, "bought");
        claimEqual(sold.paidUnits, dueUnits, "for the seller");
        claimEqual(bought.paidUnits, dueUnits, "by the buyer");
        claimThat(!sold.cancelled && !bought.cancelled, "alive");
    }

    function test_who_signed_first_makes_the_price() external {
        _settlesAt(PRICE, uint64(START - 1), uint64(START));
        _settlesAt(2 * PRICE, uint64(START), uint64(START - 1));
        _settlesAt(PRICE, uint64(START - 2), uint64(START - 2));
        claimEqual(bank.balanceOf(people[5], batchId), 21, "three times seven");
        claimEqual(bank.balanceOf(people[0], batchId), 579, "what is left");
    }

    function test_two_orders_must_fit() external {
        (Order memory sell, Order memory buy) = (_sell(), _buy());
        buy.priceUnitsPerT = PRICE - 1;
        buy.money = stranger;
        _says(
            _settle(sell, buy, 1),
            abi.encodeWithSelector(ICarbonMarket.MoneyMismatch.selector, money, stranger)
        );
        buy.money = address(money);
        _says(
            _settle(sell, buy, 1),
            abi.encodeWithSelector(ICarbonMarket.PricesDoNotCross.selector, PRICE, PRICE - 1)
        );
        buy.priceUnitsPerT = PRICE;
        _goes(_settle(sell, buy, 1));
        Order memory other = _asBuy(sell);
        _says(
            _settle(other, buy, 1),
            abi.encodeWithSelector(ICarbonMarket.WrongSide.selector, hashOf(other), Side.Buy)
        );
        other = _sell();
        other.maker = people[5];
        _says(
            _settle(sell, other, 1),
            abi.encodeWithSelector(ICarbonMarket.WrongSide.selector, hashOf(other), Side.Sell)
        );
        (buy.amountG, sell.minFillG) = (2, 3);
        _says(
            _settle(sell, buy, 3),
            abi.encodeWithSelector(ICarbonMarket.FillTooLarge.selector, hashOf(buy), 3, 2)
        );
        _says(
            _settle(sell, buy, 2),
            abi.encodeWithSelector(ICarbonMarket.FillTooSmall.selector, hashOf(sell), 2, 3)
        );
    }

    function test_fills_of_a_gram_cost_together_what_they_cost_at_once() external {
        Order memory order = _sell();
        order.priceUnitsPerT = 1_500_000;
        uint256 sumUnits;
        for (uint256 i = 1; i <= 5; ++i) {
            bytes memory call = _fill(order, 1);
            vm.prank(people[5]);
            sumUnits += market.fill(order, signOrder(1, order), batchId, 1);
            claimEqual(sumUnits, (3 * i + 1) / 2, "a unit and a half each, rounded up in all");
            claimThat(call.length != 0, "signed");
        }
        Fill memory shown = market.fillOf(people[0], hashOf(order));
        claimEqual(shown.filledG, 5, "filled");
        claimEqual(shown.paidUnits, 8, "paid");
    }

    /// @dev A buy of 1.5 units a gram, of which a gram was bought for 2.
    function _begun(uint256 salt) private returns (Order memory buy) {
        Order memory sell = _sell();
        buy = _buy();
        (sell.priceUnitsPerT, buy.priceUnitsPerT) = (1_500_000, 1_500_000);
        (sell.salt, buy.salt) = (100 + salt, salt);
        claimEqual(abi.decode(_goes(_settle(sell, buy, 1)), (uint256)), 2, "rounded up");
    }

    function test_roundings_cost_neither_side_more_than_a_unit() external {
        Order memory sell = _sell();
        (sell.priceUnitsPerT, sell.salt) = (1_500_000, 9);
        Order[3] memory buys = [_begun(1), _begun(2), _begun(3)];
        // Two grams cost a buyer three units at most, and two are paid.
        claimEqual(abi.decode(_goes(_settle(sell, buys[0], 1)), (uint256)), 1, "the limit");
        claimEqual(market.fillOf(people[5], hashOf(buys[0])).paidUnits, 3, "the buyer's");
        claimEqual(abi.decode(_goes(_settle(sell, buys[1], 1)), (uint256)), 1, "the price");
        // Three grams are worth five units to the seller, who would have three.
        _says(
            _settle(sell, buys[2], 1),
            abi.encodeWithSelector(ICarbonMarket.PaidTooLittle.selector, hashOf(sell), 3, 5)
        );
    }

    function test_a_fee_is_rounded_down_and_may_be_nothing() external {
        Order memory order = _sell();
        // 333 units and then 334 more: 0.999 and 1.002 of a fee.
        order.priceUnitsPerT = 333_000_000;
        vm.prank(people[5]);
        claimEqual(market.fill(order, signOrder(1, order), batchId, 1), 333, "paid");
        claimEqual(money.balanceOf(FEE_BOX), 0, "no fee");
        claimEqual(money.balanceOf(people[0]), MINTED + 333, "all of it");
        (order.priceUnitsPerT, order.salt) = (334_000_000, 2);
        vm.prank(people[5]);
        claimEqual(market.fill(order, signOrder(1, order), batchId, 1), 334, "paid");
        claimEqual(money.balanceOf(FEE_BOX), 1, "one unit");
        claimEqual(money.balanceOf(people[0]), MINTED + 333 + 333, "the rest");
    }

    function test_a_buyer_may_be_who_gets_the_fee() external {
        for (uint256 i = 0; i < 2; ++i) {
            // Once the buyer, once the seller.
            address box = i == 0 ? people[5] : people[0];
            vm.prank(ADMIN);
            market.setFee(100, box);
            Order memory order = _sell();
            (order.maxFeeBp, order.salt) = (100, i + 5);
            vm.prank(people[5]);
            claimEqual(market.fill(order, signOrder(1, order), batchId, 10), 30_001, "paid");
        }
        claimEqual(money.balanceOf(people[0]), MINTED + 60_002 - 300, "a fee went to the buyer");
        claimEqual(money.balanceOf(people[5]), MINTED - 60_002 + 300, "and one to the seller");
    }

    function test_a_buy_order_is_filled_by_who_sells() external {
        Order memory buy = _buy();
        bytes memory signature = signOrder(6, buy);
        vm.expectEmit(address(market));
        emit ICarbonMarket.CreditsTraded(
            0, hashOf(buy), batchId, people[0], people[5], address(money), 4, 12_001, 36
        );
        vm.prank(people[0]);
        claimEqual(market.fill(buy, signature, batchId, 4), 12_001, "paid");
        claimEqual(bank.balanceOf(people[5], batchId), 4, "bought");
        claimEqual(money.balanceOf(people[0]), MINTED + 12_001 - 36, "received");
        claimEqual(money.balanceOf(people[5]), MINTED - 12_001, "spent");
        Fill memory shown = market.fillOf(people[5], hashOf(buy));
        claimEqual(shown.filledG, 4, "filled");
        claimEqual(shown.paidUnits, 12_001, "paid in all");
    }
}
