// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank, Payout, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {
    ICarbonChallenge,
    Kind,
    Leaf,
    LeafProof
} from "../../contracts/interfaces/ICarbonChallenge.sol";
import {Contest} from "./Contest.sol";

/// @notice Payouts that contradict each other, and batches that do.
contract ContradictionsTest is Contest {
    // --- payouts ---------------------------------------------------------------------------------

    function _pays(uint256 index, uint256 fromG, uint256 amountG)
        private
        view
        returns (Payout memory)
    {
        return Payout(index, people[2 + index % 2], fromG, amountG);
    }

    /// @dev The two are challenged in both orders; both name the same fact.
    function _clash(Payout memory a, Payout memory b) private {
        for (uint256 turn = 0; turn < 2; ++turn) {
            afresh();
            (BatchClaim memory made, bytes32[] memory proofA, bytes32[] memory proofB) =
                issuePaying(a, b);
            (uint256 low, uint256 high) = (uint256(leafOf(a)), uint256(leafOf(b)));
            if (low > high) (low, high) = (high, low);
            bytes memory call = turn == 0
                ? abi.encodeCall(challenge.challengePayouts, (made, a, proofA, b, proofB))
                : abi.encodeCall(challenge.challengePayouts, (made, b, proofB, a, proofA));
            disproves(call, idOf(made), Kind.Payouts, low, high);
        }
    }

    function _apart(Payout memory a, Payout memory b) private {
        for (uint256 turn = 0; turn < 2; ++turn) {
            afresh();
            (BatchClaim memory made, bytes32[] memory proofA, bytes32[] memory proofB) =
                issuePaying(a, b);
            uint256 id = idOf(made);
            bytes4 refusal = ICarbonChallenge.PayoutsApart.selector;
            if (turn == 0) {
                fails(
                    abi.encodeCall(challenge.challengePayouts, (made, a, proofA, b, proofB)),
                    id,
                    abi.encodeWithSelector(refusal, id, a.index, b.index)
                );
            } else {
                fails(
                    abi.encodeCall(challenge.challengePayouts, (made, b, proofB, a, proofA)),
                    id,
                    abi.encodeWithSelector(refusal, id, b.index, a.index)
                );
            }
        }
    }

    function test_payouts_that_share_a_gram_disprove() external {
        _clash(_pays(0, 0, 100), _pays(1, 99, 1));
        _clash(_pays(0, 0, 100), _pays(1, 0, 1));
        _clash(_pays(0, 50, 1), _pays(1, 0, 300));
        _clash(_pays(0, 0, 101), _pays(1, 100, 200));
        // Their ends are beyond all numbers.
        _clash(_pays(0, 0, type(uint256).max), _pays(1, type(uint256).max - 1, 5));
        _clash(_pays(0, type(uint256).max, type(uint256).max), _pays(1, type(uint256).max, 1));
    }

    function test_payouts_that_touch_are_apart() external {
        _apart(_pays(0, 0, 100), _pays(1, 100, 200));
        _apart(_pays(0, 0, 1), _pays(1, 299, 1));
        _apart(_pays(0, 0, type(uint256).max), _pays(1, type(uint256).max, 5));
    }

    function test_a_payout_of_nothing_shares_no_gram() external {
        _apart(_pays(0, 0, 100), _pays(1, 50, 0));
        _apart(_pays(0, 50, 0), _pays(1, 50, 0));
        _apart(_pays(0, 50, 0), _pays(1, 0, 100));
    }

    function test_two_payouts_of_one_index_disprove_wherever_they_are() external {
        _clash(_pays(7, 0, 100), _pays(7, 200, 100));
        _clash(_pays(7, 0, 0), _pays(7, 200, 0));
    }

    function test_one_payout_is_no_contradiction() external {
        Payout memory a = _pays(3, 0, 100);
        (BatchClaim memory made, bytes32[] memory proof,) = issuePaying(a, _pays(1, 100, 200));
        uint256 id = idOf(made);
        fails(
            abi.encodeCall(challenge.challengePayouts, (made, a, proof, a, proof)),
            id,
            abi.encodeWithSelector(ICarbonChallenge.SamePayout.selector, id, 3)
        );
    }

    function test_both_payouts_must_have_been_promised() external {
        Payout memory a = _pays(3, 0, 100);
        Payout memory b = _pays(4, 0, 100);
        (BatchClaim memory made, bytes32[] memory proofA, bytes32[] memory proofB) =
            issuePaying(a, b);
        uint256 id = idOf(made);
        bytes4 refusal = ICarbonBank.BadPayoutProof.selector;
        fails(
            abi.encodeCall(challenge.challengePayouts, (made, a, proofB, b, proofB)),
            id,
            abi.encodeWithSelector(refusal, id, 3)
        );
        fails(
            abi.encodeCall(challenge.challengePayouts, (made, a, proofA, b, proofA)),
            id,
            abi.encodeWithSelector(refusal, id, 4)
        );
        a.amountG = 301;
        fails(
            abi.encodeCall(challenge.challengePayoutRange, (made, a, proofA)),
            id,
            abi.encodeWithSelector(refusal, id, 3)
        );
    }

    // --- the range of payouts --------------------------------------------------------------------

    function _range(Payout memory a, bool within_) private {
        afresh();
        (BatchClaim memory made, bytes32[] memory proof,) = issuePaying(a, _pays(9, 0, 1));
        uint256 id = idOf(made);
        bytes memory call = abi.encodeCall(challenge.challengePayoutRange, (made, a, proof));
        if (within_) {
            bytes4 refusal = ICarbonChallenge.PayoutInRange.selector;
            fails(call, id, abi.encodeWithSelector(refusal, id, a.index, 300));
        } else {
            disproves(call, id, Kind.PayoutRange, uint256(leafOf(a)), 0);
        }
    }

    function test_a_payout_lies_within_the_drivers_grams() external {
        _range(_pays(2, 0, 300), true);
        _range(_pays(2, 299, 1), true);
        _range(_pays(2, 300, 0), true);
        _range(_pays(2, 0, 0), true);
        _range(_pays(2, 0, 301), false);
        _range(_pays(2, 299, 2), false);
        _range(_pays(2, 301, 0), false);
        _range(_pays(2, 300, 1), false);
        _range(_pays(2, 1, type(uint256).max), false);
        _range(_pays(2, type(uint256).max, 1), false);
    }

    // --- two batches -----------------------------------------------------------------------------

    Leaf[] private leavesA;
    Leaf[] private leavesB;

    /// @dev A batch of December with a trip of vehicle 3, and one of November.
    function _twoBatches(uint32 vehicleB, uint64 startB, uint64 endB)
        private
        returns (BatchClaim memory madeA, BatchClaim memory madeB)
    {
        afresh();
        delete leavesA;
        delete leavesB;
        for (uint256 i = 0; i < 5; ++i) {
            leavesA.push(honest()[i]);
            leavesB.push(honest()[i]);
        }
        (leavesA[4].startAt, leavesA[4].endAt) = (DECEMBER_AT + 100, DECEMBER_AT + 200);
        leavesB[3] = Leaf(vehicleB, startB, endB, 300, 900, "d");
        madeA = issueOver(leavesA);
        madeB = claimOver(leavesB, JANUARY - 2);
        issueClaim(madeB);
    }

    function _doubleCredit(BatchClaim memory madeA, BatchClaim memory madeB, bool swapped)
        private
        view
        returns (bytes memory)
    {
        (LeafProof memory a, LeafProof memory b) = (proofIn(leavesA, 4), proofIn(leavesB, 3));
        return swapped
            ? abi.encodeCall(challenge.challengeDoubleCredit, (madeB, b, madeA, a))
            : abi.encodeCall(challenge.challengeDoubleCredit, (madeA, a, madeB, b));
    }

    function _overlaps(uint64 startB, uint64 endB) private {
        for (uint256 turn = 0; turn < 2; ++turn) {
            (BatchClaim memory madeA, BatchClaim memory madeB) = _twoBatches(3, startB, endB);
            (uint256 idA, uint256 idB) = (idOf(madeA), idOf(madeB));
            bytes32 proofId = idA < idB
                ? keccak256(abi.encode(Kind.DoubleCredit, idA, uint256(4), idB, uint256(3)))
                : keccak256(abi.encode(Kind.DoubleCredit, idB, uint256(3), idA, uint256(4)));
            bytes memory call = _doubleCredit(madeA, madeB, turn == 1);
            if (turn == 0) _expectTwo(proofId, idA, idB, 4, 3);
            else _expectTwo(proofId, idB, idA, 3, 4);
            vm.prank(stranger);
            (bool done,) = address(challenge).call(call);
            claimThat(done, "one vehicle twice at one time");
            _stands(idA, Status.Frozen);
            _stands(idB, Status.Frozen);
            claimEqual(bank.batch(idA).frozenUntil, START + 30 days, "until");
            claimEqual(bank.batch(idB).frozenUntil, START + 30 days, "until");
            // It did its work: neither way round it freezes again.
            bytes memory refusal =
                abi.encodeWithSelector(ICarbonBank.ProofSettled.selector, proofId);
            fails(call, idA, refusal);
            fails(_doubleCredit(madeA, madeB, turn == 0), idA, refusal);
        }
    }

    function _expectTwo(bytes32 proofId, uint256 idA, uint256 idB, uint256 a, uint256 b) private {
        Kind kind = Kind.DoubleCredit;
        vm.expectEmit(address(challenge));
        emit ICarbonChallenge.BatchChallenged(idA, proofId, stranger, kind, a, b);
        vm.expectEmit(address(challenge));
        emit ICarbonChallenge.BatchChallenged(idB, proofId, stranger, kind, b, a);
        string memory reason = "proven: one vehicle, two batches, one time";
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchFrozen(idA, uint64(START + 30 days), reason);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchFrozen(idB, uint64(START + 30 days), reason);
    }

    function test_one_vehicle_in_two_batches_at_one_time_freezes_both() external {
        _overlaps(DECEMBER_AT + 100, DECEMBER_AT + 200);
        _overlaps(DECEMBER_AT + 199, DECEMBER_AT + 300);
        _overlaps(DECEMBER_AT + 50, DECEMBER_AT + 101);
        _overlaps(DECEMBER_AT + 120, DECEMBER_AT + 130);
        _overlaps(DECEMBER_AT, DECEMBER_AT + 900);
    }

    function test_trips_that_touch_are_apart() external {
        bytes4 refusal = ICarbonChallenge.TripsApart.selector;
        (BatchClaim memory madeA, BatchClaim memory madeB) =
            _twoBatches(3, DECEMBER_AT + 200, DECEMBER_AT + 300);
        bytes memory apart = abi.encodeWithSelector(refusal, DECEMBER_AT + 200, DECEMBER_AT + 200);
        fails(_doubleCredit(madeA, madeB, false), idOf(madeA), apart);
        fails(_doubleCredit(madeA, madeB, true), idOf(madeB), apart);
        (madeA, madeB) = _twoBatches(3, DECEMBER_AT, DECEMBER_AT + 90);
        apart = abi.encodeWithSelector(refusal, DECEMBER_AT + 90, DECEMBER_AT + 100);
        fails(_doubleCredit(madeA, madeB, false), idOf(madeA), apart);
        fails(_doubleCredit(madeA, madeB, true), idOf(madeB), apart);
    }

    function test_trips_of_two_vehicles_contradict_nothing() external {
        (BatchClaim memory madeA, BatchClaim memory madeB) =
            _twoBatches(2, DECEMBER_AT + 100, DECEMBER_AT + 200);
        bytes4 refusal = ICarbonChallenge.OtherVehicle.selector;
        fails(
            _doubleCredit(madeA, madeB, false), idOf(madeA), abi.encodeWithSelector(refusal, 3, 2)
        );
        bytes memory swapped = abi.encodeWithSelector(refusal, 2, 3);
        fails(_doubleCredit(madeA, madeB, true), idOf(madeB), swapped);
    }

    function test_a_batch_does_not_contradict_itself_so() external {
        (BatchClaim memory madeA,) = _twoBatches(3, DECEMBER_AT + 100, DECEMBER_AT + 200);
        fails(
            _doubleCredit(madeA, madeA, false),
            idOf(madeA),
            abi.encodeWithSelector(ICarbonChallenge.SameBatch.selector, idOf(madeA))
        );
    }

    function test_both_trips_must_be_there() external {
        (BatchClaim memory madeA, BatchClaim memory madeB) =
            _twoBatches(3, DECEMBER_AT + 100, DECEMBER_AT + 200);
        (LeafProof memory a, LeafProof memory b) = (proofIn(leavesA, 4), proofIn(leavesB, 3));
        bytes4 refusal = ICarbonChallenge.BadLeafProof.selector;
        b.leaf.recordHash = "other";
        fails(
            abi.encodeCall(challenge.challengeDoubleCredit, (madeA, a, madeB, b)),
            idOf(madeA),
            abi.encodeWithSelector(refusal, idOf(madeB), 3)
        );
        a.leaf.recordHash = "other";
        fails(
            abi.encodeCall(challenge.challengeDoubleCredit, (madeA, a, madeB, b)),
            idOf(madeA),
            abi.encodeWithSelector(refusal, idOf(madeA), 4)
        );
    }

    function test_a_disproven_batch_is_no_evidence_against_another() external {
        (BatchClaim memory madeA, BatchClaim memory madeB) =
            _twoBatches(3, DECEMBER_AT + 100, DECEMBER_AT + 200);
        vm.prank(CHALLENGER);
        bank.disprove(idOf(madeB), "fact");
        fails(
            _doubleCredit(madeA, madeB, false),
            idOf(madeA),
            abi.encodeWithSelector(
                ICarbonBank.BatchNotActive.selector, idOf(madeB), Status.Disproven
            )
        );
    }
}
