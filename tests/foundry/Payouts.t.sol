// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank, Payout} from "../../contracts/interfaces/ICarbonBank.sol";
import {Acts} from "./Acts.sol";

/// @notice What paying out, moving and retiring answer, with every argument, at every limit.
contract PayoutsTest is Acts {
    // --- payouts ---------------------------------------------------------------------------------

    function test_payouts_have_any_index() external {
        uint256[4] memory indices = [uint256(254), 255, 511, type(uint256).max - 1];
        for (uint256 i = 0; i < 4; i += 2) {
            Payout memory a = Payout(indices[i], people[2], 0, 100);
            Payout memory b = Payout(indices[i + 1], people[3], 100, 200);
            BatchClaim memory made = _claim(FLEET, JANUARY - 1 - uint32(i), 0, 2);
            made.payoutRoot = pair(leafOf(a), leafOf(b));
            bytes memory issue = _issueCall(made, 0, 2);
            vm.prank(ISSUER);
            (bool done,) = address(bank).call(issue);
            claimThat(done, "issued");
            uint256 id = idOf(made);
            (bytes32[] memory proofA, bytes32[] memory proofB) =
                (new bytes32[](1), new bytes32[](1));
            (proofA[0], proofB[0]) = (leafOf(b), leafOf(a));
            vm.prank(stranger);
            bank.claim(id, a, proofA);
            claimThat(bank.isClaimed(id, made.payoutRoot, a.index), "the one");
            claimThat(!bank.isClaimed(id, made.payoutRoot, b.index), "not the other");
            claimThat(!bank.isClaimed(id, made.payoutRoot, a.index + 256), "nor one of its kind");
            vm.prank(stranger);
            bank.claim(id, b, proofB);
            claimEqual(bank.balanceOf(people[2], id), 100, "paid");
            claimEqual(bank.balanceOf(people[3], id), 200, "paid");
            claimEqual(bank.batch(id).claimableG, 0, "all of it");
            _paidBefore(id, a, proofA);
            _paidBefore(id, b, proofB);
        }
    }

    function _paidBefore(uint256 id, Payout memory payout, bytes32[] memory proof) private {
        mustRefuseWith(
            stranger,
            address(bank),
            abi.encodeCall(bank.claim, (id, payout, proof)),
            abi.encodeWithSelector(ICarbonBank.PayoutAlreadyClaimed.selector, id, payout.index)
        );
    }

    function test_no_payout_is_more_than_what_is_left() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        (Payout memory payout, bytes32[] memory proof) = proofOf(300, 3);
        bytes4 exceeds = ICarbonBank.ClaimExceedsPayout.selector;
        bytes memory call = abi.encodeCall(bank.claim, (id, payout, proof));
        bytes memory refusal = abi.encodeWithSelector(exceeds, id, 301, 300);
        mustRefuseWith(stranger, address(bank), call, refusal);
        (Payout memory first, bytes32[] memory firstProof) = proofOf(300, 0);
        vm.prank(stranger);
        bank.claim(id, first, firstProof);
        refusal = abi.encodeWithSelector(exceeds, id, 301, 200);
        mustRefuseWith(stranger, address(bank), call, refusal);
        first.account = stranger;
        mustRefuseWith(
            stranger,
            address(bank),
            abi.encodeCall(bank.claim, (id, first, firstProof)),
            abi.encodeWithSelector(ICarbonBank.BadPayoutProof.selector, id, 0)
        );
        mustRefuseWith(
            stranger,
            address(bank),
            abi.encodeCall(bank.claimMany, (id, new Payout[](2), new bytes32[][](3))),
            abi.encodeWithSelector(ICarbonBank.BadProofCount.selector, 2, 3)
        );
        mustRefuseWith(
            stranger,
            address(bank),
            abi.encodeCall(bank.claimMany, (9, new Payout[](2), new bytes32[][](3))),
            abi.encodeWithSelector(ICarbonBank.BatchNotFound.selector, 9)
        );
    }

    // --- moving and retiring ---------------------------------------------------------------------

    function test_grams_move_and_are_retired_to_the_last() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        uint256 other = _mustIssue(FLEET, JANUARY - 2, 0, 2);
        address holder = people[0];
        vm.prank(holder);
        bank.safeTransferFrom(holder, people[1], id, 250, "");
        claimEqual(bank.balanceOf(holder, id), 350, "sent");
        claimEqual(bank.balanceOf(people[1], id), 250, "got");
        uint256[] memory ids = new uint256[](2);
        uint256[] memory values = new uint256[](2);
        (ids[0], ids[1], values[0], values[1]) = (id, other, 50, 600);
        vm.prank(holder);
        bank.safeBatchTransferFrom(holder, people[1], ids, values, "");
        claimEqual(bank.balanceOf(people[1], id), 300, "both");
        claimEqual(bank.balanceOf(people[1], other), 600, "all");
        claimEqual(bank.balanceOf(holder, other), 0, "none is left");
        vm.prank(holder);
        claimEqual(bank.retire(id, 300, "", ""), 1, "the first");
        vm.prank(people[1]);
        claimEqual(bank.retire(other, 600, "", ""), 2, "the second");
        claimEqual(bank.state().retirements, 2, "two");
        claimEqual(bank.batch(id).heldG, 300, "held");
        claimEqual(bank.batch(id).retiredG, 300, "retired");
        mustRefuseWith(
            holder,
            address(bank),
            abi.encodeCall(bank.retire, (id, 0, "", "")),
            abi.encodeWithSelector(ICarbonBank.ZeroAmount.selector)
        );
        mustRefuseWith(
            holder,
            address(bank),
            abi.encodeCall(bank.retire, (id, 1, "", "")),
            abi.encodeWithSignature(
                "ERC1155InsufficientBalance(address,uint256,uint256,uint256)", holder, 0, 1, id
            )
        );
        mustRefuseWith(
            holder,
            address(bank),
            abi.encodeCall(bank.retire, (9, 1, "", "")),
            abi.encodeWithSelector(ICarbonBank.BatchNotFound.selector, 9)
        );
    }

    function test_a_relayed_account_moves_its_own() external {
        uint256 id = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        address holder = people[0];
        bytes memory call = abi.encodeCall(bank.safeTransferFrom, (holder, people[1], id, 5, ""));
        vm.prank(FORWARDER);
        (bool done,) = address(bank).call(abi.encodePacked(call, people[0]));
        claimThat(done, "relayed");
        claimEqual(bank.balanceOf(people[1], id), 5, "moved");
        mustRefuseWith(
            FORWARDER,
            address(bank),
            abi.encodePacked(call, stranger),
            abi.encodeWithSignature(
                "ERC1155MissingApprovalForAll(address,address)", stranger, people[0]
            )
        );
    }
}
