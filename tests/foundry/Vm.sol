// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The cheat codes of forge that these tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 hash) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
    function deployCode(string calldata artefact, bytes calldata arguments)
        external
        returns (address);
    function load(address target, bytes32 slot) external view returns (bytes32);
    function store(address target, bytes32 slot, bytes32 value) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function expectEmit(address emitter) external;
    function assume(bool) external pure;
}

/// @notice What every test here stands on: the cheat codes, and claims that say what they claim.
abstract contract Prover {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Broken(string claim);
    error Differs(string claim, uint256 actual, uint256 expected);

    function claimThat(bool holds, string memory what) internal pure {
        if (!holds) revert Broken(what);
    }

    function claimEqual(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert Differs(what, actual, expected);
    }

    /// @dev The call reverts, and with this custom error.
    function mustRefuse(address sender, address target, bytes memory call, bytes4 selector)
        internal
    {
        vm.prank(sender);
        (bool done, bytes memory answer) = target.call(call);
        claimThat(!done, "a forbidden call went through");
        claimEqual(uint32(bytes4(answer)), uint32(selector), "refused with another error");
    }

    /// @dev The call reverts with exactly these bytes.
    function mustRefuseWith(address sender, address target, bytes memory call, bytes memory refusal)
        internal
    {
        vm.prank(sender);
        (bool done, bytes memory answer) = target.call(call);
        claimThat(!done, "a forbidden call went through");
        claimThat(keccak256(answer) == keccak256(refusal), "refused with another error");
    }

    function within(uint256 seed, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + seed % (high - low + 1);
    }
}
