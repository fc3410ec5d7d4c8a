// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank, Payout, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {ICarbonChallenge, Kind, Leaf} from "../../contracts/interfaces/ICarbonChallenge.sol";
import {Acts} from "./Acts.sol";
import {Trees} from "./Trees.sol";

interface Snapshots {
    function snapshotState() external returns (uint256);
    function revertToState(uint256 id) external returns (bool);
}

/// @notice Batches over real trees, and the contract that may disprove them.
abstract contract Contest is Acts, Trees {
    // 1 December 2039 and 1 January 2040, 0:00 UTC.
    uint64 internal constant DECEMBER_AT = 2_206_310_400;
    uint64 internal constant JANUARY_AT = 2_208_988_800;

    ICarbonChallenge internal challenge;
    uint256 private snapshot;

    function setUp() public virtual override {
        super.setUp();
        challenge = ICarbonChallenge(
            vm.deployCode("CarbonChallenge.sol:CarbonChallenge", abi.encode(bank))
        );
        empower("CHALLENGER", address(challenge));
        snapshot = Snapshots(address(vm)).snapshotState();
    }

    /// @dev Everything as it was at the beginning of the test.
    function afresh() internal {
        Snapshots(address(vm)).revertToState(snapshot);
        snapshot = Snapshots(address(vm)).snapshotState();
    }

    /// @dev Five trips of the vehicles 1, 2 and 3 that nobody can say anything against.
    function honest() internal pure returns (Leaf[] memory leaves) {
        leaves = new Leaf[](5);
        leaves[0] = Leaf(1, DECEMBER_AT, DECEMBER_AT + 3600, 400, 400, "a");
        leaves[1] = Leaf(1, DECEMBER_AT + 3600, DECEMBER_AT + 7200, -50, 350, "b");
        leaves[2] = Leaf(2, DECEMBER_AT + 10, DECEMBER_AT + 20, 250, 600, "c");
        leaves[3] = Leaf(3, DECEMBER_AT + 10, DECEMBER_AT + 20, 300, 900, "d");
        leaves[4] = Leaf(3, JANUARY_AT - 1, JANUARY_AT + 1 days, 100, 1000, "e");
    }

    /// @dev 1000 g of the vehicles 1, 2 and 3 in a month.
    function claimOver(Leaf[] memory leaves, uint32 month)
        internal
        view
        returns (BatchClaim memory made)
    {
        made = _claim(FLEET, month, 0, 14);
        made.tripCount = uint64(leaves.length);
        made.evidenceRoot = rootOf(hashesOf(leaves), 0, leaves.length);
    }

    function issueOver(Leaf[] memory leaves) internal returns (BatchClaim memory made) {
        made = claimOver(leaves, JANUARY - 1);
        issueClaim(made);
    }

    function issueClaim(BatchClaim memory made) internal {
        (bool done,) = tryIssue(_issueCall(made, 0, 14));
        claimThat(done, "issued");
    }

    function tryIssue(bytes memory call) internal returns (bool, bytes memory) {
        vm.prank(ISSUER);
        return address(bank).call(call);
    }

    /// @dev A batch that promises two payouts of 300 g.
    function issuePaying(Payout memory a, Payout memory b)
        internal
        returns (BatchClaim memory made, bytes32[] memory proofA, bytes32[] memory proofB)
    {
        made = claimOver(honest(), JANUARY - 1);
        made.payoutRoot = pair(leafOf(a), leafOf(b));
        issueClaim(made);
        (proofA, proofB) = (new bytes32[](1), new bytes32[](1));
        (proofA[0], proofB[0]) = (leafOf(b), leafOf(a));
    }

    // --- what comes of a challenge ---------------------------------------------------------------

    function disproves(bytes memory call, uint256 batchId, Kind kind, uint256 first, uint256 second)
        internal
    {
        bytes32 proofId = keccak256(abi.encode(kind, batchId, first, second));
        vm.expectEmit(address(challenge));
        emit ICarbonChallenge.BatchChallenged(batchId, proofId, stranger, kind, first, second);
        vm.expectEmit(address(bank));
        emit ICarbonBank.BatchDisproven(batchId, proofId);
        vm.prank(stranger);
        (bool done,) = address(challenge).call(call);
        claimThat(done, "a contradiction disproves");
        _stands(batchId, Status.Disproven);
    }

    /// @dev The refusal is exact, and the batch stands as it stood.
    function fails(bytes memory call, uint256 batchId, bytes memory refusal) internal {
        Status before = bank.batch(batchId).status;
        mustRefuseWith(stranger, address(challenge), call, refusal);
        _stands(batchId, before);
    }
}
