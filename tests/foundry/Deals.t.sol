// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonBank} from "../../contracts/interfaces/ICarbonBank.sol";
import {
    Fill,
    ICarbonMarket,
    Order,
    Permit,
    Side,
    Trade
} from "../../contracts/interfaces/ICarbonMarket.sol";
import {CallingMoney, OddMoney} from "../../contracts/test/Hostiles.sol";
import {KeyedWallet, TollToken} from "../../contracts/test/Strangers.sol";
import {Deals, IMarket} from "./Deals.sol";

interface INonces {
    function nonces(address owner) external view returns (uint256);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}

/// @notice What two orders make of each other, and what is paid for it.
contract DealsTest is Deals {
    function _goes(bytes memory call) private returns (bytes memory) {
        vm.prank(stranger);
        (bool done, bytes memory answer) = address(market).call(call);
        claimThat(done, "it goes through");
        return answer;
    }

    function _says(bytes memory call, bytes memory refusal) private {
        mustRefuseWith(stranger, address(market), call, refusal);
    }

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

    // --- retirement and permits ------------------------------------------------------------------

    function test_what_is_bought_is_retired_for_who_bought() external {
        Order memory order = _sell();
        bytes memory signature = signOrder(1, order);
        vm.expectEmit(address(bank));
        emit ICarbonBank.CreditsRetired(1, batchId, people[5], 10, 1, 10, "who", "why");
        vm.prank(people[5]);
        (uint256 paidUnits, uint256 retirementId) =
            market.fillAndRetire(order, signature, batchId, 10, "who", "why");
        claimEqual(paidUnits, 30_001, "paid");
        claimEqual(retirementId, 1, "numbered");
        claimEqual(bank.balanceOf(people[5], batchId), 0, "retired");
        claimEqual(bank.batch(batchId).retiredG, 10, "in the batch");
    }

    function test_a_relayed_account_trades_for_itself() external {
        Order memory order = _sell();
        bytes memory call = abi.encodeCall(
            market.fillAndRetire, (order, signOrder(1, order), batchId, 10, "who", "why")
        );
        vm.prank(FORWARDER);
        (bool done,) = address(market).call(abi.encodePacked(call, people[4]));
        claimThat(done, "relayed");
        claimEqual(money.balanceOf(people[4]), MINTED - 30_001, "it paid");
        claimEqual(bank.batch(batchId).retiredG, 10, "and retired");
        call = abi.encodeCall(market.cancelAll, ());
        vm.prank(FORWARDER);
        (done,) = address(market).call(abi.encodePacked(call, people[4]));
        claimThat(done, "relayed");
        claimEqual(market.cancelledUpTo(people[4]), START, "its own orders");
    }

    function _permit(uint256 units) private view returns (Permit memory) {
        INonces token = INonces(address(money));
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Permit(address owner,address spender,uint256 value,uint256 nonce,"
                    "uint256 deadline)"
                ),
                people[5],
                address(market),
                units,
                token.nonces(people[5]),
                START + 7
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(6, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash)));
        return Permit(units, START + 7, v, r, s);
    }

    function test_a_permit_allows_what_the_fill_takes() external {
        vm.prank(people[5]);
        money.approve(address(market), 0);
        Order memory order = _sell();
        bytes memory signature = signOrder(1, order);
        Permit memory permit = _permit(30_001);
        vm.prank(people[5]);
        claimEqual(market.fillWithPermit(order, signature, batchId, 10, permit), 30_001, "paid");
        claimEqual(money.allowance(people[5], address(market)), 0, "all of it");
        permit = _permit(40_000);
        vm.prank(people[5]);
        (uint256 paidUnits, uint256 retirementId) =
            market.fillAndRetireWithPermit(order, signature, batchId, 10, "who", "why", permit);
        claimEqual(paidUnits, 30_000, "rounded up once");
        claimEqual(retirementId, 1, "retired");
        claimEqual(money.allowance(people[5], address(market)), 10_000, "what is left");
        claimEqual(bank.balanceOf(people[5], batchId), 10, "of the first fill");
    }

    function test_a_permit_that_was_used_hinders_nobody() external {
        Order memory order = _sell();
        Permit memory permit = _permit(1);
        permit.v ^= 1;
        bytes memory signature = signOrder(1, order);
        vm.prank(people[5]);
        claimEqual(market.fillWithPermit(order, signature, batchId, 1, permit), 3001, "paid");
        vm.prank(people[5]);
        money.approve(address(market), 0);
        mustRefuse(
            people[5],
            address(market),
            abi.encodeCall(market.fillWithPermit, (order, signature, batchId, 1, permit)),
            bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)"))
        );
    }

    // --- many ------------------------------------------------------------------------------------

    function _trade(uint256 salt, uint64 amountG) private view returns (Trade memory trade) {
        (trade.sell, trade.buy) = (_sell(), _buy());
        (trade.sell.salt, trade.buy.salt) = (salt, salt);
        trade.sellSignature = signOrder(1, trade.sell);
        trade.buySignature = signOrder(6, trade.buy);
        (trade.batchId, trade.amountG) = (batchId, amountG);
    }

    function test_a_dead_trade_does_not_stop_the_others() external {
        Trade[] memory trades = new Trade[](4);
        (trades[0], trades[1]) = (_trade(1, 5), _trade(2, 101));
        (trades[2], trades[3]) = (_trade(3, 6), _trade(4, 0));
        for (uint256 i = 1; i < 4; i += 2) {
            vm.expectEmit(address(market));
            emit ICarbonMarket.TradeSkipped(i, hashOf(trades[i].sell), hashOf(trades[i].buy));
        }
        vm.expectEmit(address(market));
        emit ICarbonMarket.ManySettled(2, 2);
        vm.prank(stranger);
        claimEqual(market.settleMany(trades), 2, "two of four");
        claimEqual(bank.balanceOf(people[5], batchId), 11, "bought");
        claimEqual(market.fillOf(people[0], hashOf(trades[2].sell)).filledG, 6, "filled");
    }

    function test_with_too_little_gas_nothing_is_skipped() external {
        Trade[] memory trades = new Trade[](1);
        trades[0] = _trade(1, 5);
        bytes memory call = abi.encodeCall(market.settleMany, (trades));
        vm.prank(stranger);
        (bool done, bytes memory answer) = address(market).call{gas: 500_000}(call);
        claimThat(!done, "refused");
        claimEqual(answer.length, 100, "three words");
        claimThat(bytes4(answer) == ICarbonMarket.TooLittleGas.selector, "for its gas");
        (uint256 position, uint256 gasThere, uint256 gasNeeded) = _threeWords(answer);
        claimEqual(position, 0, "the first");
        claimEqual(gasNeeded, 520_000 + 4 * call.length, "what a trade and its words take");
        claimThat(gasThere < 492_188 && gasThere > 450_000, "what was passed on");
        _goes(call);
    }

    function _threeWords(bytes memory answer) private pure returns (uint256, uint256, uint256) {
        bytes memory words = new bytes(96);
        for (uint256 i = 0; i < 96; ++i) {
            words[i] = answer[i + 4];
        }
        return abi.decode(words, (uint256, uint256, uint256));
    }

    function test_hungry_money_costs_one_trade_and_its_gas() external {
        OddMoney hungry = new OddMoney(OddMoney.Mood.Hungry);
        Trade[] memory trades = new Trade[](2);
        (trades[0], trades[1]) = (_trade(1, 5), _trade(2, 6));
        (trades[0].sell.money, trades[0].buy.money) = (address(hungry), address(hungry));
        trades[0].sellSignature = signOrder(1, trades[0].sell);
        trades[0].buySignature = signOrder(6, trades[0].buy);
        bytes memory call = abi.encodeCall(market.settleMany, (trades));
        vm.prank(stranger);
        uint256 before = gasleft();
        (bool done, bytes memory answer) = address(market).call{gas: 2_000_000}(call);
        claimThat(before - gasleft() < 1_200_000, "half a million for the hungry one");
        claimThat(done && abi.decode(answer, (uint256)) == 1, "the other settles");
    }

    function test_only_the_market_settles_one_of_many() external {
        (Order memory sell, Order memory buy) = (_sell(), _buy());
        _says(
            abi.encodeCall(
                market.settleOne, (sell, signOrder(1, sell), buy, signOrder(6, buy), batchId, 1)
            ),
            abi.encodeWithSelector(ICarbonMarket.OnlyFromMarket.selector, stranger)
        );
    }

    // --- strangers -------------------------------------------------------------------------------

    function test_money_that_keeps_some_is_refused() external {
        TollToken toll = new TollToken(people[5]);
        vm.prank(people[5]);
        toll.approve(address(market), type(uint256).max);
        Order memory order = _sell();
        order.money = address(toll);
        mustRefuseWith(
            people[5],
            address(market),
            _fill(order, 10),
            abi.encodeWithSelector(
                ICarbonMarket.MoneyTookFee.selector, toll, 30_001 - 90, 30_001 - 90 - 1
            )
        );
    }

    function test_money_that_calls_back_finds_the_market_closed() external {
        CallingMoney calling = new CallingMoney(people[5]);
        vm.prank(people[5]);
        calling.approve(address(market), type(uint256).max);
        (Order memory sell, Order memory buy) = (_sell(), _buy());
        Trade[] memory trades = new Trade[](0);
        Permit memory permit;
        bytes memory signature = signOrder(1, sell);
        bytes[6] memory inner = [
            _fill(sell, 1),
            _settle(sell, buy, 1),
            abi.encodeCall(market.settleMany, (trades)),
            abi.encodeCall(market.fillAndRetire, (sell, signature, batchId, 1, "", "")),
            abi.encodeCall(market.fillWithPermit, (sell, signature, batchId, 1, permit)),
            abi.encodeCall(
                market.fillAndRetireWithPermit, (sell, signature, batchId, 1, "", "", permit)
            )
        ];
        for (uint256 i = 0; i < 6; ++i) {
            calling.plan(address(market), inner[i]);
            Order memory order = _sell();
            (order.money, order.salt) = (address(calling), 50 + i);
            bytes memory outer = _fill(order, 1);
            vm.prank(people[5]);
            (bool done,) = address(market).call(outer);
            claimThat(done, "the outer one goes through");
            claimThat(
                bytes4(calling.answer()) == bytes4(keccak256("ReentrancyGuardReentrantCall()")),
                "the inner one does not"
            );
        }
    }

    function test_a_wallet_signs_by_its_code() external {
        KeyedWallet wallet = new KeyedWallet(people[1]);
        Order memory order = _sell();
        order.maker = address(wallet);
        bytes memory wrong = signOrder(1, order);
        bytes memory right = signOrder(2, order);
        mustRefuseWith(
            people[5],
            address(market),
            abi.encodeCall(market.fill, (order, wrong, batchId, 1)),
            abi.encodeWithSelector(ICarbonMarket.BadOrderSignature.selector, hashOf(order), wallet)
        );
        // Believed; that it holds nothing is the next question.
        mustRefuse(
            people[5],
            address(market),
            abi.encodeCall(market.fill, (order, right, batchId, 1)),
            bytes4(keccak256("ERC1155MissingApprovalForAll(address,address)"))
        );
    }

    function test_a_broken_signature_is_nobodys() external {
        Order memory order = _sell();
        bytes[3] memory broken =
            [bytes(""), abi.encodePacked(bytes32("r"), bytes32("s")), new bytes(65)];
        for (uint256 i = 0; i < 3; ++i) {
            _says(
                abi.encodeCall(market.fill, (order, broken[i], batchId, 1)),
                abi.encodeWithSelector(
                    ICarbonMarket.BadOrderSignature.selector, hashOf(order), people[0]
                )
            );
            // Zero is who signed what nobody signed.
            order.maker = address(0);
            _says(
                abi.encodeCall(market.fill, (order, broken[i], batchId, 1)),
                abi.encodeWithSelector(
                    ICarbonMarket.BadOrderSignature.selector, hashOf(order), address(0)
                )
            );
            order.maker = people[0];
        }
    }
}
