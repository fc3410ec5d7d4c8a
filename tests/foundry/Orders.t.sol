// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonBank, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {Fill, ICarbonMarket, Order, Side} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Deals} from "./Deals.sol";

/// @notice What is asked of one order: each question, its order among the others, and its limits.
contract OrdersTest is Deals {
    function _says(Order memory order, uint64 amountG, bytes memory refusal) private {
        mustRefuseWith(people[5], address(market), _fill(order, amountG), refusal);
    }

    function _goes(Order memory order, uint64 amountG) private returns (uint256 paidUnits) {
        bytes memory call = _fill(order, amountG);
        vm.prank(people[5]);
        (bool done, bytes memory answer) = address(market).call(call);
        claimThat(done, "a live order fills");
        return abi.decode(answer, (uint256));
    }

    function test_questions_to_an_order_have_an_order() external {
        Order memory order = _sell();
        // All is wrong at once; what is mended shows the next.
        order.side = Side.Sell;
        (order.batchId, order.classId) = (0, 0);
        (order.signedAt, order.validUntil) = (uint64(START + 1), uint64(START - 1));
        (order.maxFeeBp, order.amountG, order.minFillG) = (FEE_BPS - 1, 10, 5);
        bytes memory call =
            abi.encodeCall(market.fill, (order, signOrder(STRANGER_KEY, order), batchId, 0));
        mustRefuseWith(
            people[5],
            address(market),
            call,
            abi.encodeWithSelector(
                ICarbonMarket.BadOrderSignature.selector, hashOf(order), people[0]
            )
        );
        mustRefuseWith(
            people[5],
            address(market),
            abi.encodeCall(
                market.fillAndRetire, (_asBuy(order), signOrder(1, _asBuy(order)), batchId, 0, 0, 0)
            ),
            abi.encodeWithSelector(
                ICarbonMarket.WrongSide.selector, hashOf(_asBuy(order)), Side.Buy
            )
        );
        _says(order, 0, abi.encodeWithSelector(ICarbonMarket.BatchOrClass.selector, hashOf(order)));
        order.batchId = batchId + 1;
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = hashOf(order);
        vm.prank(people[0]);
        market.cancel(hashes);
        _says(
            order, 0, abi.encodeWithSelector(ICarbonMarket.OrderIsCancelled.selector, hashOf(order))
        );
        order.salt = 2;
        _says(
            order,
            0,
            abi.encodeWithSelector(
                ICarbonMarket.OrderFromFuture.selector, hashOf(order), START + 1, START
            )
        );
        order.signedAt = uint64(START);
        _says(
            order,
            0,
            abi.encodeWithSelector(
                ICarbonMarket.OrderExpired.selector, hashOf(order), START - 1, START
            )
        );
        order.validUntil = uint64(START);
        _says(
            order,
            0,
            abi.encodeWithSelector(ICarbonMarket.WrongBatch.selector, hashOf(order), batchId)
        );
        order.batchId = batchId;
        _says(
            order,
            0,
            abi.encodeWithSelector(
                ICarbonMarket.FeeTooHigh.selector, hashOf(order), FEE_BPS, FEE_BPS - 1
            )
        );
        order.maxFeeBp = FEE_BPS;
        _says(order, 0, abi.encodeWithSelector(ICarbonMarket.ZeroAmount.selector));
        _says(
            order,
            11,
            abi.encodeWithSelector(ICarbonMarket.FillTooLarge.selector, hashOf(order), 11, 10)
        );
        _says(
            order,
            4,
            abi.encodeWithSelector(ICarbonMarket.FillTooSmall.selector, hashOf(order), 4, 5)
        );
        _goes(order, 5);
        _says(
            order,
            6,
            abi.encodeWithSelector(ICarbonMarket.FillTooLarge.selector, hashOf(order), 6, 5)
        );
        _goes(order, 5);
        _says(order, 0, abi.encodeWithSelector(ICarbonMarket.ZeroAmount.selector));
        _says(
            order,
            1,
            abi.encodeWithSelector(ICarbonMarket.FillTooLarge.selector, hashOf(order), 1, 0)
        );
    }

    function test_a_rest_smaller_than_the_least_fill_is_filled_whole() external {
        Order memory order = _sell();
        (order.amountG, order.minFillG) = (10, 8);
        _goes(order, 8);
        _says(
            order,
            1,
            abi.encodeWithSelector(ICarbonMarket.FillTooSmall.selector, hashOf(order), 1, 8)
        );
        _goes(order, 2);
        claimEqual(market.fillOf(people[0], hashOf(order)).filledG, 10, "all of it");
    }

    function test_an_order_of_a_class_takes_batches_of_it_that_are_old_enough() external {
        Order memory order = _sell();
        (order.batchId, order.classId, order.minAgeS) = (0, CLASS_2039, 7200);
        order.validUntil = uint64(START + 1 days);
        bytes4 young = ICarbonMarket.BatchTooYoung.selector;
        _says(order, 1, abi.encodeWithSelector(young, hashOf(order), 0, 7200));
        vm.warp(START + 7199);
        _says(order, 1, abi.encodeWithSelector(young, hashOf(order), 7199, 7200));
        vm.warp(START + 7200);
        _goes(order, 1);
        order.classId = "another";
        order.maxFeeBp = 0;
        _says(
            order,
            1,
            abi.encodeWithSelector(
                ICarbonMarket.WrongClass.selector, hashOf(order), bytes32("another"), CLASS_2039
            )
        );
        // What is no batch has no class.
        bytes memory call =
            abi.encodeCall(market.fill, (order, signOrder(1, order), batchId + 1, 1));
        mustRefuseWith(
            people[5],
            address(market),
            call,
            abi.encodeWithSelector(
                ICarbonMarket.WrongClass.selector, hashOf(order), bytes32("another"), bytes32(0)
            )
        );
        order.batchId = batchId;
        _says(order, 1, abi.encodeWithSelector(ICarbonMarket.BatchOrClass.selector, hashOf(order)));
    }

    function test_a_batch_issued_within_an_hour_is_of_no_age() external {
        vm.warp(START + 1);
        uint256 id = _mustIssue(FLEET, JANUARY - 2, 0, 4);
        Order memory order = _sell();
        (order.batchId, order.classId, order.minAgeS) = (0, CLASS_2039, 1);
        order.validUntil = uint64(START + 1 days);
        bytes memory call = abi.encodeCall(market.fill, (order, signOrder(1, order), id, 1));
        bytes memory young =
            abi.encodeWithSelector(ICarbonMarket.BatchTooYoung.selector, hashOf(order), 0, 1);
        mustRefuseWith(people[5], address(market), call, young);
        vm.warp(START + 3600);
        mustRefuseWith(people[5], address(market), call, young);
        vm.warp(START + 3601);
        vm.prank(people[5]);
        (bool done,) = address(market).call(call);
        claimThat(done, "a second old");
    }

    function test_an_order_lives_from_its_second_to_its_last() external {
        Order memory order = _sell();
        (order.signedAt, order.validUntil) = (uint64(START + 10), uint64(START + 20));
        vm.warp(START + 9);
        _says(
            order,
            1,
            abi.encodeWithSelector(
                ICarbonMarket.OrderFromFuture.selector, hashOf(order), START + 10, START + 9
            )
        );
        vm.warp(START + 10);
        _goes(order, 1);
        vm.warp(START + 20);
        _goes(order, 1);
        vm.warp(START + 21);
        _says(
            order,
            1,
            abi.encodeWithSelector(
                ICarbonMarket.OrderExpired.selector, hashOf(order), START + 20, START + 21
            )
        );
    }

    function test_cancel_all_ends_what_was_signed_up_to_now() external {
        Order memory order = _sell();
        order.validUntil = uint64(START + 1 days);
        vm.prank(people[0]);
        market.cancelAll();
        claimEqual(market.cancelledUpTo(people[0]), START, "up to now");
        claimEqual(market.cancelledUpTo(people[1]), 0, "of nobody else");
        _says(
            order, 1, abi.encodeWithSelector(ICarbonMarket.OrderIsCancelled.selector, hashOf(order))
        );
        vm.warp(START + 1);
        order.signedAt = uint64(START + 1);
        _goes(order, 1);
    }

    function test_cancel_all_takes_times_of_any_century() external {
        vm.warp(uint256(type(uint32).max) + 5);
        vm.prank(people[0]);
        market.cancelAll();
        claimEqual(market.cancelledUpTo(people[0]), uint256(type(uint32).max) + 5, "up to now");
    }

    function test_many_orders_are_cancelled_at_once_and_only_the_senders() external {
        Order memory order = _sell();
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = ("one", hashOf(order));
        vm.prank(people[1]);
        market.cancel(hashes);
        _goes(order, 1);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(market));
            emit ICarbonMarket.OrderCancelled(people[0], hashes[i]);
        }
        vm.prank(people[0]);
        market.cancel(hashes);
        Fill memory shown = market.fillOf(people[0], hashes[1]);
        claimThat(shown.cancelled, "cancelled");
        claimEqual(shown.filledG, 1, "what was filled stays");
        claimThat(market.fillOf(people[0], "one").cancelled, "the other too");
        _says(order, 1, abi.encodeWithSelector(ICarbonMarket.OrderIsCancelled.selector, hashes[1]));
        // The forwarder cancels for who asked it.
        vm.prank(FORWARDER);
        hashes[0] = "two";
        (bool done,) = address(market)
            .call(abi.encodePacked(abi.encodeCall(market.cancel, (hashes)), people[3]));
        claimThat(done && market.fillOf(people[3], "two").cancelled, "relayed");
    }

    function test_the_fee_is_what_was_promised_at_most() external {
        Order memory order = _sell();
        vm.prank(ADMIN);
        market.setFee(FEE_BPS + 1, FEE_BOX);
        _says(
            order,
            1,
            abi.encodeWithSelector(
                ICarbonMarket.FeeTooHigh.selector, hashOf(order), FEE_BPS + 1, FEE_BPS
            )
        );
        order.maxFeeBp = FEE_BPS + 1;
        _goes(order, 1);
    }

    function test_fees_are_set_by_the_owner_within_the_cap() external {
        vm.prank(ADMIN);
        market.setFee(0, stranger);
        claimEqual(market.feeBps(), 0, "none");
        claimThat(market.feeTo() == stranger, "whose it would be");
        mustRefuseWith(
            ADMIN,
            address(market),
            abi.encodeCall(market.setFee, (501, address(0))),
            abi.encodeWithSelector(ICarbonMarket.ZeroAddress.selector)
        );
        mustRefuseWith(
            ADMIN,
            address(market),
            abi.encodeCall(market.setFee, (501, stranger)),
            abi.encodeWithSelector(ICarbonMarket.FeeAboveCap.selector, 501, 500)
        );
        mustRefuseWith(
            stranger,
            address(market),
            abi.encodeCall(market.setFee, (501, address(0))),
            abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", stranger)
        );
    }

    function test_who_trades_must_be_two() external {
        Order memory order = _sell();
        bytes memory call = _fill(order, 1);
        mustRefuseWith(
            people[0],
            address(market),
            call,
            abi.encodeWithSelector(ICarbonMarket.SelfTrade.selector, people[0])
        );
        claimEqual(market.fillOf(people[0], hashOf(order)).filledG, 0, "nothing was filled");
    }

    function test_a_batch_that_does_not_move_is_not_sold() external {
        vm.prank(GUARDIAN);
        bank.freeze(batchId, "doubt");
        _says(
            _sell(),
            1,
            abi.encodeWithSelector(ICarbonBank.BatchNotActive.selector, batchId, Status.Frozen)
        );
    }
}
