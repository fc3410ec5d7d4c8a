// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Campaign} from "./Campaign.sol";
import {World} from "./World.sol";

/// @notice BANK_A to BANK_G after every call of a random sequence, and of all batches at its end.
contract BankInvariants is Campaign {
    World private world;

    function setUp() external {
        world = new World();
        // Moves are what stops and challenges try to break, so they are chosen more often.
        target(address(world));
        weigh(world.issue.selector, 3);
        weigh(world.issueForeign.selector, 1);
        weigh(world.issueUnsigned.selector, 1);
        weigh(world.claim.selector, 2);
        weigh(world.claimMany.selector, 1);
        weigh(world.transfer.selector, 3);
        weigh(world.retire.selector, 2);
        weigh(world.retireFrom.selector, 1);
        weigh(world.wait_.selector, 2);
        weigh(world.freeze.selector, 1);
        weigh(world.unfreeze.selector, 2);
        weigh(world.disprove.selector, 1);
        weigh(world.freezeProven.selector, 1);
        weigh(world.challengeTrips.selector, 2);
        weigh(world.challengePayouts.selector, 1);
        weigh(world.challengeDoubleCredit.selector, 1);
        weigh(world.correct.selector, 2);
        weigh(world.cancel.selector, 1);
        weigh(world.replaceFromBuffer.selector, 1);
        weigh(world.overstep.selector, 1);
        weigh(world.impersonate.selector, 1);
    }

    /// @dev A call here costs two thirds of one there: so both end at a time, each on its core.
    /// forge-config: ci.invariant.runs = 1200
    function invariant_bank() external view {
        world.checkTouched();
    }

    function afterInvariant() external view {
        world.checkAll();
    }
}
