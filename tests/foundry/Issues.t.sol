// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch, BatchClaim, ICarbonBank, Payout} from "../../contracts/interfaces/ICarbonBank.sol";
import {KeyedWallet} from "../../contracts/test/Strangers.sol";
import {Acts} from "./Acts.sol";

/// @notice What issuing answers, with every argument, at every limit.
contract IssuesTest is Acts {
    function _says(BatchClaim memory made, bytes memory refusal) private {
        mustRefuseWith(ISSUER, address(bank), _issueCall(made, 0, 2), refusal);
    }

    function _goes(BatchClaim memory made) private returns (uint256) {
        bytes memory call = _issueCall(made, 0, 2);
        vm.prank(ISSUER);
        (bool done, bytes memory answer) = address(bank).call(call);
        claimThat(done, "issued");
        claimEqual(abi.decode(answer, (uint256)), idOf(made), "the id is the claim's hash");
        return idOf(made);
    }

    function _made() private view returns (BatchClaim memory) {
        return _claim(FLEET, JANUARY - 1, 0, 2);
    }

    // --- refusals --------------------------------------------------------------------------------

    function test_a_repeat_is_told_apart_before_all_else() external {
        BatchClaim memory made = _made();
        made.validUntil = uint64(START);
        uint256 id = _goes(made);
        vm.warp(START + 1);
        vm.prank(GUARDIAN);
        bank.dismiss(keccak256("VERIFIER"), verifier, "");
        _says(made, abi.encodeWithSelector(ICarbonBank.BatchAlreadyIssued.selector, id));
        made.reportHash = "another";
        _says(made, abi.encodeWithSelector(ICarbonBank.NotVerifier.selector, verifier));
    }

    function test_a_claim_is_signed_by_its_verifier() external {
        BatchClaim memory made = _made();
        bytes memory refusal =
            abi.encodeWithSelector(ICarbonBank.BadVerifierSignature.selector, idOf(made), verifier);
        (uint24[] memory words, uint256[] memory bits) = _words(0, 2);
        bytes[3] memory bad = [bytes(""), signClaim(STRANGER_KEY, made), new bytes(65)];
        for (uint256 i = 0; i < 3; ++i) {
            mustRefuseWith(
                ISSUER,
                address(bank),
                abi.encodeCall(bank.issue, (made, words, bits, bad[i])),
                refusal
            );
        }
        // A verifier may be a contract that signs by a key.
        KeyedWallet wallet = new KeyedWallet(stranger);
        empower("VERIFIER", address(wallet));
        made.verifier = address(wallet);
        bytes memory signature = signClaim(STRANGER_KEY, made);
        vm.prank(ISSUER);
        bank.issue(made, words, bits, signature);
    }

    function test_what_a_claim_names_must_exist() external {
        BatchClaim memory made = _made();
        (made.fleetId, made.methodologyId) = ("nowhere", "nothing");
        _says(made, abi.encodeWithSelector(ICarbonBank.FleetNotFound.selector, made.fleetId));
        (made.fleetId, made.operator) = (FLEET, people[1]);
        _says(
            made,
            abi.encodeWithSelector(
                ICarbonBank.OperatorMismatch.selector, FLEET, people[0], people[1]
            )
        );
        made.operator = people[0];
        vm.prank(GUARDIAN);
        bank.stopIssue("");
        _says(
            made,
            abi.encodeWithSelector(ICarbonBank.MethodologyNotFound.selector, bytes32("nothing"))
        );
        made.methodologyId = METHOD;
        vm.prank(CERTIFIER);
        bank.withdrawMethodology(METHOD);
        made.validUntil = 0;
        _says(made, abi.encodeWithSelector(ICarbonBank.IssueIsStopped.selector));
        vm.prank(ADMIN);
        bank.resumeIssue();
        _says(made, abi.encodeWithSelector(ICarbonBank.MethodologyIsWithdrawn.selector, METHOD));
    }

    function test_time_is_asked_in_its_order() external {
        BatchClaim memory made = _made();
        (made.validUntil, made.month, made.tripCount) = (uint64(START - 1), JANUARY, 0);
        _says(made, abi.encodeWithSelector(ICarbonBank.ClaimExpired.selector, START - 1, START));
        made.validUntil = uint64(START);
        _says(
            made, abi.encodeWithSelector(ICarbonBank.MonthStillRunning.selector, JANUARY, JANUARY)
        );
        made.month = FIRST_MONTH - 1;
        bytes4 outside = ICarbonBank.MonthOutOfRange.selector;
        uint32 open = type(uint32).max;
        _says(made, abi.encodeWithSelector(outside, FIRST_MONTH - 1, FIRST_MONTH, open));
        vm.prank(ADMIN);
        bank.setLastMonth(JANUARY);
        vm.warp(START + 62 days);
        (made.month, made.validUntil) = (JANUARY + 1, FOR_EVER);
        _says(made, abi.encodeWithSelector(outside, JANUARY + 1, FIRST_MONTH, JANUARY));
        made.month = JANUARY;
        _says(made, abi.encodeWithSelector(ICarbonBank.NoEvidence.selector));
    }

    function test_amounts_are_asked_in_their_order() external {
        BatchClaim memory made = _made();
        made.vehiclesHash = "other";
        (made.operatorG, made.driversG, made.bufferG) = (0, 0, 0);
        _says(made, abi.encodeWithSelector(ICarbonBank.NothingToIssue.selector));
        made.operatorG = 2 ** 48;
        bytes4 large = ICarbonBank.BatchTooLarge.selector;
        _says(made, abi.encodeWithSelector(large, 2 ** 48, 2 ** 48 - 1));
        (made.operatorG, made.driversG) = (2 ** 64 - 1, 2 ** 64 - 1);
        made.bufferG = 2 ** 64 - 1;
        _says(made, abi.encodeWithSelector(large, 3 * (2 ** 64 - 1), 2 ** 48 - 1));
        // 1,000 and one gram need 100.1 of buffer, so 101.
        (made.operatorG, made.driversG, made.bufferG) = (601, 300, 100);
        _says(made, abi.encodeWithSelector(ICarbonBank.BufferTooSmall.selector, 100, 101));
        (made.operatorG, made.bufferG) = (600, 99);
        _says(made, abi.encodeWithSelector(ICarbonBank.BufferTooSmall.selector, 99, 100));
        (made.bufferG, made.payoutRoot) = (100, 0);
        bytes4 roots = ICarbonBank.PayoutRootMismatch.selector;
        _says(made, abi.encodeWithSelector(roots, 300, bytes32(0)));
        (made.operatorG, made.driversG, made.payoutRoot) = (900, 0, "root");
        _says(made, abi.encodeWithSelector(roots, 0, bytes32("root")));
        made.payoutRoot = 0;
        (uint24[] memory words, uint256[] memory bits) = _words(0, 2);
        bytes32 actual = keccak256(abi.encode(words, bits));
        _says(
            made,
            abi.encodeWithSelector(
                ICarbonBank.VehiclesHashMismatch.selector, bytes32("other"), actual
            )
        );
        made.vehiclesHash = actual;
        uint256 id = _goes(made);
        claimEqual(bank.batch(id).claimableG, 0, "no drivers");
        claimEqual(bank.balanceOf(people[0], id), 900, "all but the buffer");
        (Payout memory payout, bytes32[] memory proof) = proofOf(300, 0);
        mustRefuseWith(
            stranger,
            address(bank),
            abi.encodeCall(bank.claim, (id, payout, proof)),
            abi.encodeWithSelector(ICarbonBank.BadPayoutProof.selector, id, 0)
        );
    }

    function test_a_batch_may_be_all_drivers_or_all_buffer() external {
        BatchClaim memory made = _made();
        made.operatorG = 0;
        uint256 id = _goes(made);
        claimEqual(bank.batch(id).issuedG, 400, "drivers and buffer");
        claimEqual(bank.batch(id).heldG, 0, "nothing is held");
        made = _claim(FLEET, JANUARY - 2, 0, 2);
        (made.operatorG, made.driversG, made.bufferG, made.payoutRoot) = (0, 0, 1, 0);
        id = _goes(made);
        Batch memory shown = bank.batch(id);
        claimEqual(shown.issuedG, 1, "one gram");
        claimEqual(shown.bufferG, 1, "of buffer");
        claimEqual(shown.heldG + shown.claimableG + shown.cancelledG, 0, "nothing else");
    }

    function test_vehicles_are_refused_by_name() external {
        uint24[] memory words = new uint24[](2);
        uint256[] memory bits = new uint256[](2);
        (words[0], words[1], bits[0], bits[1]) = (0, 0, 2, 2);
        _refused(words, bits, abi.encodeWithSelector(ICarbonBank.WordsNotAscending.selector, 0));
        (words[0], words[1], bits[0], bits[1]) = (0, 1, 2, 0);
        _refused(words, bits, abi.encodeWithSelector(ICarbonBank.EmptyWord.selector, 1));
        _refused(
            words, new uint256[](1), abi.encodeWithSelector(ICarbonBank.BadWordCount.selector, 2, 1)
        );
        _refused(
            new uint24[](0),
            new uint256[](0),
            abi.encodeWithSelector(ICarbonBank.BadWordCount.selector, 0, 0)
        );
        bytes4 outside = ICarbonBank.VehicleNotInFleet.selector;
        // The lowest bit that is not in the fleet: 261 is of the other one.
        bits[1] = (1 << 4) | (1 << 5) | (1 << 20);
        _refused(words, bits, abi.encodeWithSelector(outside, 261, FLEET, JANUARY - 1));
        bits[1] = 1 << 255;
        _refused(words, bits, abi.encodeWithSelector(outside, 511, FLEET, JANUARY - 1));
        (words[1], bits[1]) = (type(uint24).max, 1 << 255);
        uint32 last = type(uint32).max;
        _refused(words, bits, abi.encodeWithSelector(outside, last, FLEET, JANUARY - 1));
        bits[0] = 1;
        _refused(words, bits, abi.encodeWithSelector(outside, 0, FLEET, JANUARY - 1));
        // Credited once, and named by the lowest that was.
        _mustIssue(FLEET, JANUARY - 1, 0, (1 << 9) | (1 << 200));
        (words[1], bits[0], bits[1]) = (1, (1 << 3) | (1 << 200) | (1 << 9), 1);
        _refused(
            words,
            bits,
            abi.encodeWithSelector(ICarbonBank.VehicleMonthAlreadyCredited.selector, 9, JANUARY - 1)
        );
        claimEqual(bank.creditedWord(JANUARY - 1, 1), 0, "nothing of it was credited");
        _mustIssue(FLEET, JANUARY - 2, 0, (1 << 9) | (1 << 200));
        _mustIssue(FLEET, JANUARY - 1, 1, 1);
        claimEqual(bank.creditedWord(JANUARY - 1, 1), 1, "vehicle 256");
    }

    function _refused(uint24[] memory words, uint256[] memory bits, bytes memory refusal) private {
        BatchClaim memory made = _made();
        made.vehiclesHash = keccak256(abi.encode(words, bits));
        bytes memory call =
            abi.encodeCall(bank.issue, (made, words, bits, signClaim(VERIFIER_KEY, made)));
        mustRefuseWith(ISSUER, address(bank), call, refusal);
    }

    function test_many_words_are_credited_at_once() external {
        uint24[] memory words = new uint24[](2);
        uint256[] memory bits = new uint256[](2);
        (words[0], words[1]) = (0, 1);
        (bits[0], bits[1]) = (type(uint256).max - 1, 31);
        BatchClaim memory made = _made();
        made.vehiclesHash = keccak256(abi.encode(words, bits));
        bytes memory signature = signClaim(VERIFIER_KEY, made);
        vm.prank(ISSUER);
        bank.issue(made, words, bits, signature);
        claimEqual(bank.creditedWord(JANUARY - 1, 0), bits[0], "255 vehicles");
        claimEqual(bank.creditedWord(JANUARY - 1, 1), bits[1], "and five");
    }

    function test_a_demonstration_shows_everywhere() external {
        vm.prank(CERTIFIER);
        bank.certifyMethodology("m", "L", 0, true);
        BatchClaim memory made = _made();
        (made.methodologyId, made.bufferG) = ("m", 0);
        (uint24[] memory words, uint256[] memory bits) = _words(0, 2);
        bytes memory call = _issueCall(made, 0, 2);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchIssued(idOf(made), FLEET, "m", true, made, words, bits);
        vm.prank(ISSUER);
        (bool done,) = address(bank).call(call);
        claimThat(done && bank.batch(idOf(made)).demo, "in event and batch");
        claimThat(bank.batch(idOf(made)).methodologyId == "m", "its methodology");
        claimThat(
            bank.classOf(idOf(made)) == keccak256(abi.encode("DEMO L", uint256(2039))), "a class"
        );
    }

    function test_the_hour_of_issue_is_rounded_up() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        claimEqual(bank.batch(id).issuedHour, START / 3600, "on the hour");
        vm.warp(START + 1);
        id = _mustIssue(FLEET, JANUARY - 1, 0, 4);
        claimEqual(bank.batch(id).issuedHour, START / 3600 + 1, "a second after it");
        vm.warp(START + 3600);
        id = _mustIssue(FLEET, JANUARY - 1, 0, 8);
        claimEqual(bank.batch(id).issuedHour, START / 3600 + 1, "on the next");
        claimEqual(bank.batch(id).month, JANUARY - 1, "of its month");
    }

    function test_the_year_of_a_class_is_the_months() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 12, 0, 2);
        claimThat(bank.classOf(id) == CLASS_2039, "January 2039");
        id = _mustIssue(FLEET, JANUARY - 13, 0, 2);
        bytes32 class2038 = keccak256(abi.encode("AMS-III.C/16", uint256(2038)));
        claimThat(bank.classOf(id) == class2038, "December 2038");
    }
}
