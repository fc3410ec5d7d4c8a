// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonBank} from "../../contracts/interfaces/ICarbonBank.sol";
import {ICarbonMarket, Order, Permit, Trade} from "../../contracts/interfaces/ICarbonMarket.sol";
import {CallingMoney, OddMoney} from "../../contracts/test/Hostiles.sol";
import {KeyedWallet, TollToken} from "../../contracts/test/Strangers.sol";
import {Deals} from "./Deals.sol";

interface INonces {
    function nonces(address owner) external view returns (uint256);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}

/// @notice Who takes an order: retiring at once, by a permit, by a relay, many at once, and with
/// money and wallets of strangers.
contract TakersTest is Deals {
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

    /// @dev 10 grams at 2^82 units a tonne cost more than 64 bits can tell.
    function test_what_was_paid_is_told_beyond_64_bits() external {
        Order memory order = _sell();
        order.priceUnitsPerT = uint128(1) << 82;
        uint256 costUnits = (10 * (uint256(1) << 82) + 999_999) / 1_000_000;
        vm.prank(ADMIN);
        money.mint(people[5], costUnits);
        vm.prank(people[5]);
        claimEqual(market.fill(order, signOrder(1, order), batchId, 10), costUnits, "paid");
        claimThat(costUnits > type(uint64).max, "beyond");
        claimEqual(market.fillOf(people[0], market.hashOf(order)).paidUnits, costUnits, "told");
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
        bytes32 domain = token.DOMAIN_SEPARATOR();
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(6, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
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
