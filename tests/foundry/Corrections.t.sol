// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch, ICarbonBank, Payout, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {Acts} from "./Acts.sol";

/// @notice Freezes and corrections at their limits, and what several sources give.
contract CorrectionsTest is Acts {
    uint256 private id;
    uint256 private other;
    uint256 private third;

    function setUp() public override {
        super.setUp();
        id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        other = _mustIssue(FLEET, JANUARY - 2, 0, 2);
        third = _mustIssue(FLEET, JANUARY - 3, 0, 2);
    }

    function _says(address sender, bytes memory call, bytes memory refusal) private {
        mustRefuseWith(sender, address(bank), call, refusal);
    }

    function _freeze(uint256 batchId) private {
        vm.prank(GUARDIAN);
        bank.freeze(batchId, "doubt");
    }

    function _disprove(uint256 batchId, bytes32 proofId) private {
        vm.prank(CHALLENGER);
        bank.disprove(batchId, proofId);
    }

    function _two() private view returns (uint256[] memory sources) {
        sources = new uint256[](2);
        (sources[0], sources[1]) = (other, third);
    }

    function _frozen(uint256 since, uint256 until) private view {
        Batch memory shown = bank.batch(id);
        claimEqual(shown.frozenSince, since, "since");
        claimEqual(shown.frozenUntil, until, "until");
    }

    // --- freezes ---------------------------------------------------------------------------------

    function test_a_freeze_ends_after_30_days_for_whoever_asks() external {
        _freeze(id);
        _frozen(START, START + 30 days);
        vm.warp(START + 30 days - 1);
        bytes memory unfreeze = abi.encodeCall(bank.unfreeze, (id));
        _says(
            stranger,
            unfreeze,
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", stranger, keccak256("GUARDIAN")
            )
        );
        vm.warp(START + 30 days);
        vm.prank(stranger);
        bank.unfreeze(id);
        _stands(id, Status.Active);
        _frozen(0, 0);
        _says(
            stranger,
            unfreeze,
            abi.encodeWithSelector(ICarbonBank.BatchNotFrozen.selector, id, Status.Active)
        );
    }

    function test_a_freeze_that_is_said_again_lasts_longer_but_began_when_it_began() external {
        _freeze(id);
        vm.warp(START + 6 days);
        _freeze(id);
        _frozen(START, START + 36 days);
        vm.warp(START + 7 days - 1);
        bytes memory cancel = abi.encodeCall(bank.cancel, (id, "wrong"));
        _says(
            GUARDIAN,
            cancel,
            abi.encodeWithSelector(
                ICarbonBank.BatchNotCancellable.selector, id, Status.Frozen, 7 days - 1
            )
        );
        vm.warp(START + 7 days);
        vm.prank(GUARDIAN);
        bank.cancel(id, "wrong");
        _stands(id, Status.Cancelled);
        _frozen(0, 0);
        _says(
            GUARDIAN,
            cancel,
            abi.encodeWithSelector(
                ICarbonBank.BatchNotCancellable.selector, id, Status.Cancelled, 0
            )
        );
    }

    function test_what_moves_can_not_be_cancelled() external {
        vm.warp(START + 90 days);
        _says(
            GUARDIAN,
            abi.encodeCall(bank.cancel, (id, "wrong")),
            abi.encodeWithSelector(ICarbonBank.BatchNotCancellable.selector, id, Status.Active, 0)
        );
    }

    function test_a_proof_freezes_once_and_never_shortens_a_freeze() external {
        _freeze(id);
        vm.warp(START + 3 days);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchFrozen(
            id, uint64(START + 33 days), "proven: one vehicle, two batches, one time"
        );
        vm.prank(CHALLENGER);
        bank.freezeProven(id, "fact");
        _frozen(START, START + 33 days);
        vm.prank(CHALLENGER);
        bank.freezeProven(other, "fact");
        claimEqual(bank.batch(other).frozenSince, START + 3 days, "the other since now");
        claimEqual(bank.batch(other).frozenUntil, START + 33 days, "until as long");
        bytes memory settled =
            abi.encodeWithSelector(ICarbonBank.ProofSettled.selector, bytes32("fact"));
        _says(CHALLENGER, abi.encodeCall(bank.freezeProven, (id, "fact")), settled);
        _says(CHALLENGER, abi.encodeCall(bank.disprove, (id, "fact")), settled);
        _disprove(id, "worse");
        // Settled is said before what the batch is.
        _says(CHALLENGER, abi.encodeCall(bank.freezeProven, (id, "fact")), settled);
        _says(CHALLENGER, abi.encodeCall(bank.disprove, (id, "fact")), settled);
        _says(
            CHALLENGER,
            abi.encodeCall(bank.freezeProven, (id, "third")),
            abi.encodeWithSelector(ICarbonBank.BatchNotActive.selector, id, Status.Disproven)
        );
    }

    function test_nothing_stops_what_is_disproven_or_cancelled() external {
        _freeze(id);
        _disprove(id, "fact");
        _frozen(0, 0);
        _says(
            GUARDIAN,
            abi.encodeCall(bank.freeze, (id, "")),
            abi.encodeWithSelector(ICarbonBank.BatchNotActive.selector, id, Status.Disproven)
        );
        _says(
            stranger,
            abi.encodeCall(bank.unfreeze, (id)),
            abi.encodeWithSelector(ICarbonBank.BatchNotFrozen.selector, id, Status.Disproven)
        );
        vm.prank(GUARDIAN);
        bank.cancel(id, "wrong");
        _says(
            CHALLENGER,
            abi.encodeCall(bank.disprove, (id, "worse")),
            abi.encodeWithSelector(ICarbonBank.BatchNotDisprovable.selector, id, Status.Cancelled)
        );
    }

    function test_nothing_moves_while_a_batch_is_stopped() external {
        _freeze(id);
        bytes memory refusal =
            abi.encodeWithSelector(ICarbonBank.BatchNotActive.selector, id, Status.Frozen);
        (Payout memory payout, bytes32[] memory proof) = proofOf(300, 0);
        uint256[] memory ids = new uint256[](2);
        uint256[] memory values = new uint256[](2);
        (ids[0], ids[1], values[0], values[1]) = (other, id, 1, 1);
        address holder = people[0];
        _says(holder, abi.encodeCall(bank.claim, (id, payout, proof)), refusal);
        _says(
            holder,
            abi.encodeCall(bank.claimMany, (id, new Payout[](1), new bytes32[][](0))),
            refusal
        );
        _says(holder, abi.encodeCall(bank.retire, (id, 0, "", "")), refusal);
        _says(holder, abi.encodeCall(bank.retireFrom, (holder, id, 0, "", "")), refusal);
        bytes memory move = abi.encodeCall(bank.safeTransferFrom, (holder, stranger, id, 1, ""));
        _says(holder, move, refusal);
        _says(
            holder,
            abi.encodeCall(bank.safeBatchTransferFrom, (holder, stranger, ids, values, "")),
            refusal
        );
        claimEqual(bank.balanceOf(holder, id), 600, "it is still there");
    }

    // --- corrections -----------------------------------------------------------------------------

    function test_a_correction_takes_from_its_own_buffer_and_then_from_the_sources() external {
        _disprove(id, "fact");
        bytes4 lacking = ICarbonBank.ExcessNotCovered.selector;
        _says(
            GUARDIAN,
            abi.encodeCall(bank.correct, (id, 301, _two(), "")),
            abi.encodeWithSelector(lacking, id, 301, 300)
        );
        _says(
            GUARDIAN,
            abi.encodeCall(bank.correct, (id, 101, none, "")),
            abi.encodeWithSelector(lacking, id, 101, 100)
        );
        _says(
            GUARDIAN,
            abi.encodeCall(bank.correct, (id, 0, _two(), "")),
            abi.encodeWithSelector(ICarbonBank.ZeroAmount.selector)
        );
        claimEqual(bank.batch(other).bufferG, 100, "nothing was taken");
        uint256[3] memory sources = [id, other, third];
        uint64[3] memory takenG = [uint64(100), 100, 50];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(bank));
            emit ICarbonBank.BufferCancelled(id, sources[i], takenG[i]);
        }
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchCorrected(id, 250, "excess");
        vm.prank(GUARDIAN);
        bank.correct(id, 250, _two(), "excess");
        for (uint256 i = 0; i < 3; ++i) {
            Batch memory shown = bank.batch(sources[i]);
            claimEqual(shown.bufferG, 100 - takenG[i], "what is left");
            claimEqual(shown.cancelledG, takenG[i], "cancelled");
            claimEqual(shown.heldG, 600, "holders keep theirs");
            claimEqual(shown.claimableG, 300, "drivers too");
            claimEqual(shown.issuedG, 1000, "issued stays");
            _stands(sources[i], Status.Active);
        }
        // Twice taken adds up.
        _disprove(id, "second");
        vm.prank(GUARDIAN);
        bank.correct(id, 20, _two(), "");
        claimEqual(bank.batch(third).cancelledG, 70, "both times");
        claimEqual(bank.batch(other).cancelledG, 100, "an empty buffer gives nothing");
        claimEqual(bank.batch(id).cancelledG, 100, "nor does its own");
        _says(
            CHALLENGER,
            abi.encodeCall(bank.disprove, (id, "fact")),
            abi.encodeWithSelector(ICarbonBank.ProofSettled.selector, bytes32("fact"))
        );
    }

    function test_a_correction_that_its_own_buffer_covers_asks_no_source_for_any() external {
        _disprove(id, "fact");
        vm.recordLogs();
        vm.prank(GUARDIAN);
        bank.correct(id, 100, _two(), "");
        // Its own buffer gave and the batch is corrected: who gives nothing is not told of.
        claimEqual(vm.getRecordedLogs().length, 2, "events");
        claimEqual(bank.batch(id).bufferG, 0, "all of its own");
        claimEqual(bank.batch(other).bufferG, 100, "none of another");
        claimEqual(bank.batch(other).cancelledG, 0, "nothing cancelled there");
    }

    function test_sources_must_be_active() external {
        _disprove(id, "fact");
        _freeze(third);
        _says(
            GUARDIAN,
            abi.encodeCall(bank.correct, (id, 1, _two(), "")),
            abi.encodeWithSelector(ICarbonBank.BatchNotActive.selector, third, Status.Frozen)
        );
        uint256[] memory sources = new uint256[](1);
        sources[0] = id;
        _says(
            GUARDIAN,
            abi.encodeCall(bank.correct, (id, 1, sources, "")),
            abi.encodeWithSelector(ICarbonBank.BatchNotActive.selector, id, Status.Disproven)
        );
        sources[0] = 7;
        _says(
            GUARDIAN,
            abi.encodeCall(bank.correct, (id, 1, sources, "")),
            abi.encodeWithSelector(ICarbonBank.BatchNotFound.selector, 7)
        );
        _says(
            GUARDIAN,
            abi.encodeCall(bank.correct, (other, 0, none, "")),
            abi.encodeWithSelector(ICarbonBank.BatchNotDisproven.selector, other, Status.Active)
        );
    }

    // --- cancelling and replacing ----------------------------------------------------------------

    /// @dev 130 g of it are retired, 600 - 130 held, 300 claimable, 100 of buffer.
    function _cancelled() private {
        vm.prank(people[0]);
        bank.retire(id, 130, "", "");
        _disprove(id, "fact");
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchCancelled(id, 870, "wrong");
        vm.prank(GUARDIAN);
        bank.cancel(id, "wrong");
    }

    function test_a_cancelled_batch_keeps_what_was_retired_and_nothing_else() external {
        _cancelled();
        Batch memory shown = bank.batch(id);
        claimEqual(shown.issuedG, 1000, "issued");
        claimEqual(shown.retiredG, 130, "retired");
        claimEqual(shown.cancelledG, 870, "cancelled");
        claimEqual(shown.unreplacedG, 130, "unreplaced");
        claimEqual(shown.claimableG + shown.bufferG + shown.heldG, 0, "nothing else");
        claimEqual(bank.balanceOf(people[0], id), 0, "nobody holds any");
        claimEqual(bank.balanceOf(people[0], other), 600, "of it alone");
    }

    function test_retirements_are_replaced_by_one_source_after_the_other() external {
        _cancelled();
        vm.prank(people[0]);
        bank.retire(third, 11, "", "");
        vm.expectEmit(address(bank));
        emit ICarbonBank.RetirementReplaced(id, other, 1, 100, 1, 100);
        vm.expectEmit(address(bank));
        emit ICarbonBank.RetirementReplaced(id, third, 101, 130, 12, 41);
        bytes memory replace = abi.encodeCall(bank.replaceFromBuffer, (id, _two()));
        vm.prank(GUARDIAN);
        (bool done,) = address(bank).call(replace);
        claimThat(done, "replaced");
        claimEqual(bank.batch(id).unreplacedG, 0, "all");
        claimEqual(bank.batch(other).bufferG, 0, "given");
        claimEqual(bank.batch(other).retiredG, 100, "retired there");
        claimEqual(bank.batch(third).bufferG, 70, "what was needed");
        claimEqual(bank.batch(third).retiredG, 41, "on top of its own");
        claimEqual(bank.batch(third).heldG, 589, "holders keep theirs");
        _says(GUARDIAN, replace, abi.encodeWithSelector(ICarbonBank.NothingToReplace.selector, id));
        // Its holders retire on behind what was retired in its buffer's name.
        vm.expectEmit(address(bank));
        emit ICarbonBank.CreditsRetired(3, third, people[0], 2, 42, 43, "", "");
        vm.prank(people[0]);
        bank.retire(third, 2, "", "");
    }

    function test_what_is_not_replaced_now_may_be_later() external {
        _cancelled();
        uint256[] memory sources = new uint256[](2);
        (sources[0], sources[1]) = (other, other);
        vm.prank(GUARDIAN);
        bank.replaceFromBuffer(id, sources);
        claimEqual(bank.batch(id).unreplacedG, 30, "the second time it had none");
        claimEqual(bank.batch(other).retiredG, 100, "once");
        _freeze(third);
        _says(
            GUARDIAN,
            abi.encodeCall(bank.replaceFromBuffer, (id, _two())),
            abi.encodeWithSelector(ICarbonBank.BatchNotActive.selector, third, Status.Frozen)
        );
        vm.prank(GUARDIAN);
        bank.unfreeze(third);
        vm.expectEmit(address(bank));
        emit ICarbonBank.RetirementReplaced(id, third, 101, 130, 1, 30);
        vm.prank(GUARDIAN);
        bank.replaceFromBuffer(id, _two());
        claimEqual(bank.batch(third).bufferG, 70, "the rest");
        _says(
            GUARDIAN,
            abi.encodeCall(bank.replaceFromBuffer, (other, _two())),
            abi.encodeWithSelector(ICarbonBank.BatchNotCancelled.selector, other, Status.Active)
        );
    }
}
