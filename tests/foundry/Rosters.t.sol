// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank} from "../../contracts/interfaces/ICarbonBank.sol";
import {Acts} from "./Acts.sol";

/// @notice Who is in which fleet in which month, to the last bit.
contract RostersTest is Acts {
    function test_who_moves_leaves_all_others_where_they_are() external {
        vm.prank(REGISTRAR);
        bank.moveVehicle(5, FLEET_B, JANUARY + 1);
        vm.prank(REGISTRAR);
        bank.moveVehicle(7, FLEET_B, JANUARY + 1);
        vm.warp(START + 62 days);
        _refuseIssue(FLEET, JANUARY + 1, 0, 1 << 5, ICarbonBank.VehicleNotInFleet.selector);
        _refuseIssue(FLEET, JANUARY + 1, 0, 1 << 7, ICarbonBank.VehicleNotInFleet.selector);
        _refuseIssue(FLEET_B, JANUARY + 1, 0, 1 << 6, ICarbonBank.VehicleNotInFleet.selector);
        _refuseIssue(FLEET_B, JANUARY, 0, 1 << 5, ICarbonBank.VehicleNotInFleet.selector);
        uint256 both = (1 << 5) | (1 << 7);
        _mustIssue(FLEET_B, JANUARY + 1, 0, both);
        uint256 rest = type(uint256).max & ~uint256(1) & ~both;
        _mustIssue(FLEET, JANUARY + 1, 0, rest);
        claimEqual(bank.creditedWord(JANUARY + 1, 0), rest | both, "all of them, once");
        _mustIssue(FLEET, JANUARY, 0, rest | both);
        _mustIssue(FLEET, JANUARY + 1, 1, 31);
        _mustIssue(FLEET_B, JANUARY + 1, 1, 31 << 5);
        claimEqual(bank.creditedWord(JANUARY + 1, 1), 1023, "the second word");
    }

    function test_a_vehicle_moves_again_and_back() external {
        vm.prank(REGISTRAR);
        bank.moveVehicle(5, FLEET_B, JANUARY + 1);
        vm.prank(REGISTRAR);
        bank.moveVehicle(5, FLEET, JANUARY + 2);
        vm.warp(START + 93 days);
        _refuseIssue(FLEET, JANUARY + 1, 0, 1 << 5, ICarbonBank.VehicleNotInFleet.selector);
        _refuseIssue(FLEET_B, JANUARY + 2, 0, 1 << 5, ICarbonBank.VehicleNotInFleet.selector);
        _mustIssue(FLEET, JANUARY, 0, 1 << 5);
        _mustIssue(FLEET_B, JANUARY + 1, 0, 1 << 5);
        _mustIssue(FLEET, JANUARY + 2, 0, 1 << 5);
        (, bytes32 fleetId, uint32 fromMonth) = bank.vehicle(5, JANUARY + 1);
        claimThat(fleetId == FLEET_B, "in between");
        claimEqual(fromMonth, FIRST_MONTH, "its first month stays the first");
    }

    function test_who_is_enrolled_twice_in_one_call_is_refused() external {
        bytes32[] memory list = new bytes32[](2);
        (list[0], list[1]) = ("same", "same");
        mustRefuseWith(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.enrolVehicles, (FLEET, list, JANUARY)),
            abi.encodeWithSelector(ICarbonBank.VehicleExists.selector, bytes32("same"), 271)
        );
        claimEqual(bank.vehicleIndexOf("same"), 0, "nothing was done");
        claimEqual(bank.state().vehicles, 270, "nobody came");
    }

    function test_vehicles_are_numbered_on_and_on() external {
        bytes32[] memory list = new bytes32[](3);
        (list[0], list[1], list[2]) = ("x", "y", "z");
        for (uint32 i = 0; i < 3; ++i) {
            vm.expectEmit(address(bank));
            emit ICarbonBank.VehicleEnrolled(271 + i, list[i], FLEET_B, JANUARY - 3);
        }
        vm.prank(REGISTRAR);
        claimEqual(bank.enrolVehicles(FLEET_B, list, JANUARY - 3), 271, "the first");
        claimEqual(bank.vehicleIndexOf("z"), 273, "the last");
        claimEqual(bank.state().vehicles, 273, "how many");
        (bytes32 commitment, bytes32 fleetId, uint32 fromMonth) = bank.vehicle(273, JANUARY - 3);
        claimThat(commitment == "z" && fleetId == FLEET_B, "who and where");
        claimEqual(fromMonth, JANUARY - 3, "since");
        (, fleetId,) = bank.vehicle(273, JANUARY - 4);
        claimThat(fleetId == 0, "nowhere before");
        _refuseIssue(FLEET_B, JANUARY - 4, 1, 1 << 17, ICarbonBank.VehicleNotInFleet.selector);
        // Who was there before is not later for it.
        _mustIssue(FLEET_B, JANUARY - 4, 1, 1 << 6);
        _mustIssue(FLEET_B, JANUARY - 3, 1, 1 << 17);
    }

    function test_a_month_before_all_rosters_is_looked_up_vehicle_by_vehicle() external {
        bytes32[] memory list = new bytes32[](1);
        list[0] = "early";
        vm.prank(REGISTRAR);
        bank.enrolFleet("third", people[5]);
        vm.prank(REGISTRAR);
        bank.enrolVehicles("third", list, JANUARY - 2);
        list[0] = "late";
        vm.prank(REGISTRAR);
        bank.enrolVehicles("third", list, JANUARY - 1);
        _third(JANUARY - 2, 1 << 15, true);
        _third(JANUARY - 2, 1 << 16, false);
        _third(JANUARY - 3, 1 << 15, false);
        _third(JANUARY - 1, (1 << 15) | (1 << 16), true);
    }

    function _third(uint32 month, uint256 bits, bool goes) private {
        BatchClaim memory made = _claim("third", month, 1, bits);
        made.operator = people[5];
        bytes memory call = _issueCall(made, 1, bits);
        vm.prank(ISSUER);
        (bool done, bytes memory answer) = address(bank).call(call);
        claimThat(done == goes, goes ? "is in the fleet" : "is not in the fleet");
        if (goes) return;
        claimThat(bytes4(answer) == ICarbonBank.VehicleNotInFleet.selector, "said so");
    }

    function test_nobody_is_a_member_where_nobody_was_enrolled() external {
        for (uint24 i = 0; i < 24; ++i) {
            // Small words, and words that an index makes if it is shifted the wrong way.
            uint24 word = i < 16 ? 2 + i : (i - 15) << 8;
            for (uint256 bit = 0; bit < 16; ++bit) {
                BatchClaim memory made = _claim(FLEET, JANUARY - 1, word, 1 << bit);
                mustRefuseWith(
                    ISSUER,
                    address(bank),
                    _issueCall(made, word, 1 << bit),
                    abi.encodeWithSelector(
                        ICarbonBank.VehicleNotInFleet.selector,
                        uint256(word) * 256 + bit,
                        FLEET,
                        JANUARY - 1
                    )
                );
            }
        }
    }

    /// @dev Looked up one by one, each would take two cold reads, 4,200 gas, so a million in all.
    function test_a_roster_answers_for_255_vehicles_at_once() external {
        uint256 all = type(uint256).max - 1;
        bytes memory call = _issueCall(_claim(FLEET, JANUARY - 1, 0, all), 0, all);
        vm.prank(ISSUER);
        uint256 before = gasleft();
        (bool done,) = address(bank).call(call);
        claimThat(before - gasleft() < 600_000, "no vehicle was looked up");
        claimThat(done, "issued");
        vm.prank(REGISTRAR);
        bank.moveVehicle(1, FLEET_B, JANUARY + 1);
        vm.warp(START + 62 days);
        uint256 rest = all - 2;
        call = _issueCall(_claim(FLEET, JANUARY + 1, 0, rest), 0, rest);
        vm.prank(ISSUER);
        before = gasleft();
        (done,) = address(bank).call(call);
        claimThat(before - gasleft() < 600_000, "who moves leaves the roster as it is");
        claimThat(done, "issued");
    }
}
