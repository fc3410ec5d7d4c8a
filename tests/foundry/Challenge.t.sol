// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {
    ICarbonChallenge,
    Kind,
    Leaf,
    LeafProof
} from "../../contracts/interfaces/ICarbonChallenge.sol";
import {Contest} from "./Contest.sol";

contract ChallengeTest is Contest {
    // --- order -----------------------------------------------------------------------------------

    function _order(Leaf[] memory leaves, uint64 a, uint64 b) private view returns (bytes memory) {
        return abi.encodeCall(
            challenge.challengeOrder,
            (claimOver(leaves, JANUARY - 1), proofIn(leaves, a), proofIn(leaves, b))
        );
    }

    function test_an_honest_order_can_not_be_challenged() external {
        Leaf[] memory leaves = honest();
        uint256 id = idOf(issueOver(leaves));
        for (uint64 a = 0; a < 5; ++a) {
            for (uint64 b = 0; b < 5; ++b) {
                bytes memory refusal = a < b
                    ? abi.encodeWithSelector(ICarbonChallenge.LeavesInOrder.selector, id, a, b)
                    : abi.encodeWithSelector(ICarbonChallenge.IndicesNotAscending.selector, a, b);
                fails(_order(leaves, a, b), id, refusal);
            }
        }
    }

    function test_two_leaves_out_of_order_disprove() external {
        Leaf[] memory leaves = honest();
        leaves[1].startAt = DECEMBER_AT + 3599;
        uint256 id = idOf(issueOver(leaves));
        disproves(_order(leaves, 0, 1), id, Kind.Order, 0, 1);
        afresh();
        leaves = honest();
        leaves[4].vehicleIndex = 2;
        id = idOf(issueOver(leaves));
        disproves(_order(leaves, 3, 4), id, Kind.Order, 3, 4);
    }

    function test_both_leaves_of_an_order_must_be_there() external {
        Leaf[] memory leaves = honest();
        leaves[1].startAt = DECEMBER_AT + 3599;
        BatchClaim memory made = issueOver(leaves);
        uint256 id = idOf(made);
        (LeafProof memory a, LeafProof memory b) = (proofIn(leaves, 0), proofIn(leaves, 1));
        a.leaf.runningG += 1;
        _missing(abi.encodeCall(challenge.challengeOrder, (made, a, b)), id, 0);
        a.leaf.runningG -= 1;
        b.leaf.runningG += 1;
        _missing(abi.encodeCall(challenge.challengeOrder, (made, a, b)), id, 1);
        // What is asked of the indices comes first.
        fails(
            abi.encodeCall(challenge.challengeOrder, (made, b, a)),
            id,
            abi.encodeWithSelector(ICarbonChallenge.IndicesNotAscending.selector, 1, 0)
        );
    }

    function _missing(bytes memory call, uint256 id, uint64 index) private {
        fails(call, id, abi.encodeWithSelector(ICarbonChallenge.BadLeafProof.selector, id, index));
    }

    // --- time ------------------------------------------------------------------------------------

    function _time(uint64 startAt, uint64 endAt) private returns (bytes memory call, uint256 id) {
        afresh();
        Leaf[] memory leaves = honest();
        (leaves[2].startAt, leaves[2].endAt) = (startAt, endAt);
        BatchClaim memory made = issueOver(leaves);
        return (abi.encodeCall(challenge.challengeTime, (made, proofIn(leaves, 2))), idOf(made));
    }

    function _inTime(uint64 startAt, uint64 endAt) private {
        (bytes memory call, uint256 id) = _time(startAt, endAt);
        fails(
            call,
            id,
            abi.encodeWithSelector(ICarbonChallenge.LeafInTime.selector, id, 2, JANUARY - 1)
        );
    }

    function _outOfTime(uint64 startAt, uint64 endAt) private {
        (bytes memory call, uint256 id) = _time(startAt, endAt);
        disproves(call, id, Kind.Time, 2, 0);
    }

    function test_a_trip_begins_in_the_month_and_ends_a_day_after_it_at_most() external {
        _inTime(DECEMBER_AT, DECEMBER_AT + 1);
        _inTime(JANUARY_AT - 1, JANUARY_AT);
        _inTime(JANUARY_AT - 1, JANUARY_AT + 1 days);
        _inTime(DECEMBER_AT, JANUARY_AT + 1 days);
        _outOfTime(DECEMBER_AT - 1, DECEMBER_AT + 1);
        _outOfTime(JANUARY_AT, JANUARY_AT + 1);
        _outOfTime(JANUARY_AT - 1, JANUARY_AT + 1 days + 1);
        _outOfTime(DECEMBER_AT, type(uint64).max);
    }

    function test_a_trip_takes_time() external {
        _outOfTime(DECEMBER_AT + 5, DECEMBER_AT + 5);
        _outOfTime(DECEMBER_AT + 5, DECEMBER_AT + 4);
        _outOfTime(DECEMBER_AT + 5, 0);
        _outOfTime(0, 1);
    }

    function test_a_leaf_out_of_time_must_be_there() external {
        Leaf[] memory leaves = honest();
        BatchClaim memory made = issueOver(leaves);
        LeafProof memory a = proofIn(leaves, 2);
        a.leaf.endAt = 0;
        _missing(abi.encodeCall(challenge.challengeTime, (made, a)), idOf(made), 2);
    }

    // --- vehicle ---------------------------------------------------------------------------------

    function _vehicle(uint32 vehicleIndex) private returns (bytes memory call, uint256 id) {
        afresh();
        Leaf[] memory leaves = honest();
        leaves[4].vehicleIndex = vehicleIndex;
        BatchClaim memory made = claimOver(leaves, JANUARY - 1);
        (uint24[] memory words, uint256[] memory bits) = (new uint24[](2), new uint256[](2));
        (words[0], words[1], bits[0], bits[1]) = (0, 1, 14, 1);
        made.vehiclesHash = keccak256(abi.encode(words, bits));
        bytes memory signature = signClaim(VERIFIER_KEY, made);
        (bool done,) = tryIssue(abi.encodeCall(bank.issue, (made, words, bits, signature)));
        claimThat(done, "issued");
        call = abi.encodeCall(challenge.challengeVehicle, (made, proofIn(leaves, 4), words, bits));
        return (call, idOf(made));
    }

    function test_a_vehicle_that_was_claimed_can_not_be_challenged() external {
        uint32[4] memory claimed = [uint32(1), 2, 3, 256];
        for (uint256 i = 0; i < 4; ++i) {
            (bytes memory call, uint256 id) = _vehicle(claimed[i]);
            fails(
                call,
                id,
                abi.encodeWithSelector(ICarbonChallenge.VehicleIsClaimed.selector, id, claimed[i])
            );
        }
    }

    function test_a_vehicle_that_was_not_claimed_disproves() external {
        // Unclaimed bits of claimed words, claimed bits of other words, and no word at all.
        uint32[7] memory others = [uint32(0), 4, 257, 258, 512, 513, type(uint32).max];
        for (uint256 i = 0; i < 7; ++i) {
            (bytes memory call, uint256 id) = _vehicle(others[i]);
            disproves(call, id, Kind.Vehicle, 4, 0);
        }
    }

    function test_the_vehicles_of_a_challenge_are_those_that_were_claimed() external {
        Leaf[] memory leaves = honest();
        leaves[4].vehicleIndex = 9;
        BatchClaim memory made = issueOver(leaves);
        uint256 id = idOf(made);
        (uint24[] memory words, uint256[] memory bits) = _words(0, 6);
        LeafProof memory a = proofIn(leaves, 4);
        a.leaf.runningG = 1;
        bytes32 shown = keccak256(abi.encode(words, bits));
        fails(
            abi.encodeCall(challenge.challengeVehicle, (made, a, words, bits)),
            id,
            abi.encodeWithSelector(
                ICarbonBank.VehiclesHashMismatch.selector, made.vehiclesHash, shown
            )
        );
        bits[0] = 14;
        _missing(abi.encodeCall(challenge.challengeVehicle, (made, a, words, bits)), id, 4);
    }

    // --- totals ----------------------------------------------------------------------------------

    function test_honest_totals_hold() external {
        Leaf[] memory leaves = honest();
        BatchClaim memory made = issueOver(leaves);
        uint256 id = idOf(made);
        bytes4 holds = ICarbonChallenge.TotalHolds.selector;
        fails(
            abi.encodeCall(challenge.challengeFirstTotal, (made, proofIn(leaves, 0))),
            id,
            abi.encodeWithSelector(holds, id, 0, 400)
        );
        fails(
            abi.encodeCall(challenge.challengeLastTotal, (made, proofIn(leaves, 4))),
            id,
            abi.encodeWithSelector(holds, id, 4, 1000)
        );
        for (uint64 i = 1; i < 5; ++i) {
            fails(
                _running(made, leaves, i - 1, i),
                id,
                abi.encodeWithSelector(holds, id, i, leaves[i].runningG)
            );
        }
    }

    function _running(BatchClaim memory made, Leaf[] memory leaves, uint64 a, uint64 b)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            challenge.challengeRunningTotal, (made, proofIn(leaves, a), proofIn(leaves, b))
        );
    }

    function test_totals_are_asked_of_the_right_leaves() external {
        Leaf[] memory leaves = honest();
        BatchClaim memory made = issueOver(leaves);
        uint256 id = idOf(made);
        for (uint64 a = 0; a < 5; ++a) {
            LeafProof memory proof = proofIn(leaves, a);
            if (a != 0) {
                fails(
                    abi.encodeCall(challenge.challengeFirstTotal, (made, proof)),
                    id,
                    abi.encodeWithSelector(ICarbonChallenge.NotFirstLeaf.selector, a)
                );
            }
            if (a != 4) {
                fails(
                    abi.encodeCall(challenge.challengeLastTotal, (made, proof)),
                    id,
                    abi.encodeWithSelector(ICarbonChallenge.NotLastLeaf.selector, a, 4)
                );
            }
            for (uint64 b = 0; b < 5; ++b) {
                if (b == a + 1) continue;
                fails(
                    _running(made, leaves, a, b),
                    id,
                    abi.encodeWithSelector(ICarbonChallenge.NotNeighbours.selector, a, b)
                );
            }
        }
    }

    function test_a_first_total_that_is_not_the_first_reduction_disproves() external {
        int64[3] memory totals = [int64(399), 401, -400];
        for (uint256 i = 0; i < 3; ++i) {
            afresh();
            Leaf[] memory leaves = honest();
            leaves[0].runningG = totals[i];
            BatchClaim memory made = issueOver(leaves);
            bytes memory call =
                abi.encodeCall(challenge.challengeFirstTotal, (made, proofIn(leaves, 0)));
            disproves(call, idOf(made), Kind.FirstTotal, 0, 0);
        }
    }

    function test_a_running_total_that_is_no_sum_disproves() external {
        int64[4] memory totals = [int64(349), 351, 450, type(int64).min];
        for (uint256 i = 0; i < 4; ++i) {
            afresh();
            Leaf[] memory leaves = honest();
            leaves[1].runningG = totals[i];
            BatchClaim memory made = issueOver(leaves);
            disproves(_running(made, leaves, 0, 1), idOf(made), Kind.RunningTotal, 1, 0);
        }
    }

    function test_a_running_total_that_overflowed_disproves() external {
        Leaf[] memory leaves = honest();
        (leaves[0].runningG, leaves[1].reductionG) = (type(int64).max, 1);
        leaves[1].runningG = type(int64).min;
        BatchClaim memory made = issueOver(leaves);
        disproves(_running(made, leaves, 0, 1), idOf(made), Kind.RunningTotal, 1, 0);
    }

    function test_a_last_total_that_is_not_what_was_issued_disproves() external {
        int64[6] memory totals = [int64(999), 1001, 600, 900, 700, -1000];
        for (uint256 i = 0; i < 6; ++i) {
            afresh();
            Leaf[] memory leaves = honest();
            leaves[4].runningG = totals[i];
            BatchClaim memory made = issueOver(leaves);
            bytes memory call =
                abi.encodeCall(challenge.challengeLastTotal, (made, proofIn(leaves, 4)));
            disproves(call, idOf(made), Kind.LastTotal, 4, 0);
        }
    }

    function test_leaves_with_other_totals_must_be_there() external {
        Leaf[] memory leaves = honest();
        BatchClaim memory made = issueOver(leaves);
        uint256 id = idOf(made);
        LeafProof memory a = proofIn(leaves, 0);
        LeafProof memory b = proofIn(leaves, 1);
        LeafProof memory last = proofIn(leaves, 4);
        (a.leaf.runningG, b.leaf.runningG, last.leaf.runningG) = (1, 2, 3);
        _missing(abi.encodeCall(challenge.challengeFirstTotal, (made, a)), id, 0);
        _missing(abi.encodeCall(challenge.challengeLastTotal, (made, last)), id, 4);
        _missing(abi.encodeCall(challenge.challengeRunningTotal, (made, a, b)), id, 0);
        a.leaf.runningG = 400;
        _missing(abi.encodeCall(challenge.challengeRunningTotal, (made, a, b)), id, 1);
    }

    // --- what the bank says first ----------------------------------------------------------------

    function test_a_batch_that_is_not_there_is_no_ones_to_challenge() external {
        Leaf[] memory leaves = honest();
        BatchClaim memory made = claimOver(leaves, JANUARY - 1);
        LeafProof memory a = proofIn(leaves, 1);
        bytes memory refusal =
            abi.encodeWithSelector(ICarbonBank.BatchNotFound.selector, idOf(made));
        // Whatever else is wrong: leaves, indices and vehicles are looked at later.
        bytes[6] memory calls = [
            abi.encodeCall(challenge.challengeOrder, (made, a, a)),
            abi.encodeCall(challenge.challengeTime, (made, a)),
            abi.encodeCall(
                challenge.challengeVehicle, (made, a, new uint24[](0), new uint256[](0))
            ),
            abi.encodeCall(challenge.challengeFirstTotal, (made, a)),
            abi.encodeCall(challenge.challengeLastTotal, (made, a)),
            abi.encodeCall(challenge.challengeRunningTotal, (made, a, a))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            mustRefuseWith(stranger, address(challenge), calls[i], refusal);
        }
    }

    function test_a_fact_that_was_settled_disproves_no_more_but_another_does() external {
        Leaf[] memory leaves = honest();
        (leaves[0].runningG, leaves[4].runningG) = (1, 2);
        BatchClaim memory made = issueOver(leaves);
        uint256 id = idOf(made);
        bytes memory first =
            abi.encodeCall(challenge.challengeFirstTotal, (made, proofIn(leaves, 0)));
        LeafProof memory proof = proofIn(leaves, 4);
        bytes memory last = abi.encodeCall(challenge.challengeLastTotal, (made, proof));
        disproves(first, id, Kind.FirstTotal, 0, 0);
        fails(
            last,
            id,
            abi.encodeWithSelector(ICarbonBank.BatchNotDisprovable.selector, id, Status.Disproven)
        );
        vm.prank(GUARDIAN);
        bank.correct(id, 1, none, "");
        bytes32 proofId = keccak256(abi.encode(Kind.FirstTotal, id, uint256(0), uint256(0)));
        fails(first, id, abi.encodeWithSelector(ICarbonBank.ProofSettled.selector, proofId));
        disproves(last, id, Kind.LastTotal, 4, 0);
    }
}
