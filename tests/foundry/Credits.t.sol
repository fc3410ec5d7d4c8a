// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Batch,
    BatchClaim,
    ICarbonBank,
    Payout,
    Status
} from "../../contracts/interfaces/ICarbonBank.sol";
import {Acts} from "./Acts.sol";

contract CreditsTest is Acts {
    // --- issue -----------------------------------------------------------------------------------

    function test_issue_shows_all_of_a_batch() external {
        BatchClaim memory made = _claim(FLEET, JANUARY - 1, 0, 2);
        (uint24[] memory words, uint256[] memory bits) = _words(0, 2);
        uint256 id = idOf(made);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchIssued(id, FLEET, METHOD, false, made, words, bits);
        _mustIssue(FLEET, JANUARY - 1, 0, 2);
        Batch memory shown = bank.batch(id);
        claimEqual(shown.issuedG, 1000, "issued");
        claimEqual(shown.claimableG, 300, "claimable");
        claimEqual(shown.bufferG, 100, "buffer");
        claimEqual(shown.heldG, 600, "held");
        claimEqual(shown.month, JANUARY - 1, "month");
        claimEqual(shown.issuedHour, START / 3600, "hour, rounded up");
        claimThat(shown.methodologyId == METHOD && !shown.demo, "methodology");
        claimThat(bank.classOf(id) == CLASS_2039, "class");
        claimEqual(bank.balanceOf(people[0], id), 600, "operator");
        claimThat(bank.classOf(1) == 0, "no batch, no class");
        claimEqual(bank.batch(1).issuedG, 0, "no batch");
    }

    function test_issue_refuses_in_its_order() external {
        _refuseAs(GUARDIAN, _issueCall(_claim(FLEET, JANUARY - 1, 0, 2), 0, 2));
        BatchClaim memory made = _claim(FLEET, JANUARY - 1, 0, 2);
        made.fleetId = "nowhere";
        _refuseClaim(made, ICarbonBank.FleetNotFound.selector);
        made.fleetId = FLEET_B;
        _refuseClaim(made, ICarbonBank.OperatorMismatch.selector);
        made.fleetId = FLEET;
        made.methodologyId = "nothing";
        _refuseClaim(made, ICarbonBank.MethodologyNotFound.selector);
        made.methodologyId = METHOD;
        made.validUntil = uint64(START) - 1;
        _refuseClaim(made, ICarbonBank.ClaimExpired.selector);
        made.validUntil = uint64(START);
        made.month = JANUARY;
        _refuseClaim(made, ICarbonBank.MonthStillRunning.selector);
        made.month = FIRST_MONTH - 1;
        _refuseClaim(made, ICarbonBank.MonthOutOfRange.selector);
        made.month = FIRST_MONTH;
        made.tripCount = 0;
        _refuseClaim(made, ICarbonBank.NoEvidence.selector);
        (made.tripCount, made.evidenceRoot) = (1, 0);
        _refuseClaim(made, ICarbonBank.NoEvidence.selector);
        (made.evidenceRoot, made.reportHash) = ("e", 0);
        _refuseClaim(made, ICarbonBank.NoEvidence.selector);
        made.reportHash = "r";
        (made.operatorG, made.driversG, made.bufferG) = (0, 0, 0);
        _refuseClaim(made, ICarbonBank.NothingToIssue.selector);
        (made.operatorG, made.bufferG) = (2 ** 48 - 100, 100);
        _refuseClaim(made, ICarbonBank.BatchTooLarge.selector);
        (made.operatorG, made.bufferG) = (901, 100);
        _refuseClaim(made, ICarbonBank.BufferTooSmall.selector);
        made.operatorG = 900;
        _refuseClaim(made, ICarbonBank.PayoutRootMismatch.selector);
        (made.payoutRoot, made.driversG, made.bufferG) = (0, 300, 200);
        _refuseClaim(made, ICarbonBank.PayoutRootMismatch.selector);
        made.payoutRoot = payoutRootOf(300);
        made.vehiclesHash = "other";
        _refuseClaim(made, ICarbonBank.VehiclesHashMismatch.selector);
        // The greatest there can be goes through, in the first month there is.
        made = _claim(FLEET, FIRST_MONTH, 0, 2);
        made.validUntil = uint64(START);
        made.bufferG = uint64(2 ** 48 - 1) - 900;
        uint256 id = idOf(made);
        bytes memory call = _issueCall(made, 0, 2);
        vm.prank(ISSUER);
        (bool done,) = address(bank).call(call);
        claimThat(done, "the greatest batch");
        claimEqual(bank.batch(id).issuedG, 2 ** 48 - 1, "issued");
    }

    function test_issue_refuses_bad_words() external {
        uint24[] memory words = new uint24[](2);
        uint256[] memory bits = new uint256[](2);
        (bits[0], bits[1]) = (2, 1);
        _refuseWords(words, bits, ICarbonBank.WordsNotAscending.selector);
        (words[0], words[1], bits[0], bits[1]) = (1, 0, 1, 2);
        _refuseWords(words, bits, ICarbonBank.WordsNotAscending.selector);
        (words[0], words[1], bits[0], bits[1]) = (0, 1, 2, 0);
        _refuseWords(words, bits, ICarbonBank.EmptyWord.selector);
        _refuseWords(words, new uint256[](1), ICarbonBank.BadWordCount.selector);
        _refuseWords(new uint24[](0), new uint256[](0), ICarbonBank.BadWordCount.selector);
        (bits[0], bits[1]) = (1, 1);
        _refuseWords(words, bits, ICarbonBank.VehicleNotInFleet.selector);
    }

    // --- payouts, transfers, retirement ----------------------------------------------------------

    function test_payouts_are_paid_once_and_whole() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        (Payout memory payout, bytes32[] memory proof) = proofOf(300, 1);
        vm.expectEmit(address(bank));
        emit TransferSingle(stranger, address(0), people[3], id, 100);
        vm.prank(stranger);
        bank.claim(id, payout, proof);
        claimEqual(bank.balanceOf(people[3], id), 100, "paid");
        claimEqual(bank.batch(id).claimableG, 200, "left");
        claimThat(bank.isClaimed(id, payoutRootOf(300), 1), "claimed");
        claimThat(!bank.isClaimed(id, payoutRootOf(300), 0), "not claimed");
        Payout[] memory payouts = new Payout[](2);
        bytes32[][] memory proofs = new bytes32[][](2);
        (payouts[0], proofs[0]) = (payout, proof);
        (payouts[1], proofs[1]) = proofOf(300, 2);
        vm.prank(stranger);
        bank.claimMany(id, payouts, proofs);
        claimEqual(bank.batch(id).claimableG, 100, "one more");
        mustRefuse(
            stranger,
            address(bank),
            abi.encodeCall(bank.claimMany, (id, payouts, new bytes32[][](1))),
            ICarbonBank.BadProofCount.selector
        );
        payouts[0].amountG = 1;
        payouts[0].index = 9;
        mustRefuse(
            stranger,
            address(bank),
            abi.encodeCall(bank.claimMany, (id, payouts, proofs)),
            ICarbonBank.BadPayoutProof.selector
        );
        mustRefuse(
            stranger,
            address(bank),
            abi.encodeCall(bank.claim, (1, payout, proof)),
            ICarbonBank.BatchNotFound.selector
        );
    }

    function test_retirement_numbers_its_serials() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        vm.expectEmit(address(bank));
        emit ICarbonBank.CreditsRetired(1, id, people[0], 100, 1, 100, "who", "why");
        vm.prank(people[0]);
        bank.retire(id, 100, "who", "why");
        vm.prank(people[0]);
        bank.setApprovalForAll(people[5], true);
        vm.expectEmit(address(bank));
        emit ICarbonBank.CreditsRetired(2, id, people[0], 50, 101, 150, "who", "why");
        vm.prank(people[5]);
        bank.retireFrom(people[0], id, 50, "who", "why");
        claimEqual(bank.batch(id).retiredG, 150, "retired");
        mustRefuse(
            stranger,
            address(bank),
            abi.encodeCall(bank.retireFrom, (people[0], id, 1, "", "")),
            bytes4(keccak256("ERC1155MissingApprovalForAll(address,address)"))
        );
        mustRefuse(
            stranger,
            address(bank),
            abi.encodeCall(bank.safeTransferFrom, (people[0], stranger, id, 1, "")),
            bytes4(keccak256("ERC1155MissingApprovalForAll(address,address)"))
        );
        uint256[] memory one = new uint256[](1);
        one[0] = id;
        mustRefuse(
            stranger,
            address(bank),
            abi.encodeCall(bank.safeBatchTransferFrom, (people[0], stranger, one, one, "")),
            bytes4(keccak256("ERC1155MissingApprovalForAll(address,address)"))
        );
        // Through the forwarder an account acts; without it the appended address is only data.
        vm.prank(FORWARDER);
        (bool done,) = address(bank)
            .call(abi.encodePacked(abi.encodeCall(bank.retire, (id, 1, "", "")), people[0]));
        claimThat(done, "relayed");
        claimEqual(bank.batch(id).retiredG, 151, "retired once more");
    }

    // --- freezes and corrections -----------------------------------------------------------------

    function test_freezes_and_corrections_tell_what_they_do() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        uint256 other = _mustIssue(FLEET, JANUARY - 2, 0, 2);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchFrozen(id, uint64(START + 30 days), "doubt");
        vm.prank(GUARDIAN);
        bank.freeze(id, "doubt");
        _stands(id, Status.Frozen);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchUnfrozen(id);
        vm.prank(GUARDIAN);
        bank.unfreeze(id);
        _stands(id, Status.Active);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchDisproven(id, "fact");
        vm.prank(CHALLENGER);
        bank.disprove(id, "fact");
        uint256[] memory sources = new uint256[](1);
        sources[0] = other;
        vm.expectEmit(address(bank));
        emit ICarbonBank.BufferCancelled(id, id, 100);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BufferCancelled(id, other, 50);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchCorrected(id, 150, "excess");
        vm.prank(GUARDIAN);
        bank.correct(id, 150, sources, "excess");
        _stands(id, Status.Active);
        vm.prank(people[0]);
        bank.retire(id, 30, "", "");
        vm.prank(CHALLENGER);
        bank.disprove(id, "second fact");
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchCancelled(id, 970, "wrong");
        vm.prank(GUARDIAN);
        bank.cancel(id, "wrong");
        claimEqual(bank.balanceOf(people[0], id), 0, "nobody holds what is cancelled");
        vm.expectEmit(address(bank));
        emit ICarbonBank.RetirementReplaced(id, other, 1, 30, 1, 30);
        vm.prank(GUARDIAN);
        bank.replaceFromBuffer(id, sources);
        claimEqual(bank.batch(id).unreplacedG, 0, "replaced");
        claimEqual(bank.batch(other).bufferG, 20, "given");
        claimEqual(bank.batch(other).retiredG, 30, "retired instead");
        mustRefuse(
            GUARDIAN,
            address(bank),
            abi.encodeCall(bank.correct, (id, 0, none, "")),
            ICarbonBank.BatchNotDisproven.selector
        );
    }

    function test_what_is_not_there_can_not_be_stopped() external {
        bytes[5] memory calls = [
            abi.encodeCall(bank.freeze, (1, "")),
            abi.encodeCall(bank.unfreeze, (1)),
            abi.encodeCall(bank.cancel, (1, "")),
            abi.encodeCall(bank.correct, (1, 1, none, "")),
            abi.encodeCall(bank.replaceFromBuffer, (1, none))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            mustRefuse(GUARDIAN, address(bank), calls[i], ICarbonBank.BatchNotFound.selector);
        }
        mustRefuse(
            CHALLENGER,
            address(bank),
            abi.encodeCall(bank.disprove, (1, "x")),
            ICarbonBank.BatchNotFound.selector
        );
        mustRefuse(
            CHALLENGER,
            address(bank),
            abi.encodeCall(bank.freezeProven, (1, "x")),
            ICarbonBank.BatchNotFound.selector
        );
    }
}
