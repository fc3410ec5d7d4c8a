// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonMarket, Order, Side} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Acts} from "./Acts.sol";

contract TradingTest is Acts {
    // --- the market ------------------------------------------------------------------------------

    function test_the_fee_has_a_cap_and_a_box() external {
        claimEqual(market.feeBps(), FEE_BPS, "fee");
        claimThat(market.feeTo() == FEE_BOX, "box");
        vm.expectEmit(address(market));
        emit ICarbonMarket.FeeSet(500, stranger);
        vm.prank(ADMIN);
        market.setFee(500, stranger);
        mustRefuse(
            ADMIN,
            address(market),
            abi.encodeCall(market.setFee, (501, stranger)),
            ICarbonMarket.FeeAboveCap.selector
        );
        mustRefuse(
            ADMIN,
            address(market),
            abi.encodeCall(market.setFee, (1, address(0))),
            ICarbonMarket.ZeroAddress.selector
        );
        mustRefuse(
            stranger,
            address(market),
            abi.encodeCall(market.setFee, (1, stranger)),
            bytes4(keccak256("OwnableUnauthorizedAccount(address)"))
        );
    }

    function test_an_order_is_refused_for_what_it_says() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        Order memory order = Order(
            people[0],
            Side.Sell,
            id,
            0,
            address(money),
            100,
            7,
            FEE_BPS,
            0,
            0,
            uint64(START),
            uint64(START),
            1
        );
        order.classId = CLASS_2039;
        _refuseFill(order, id, 1, ICarbonMarket.BatchOrClass.selector);
        (order.batchId, order.classId) = (0, 0);
        _refuseFill(order, id, 1, ICarbonMarket.BatchOrClass.selector);
        order.batchId = id;
        order.signedAt = uint64(START + 1);
        _refuseFill(order, id, 1, ICarbonMarket.OrderFromFuture.selector);
        order.signedAt = uint64(START);
        _refuseFill(order, id + 1, 1, ICarbonMarket.WrongBatch.selector);
        order.side = Side.Buy;
        mustRefuse(
            people[5],
            address(market),
            abi.encodeCall(
                market.fillAndRetire, (order, signOrder(1, order), id, 1, bytes32(0), bytes32(0))
            ),
            ICarbonMarket.WrongSide.selector
        );
        bytes32 orderHash = hashOf(order);
        claimThat(market.hashOf(order) == orderHash, "hash");
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = orderHash;
        vm.expectEmit(address(market));
        emit ICarbonMarket.OrderCancelled(people[0], orderHash);
        vm.prank(people[0]);
        market.cancel(hashes);
        _refuseFill(order, id, 1, ICarbonMarket.OrderIsCancelled.selector);
        vm.expectEmit(address(market));
        emit ICarbonMarket.AllOrdersCancelled(people[0], uint64(START));
        vm.prank(people[0]);
        market.cancelAll();
        claimEqual(market.cancelledUpTo(people[0]), START, "up to now");
    }

    function test_a_trade_tells_what_moved() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        Order memory order = Order(
            people[0],
            Side.Sell,
            id,
            0,
            address(money),
            100,
            10 ** 9,
            FEE_BPS,
            0,
            0,
            uint64(START),
            uint64(START),
            1
        );
        vm.prank(ADMIN);
        money.mint(people[5], 10 ** 9);
        vm.prank(people[5]);
        money.approve(address(market), type(uint256).max);
        vm.prank(people[0]);
        bank.setApprovalForAll(address(market), true);
        bytes memory signature = signOrder(1, order);
        vm.expectEmit(address(market));
        emit ICarbonMarket.CreditsTraded(
            hashOf(order), 0, id, people[0], people[5], address(money), 100, 100_000, 300
        );
        vm.prank(people[5]);
        claimEqual(market.fill(order, signature, id, 100), 100_000, "paid");
        claimEqual(money.balanceOf(people[0]), 99_700, "received");
        claimEqual(money.balanceOf(FEE_BOX), 300, "fee");
        Order memory buy = order;
        (buy.maker, buy.side, buy.money) = (people[5], Side.Buy, stranger);
        order = Order(
            people[0],
            Side.Sell,
            id,
            0,
            address(money),
            100,
            1,
            FEE_BPS,
            0,
            0,
            uint64(START),
            uint64(START),
            2
        );
        mustRefuse(
            stranger,
            address(market),
            abi.encodeCall(
                market.settle, (order, signOrder(1, order), buy, signOrder(6, buy), id, 1)
            ),
            ICarbonMarket.MoneyMismatch.selector
        );
    }

    function test_role_acts_never_pass_the_forwarder() external {
        mustRefuse(
            FORWARDER,
            address(bank),
            abi.encodePacked(abi.encodeCall(bank.stopIssue, ("x")), GUARDIAN),
            bytes4(keccak256("AccessControlUnauthorizedAccount(address,bytes32)"))
        );
        mustRefuse(
            FORWARDER,
            address(market),
            abi.encodePacked(abi.encodeCall(market.setFee, (1, FEE_BOX)), ADMIN),
            bytes4(keccak256("OwnableUnauthorizedAccount(address)"))
        );
    }
}
