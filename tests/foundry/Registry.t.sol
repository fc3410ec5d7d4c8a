// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonBank, Methodology} from "../../contracts/interfaces/ICarbonBank.sol";
import {Acts} from "./Acts.sol";

contract RegistryTest is Acts {
    // --- the registry ----------------------------------------------------------------------------

    function test_registry_answers_who_is_where() external {
        (bytes32 commitment, bytes32 fleetId, uint32 fromMonth) = bank.vehicle(261, JANUARY);
        claimThat(commitment == keccak256(abi.encode("vehicle", uint256(261))), "commitment");
        claimThat(fleetId == FLEET_B, "fleet");
        claimEqual(fromMonth, FIRST_MONTH, "from");
        (, fleetId,) = bank.vehicle(261, FIRST_MONTH - 1);
        claimThat(fleetId == 0, "no fleet before the first month");
        (commitment,,) = bank.vehicle(0, JANUARY);
        claimThat(commitment == 0, "nobody is 0");
        (commitment,,) = bank.vehicle(271, JANUARY);
        claimThat(commitment == 0, "nobody is last + 1");
        claimEqual(bank.vehicleIndexOf(keccak256(abi.encode("vehicle", uint256(7)))), 7, "index");
        claimEqual(bank.state().vehicles, 270, "vehicles");
        claimEqual(bank.state().firstMonth, FIRST_MONTH, "first month");
        claimEqual(bank.state().lastMonth, type(uint32).max, "last month is open");
        claimThat(bank.state().registryKeyHash == keccak256("key"), "key");
        claimThat(!bank.state().issueStopped, "runs");
        claimEqual(bank.decimals(), 6, "decimals");
        claimThat(bank.operatorOf(FLEET_B) == people[1], "operator");
        Methodology memory known = bank.methodology(METHOD);
        claimEqual(known.number, 1, "number");
        claimEqual(known.bufferBps, BUFFER_BPS, "share");
        claimThat(!known.demo && !known.withdrawn, "neither");
        claimThat(keccak256(bytes(known.classLabel)) == keccak256("AMS-III.C/16"), "label");
    }

    function test_a_vehicle_moves_from_a_future_month() external {
        bytes memory early = abi.encodeCall(bank.moveVehicle, (1, FLEET_B, JANUARY));
        mustRefuseWith(
            REGISTRAR,
            address(bank),
            early,
            abi.encodeWithSelector(ICarbonBank.MoveNotInFuture.selector, JANUARY, JANUARY)
        );
        vm.expectEmit(address(bank));
        emit ICarbonBank.VehicleMoved(1, FLEET_B, JANUARY + 1);
        vm.prank(REGISTRAR);
        bank.moveVehicle(1, FLEET_B, JANUARY + 1);
        mustRefuseWith(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.moveVehicle, (1, FLEET, JANUARY + 1)),
            abi.encodeWithSelector(ICarbonBank.MoveNotAfterLast.selector, JANUARY + 1, JANUARY + 1)
        );
        (, bytes32 fleetId,) = bank.vehicle(1, JANUARY);
        claimThat(fleetId == FLEET, "before");
        (, fleetId,) = bank.vehicle(1, JANUARY + 1);
        claimThat(fleetId == FLEET_B, "after");
        mustRefuse(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.moveVehicle, (0, FLEET, JANUARY + 2)),
            ICarbonBank.VehicleNotFound.selector
        );
        mustRefuse(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.moveVehicle, (271, FLEET, JANUARY + 2)),
            ICarbonBank.VehicleNotFound.selector
        );
        // Credited where it was, then where it is, and never the other way round.
        vm.warp(START + 62 days);
        _mustIssue(FLEET, JANUARY, 0, 2);
        _refuseIssue(FLEET, JANUARY + 1, 0, 2, ICarbonBank.VehicleNotInFleet.selector);
        _mustIssue(FLEET_B, JANUARY + 1, 0, 2);
        _refuseIssue(FLEET_B, JANUARY, 0, 2, ICarbonBank.VehicleNotInFleet.selector);
    }

    function test_enrolling_twice_is_refused() external {
        bytes32[] memory commitments = new bytes32[](1);
        commitments[0] = keccak256(abi.encode("vehicle", uint256(5)));
        mustRefuseWith(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.enrolVehicles, (FLEET_B, commitments, JANUARY)),
            abi.encodeWithSelector(ICarbonBank.VehicleExists.selector, commitments[0], uint32(5))
        );
        mustRefuse(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.enrolVehicles, (bytes32("no fleet"), commitments, JANUARY)),
            ICarbonBank.FleetNotFound.selector
        );
        commitments[0] = "new";
        vm.expectEmit(address(bank));
        emit ICarbonBank.VehicleEnrolled(271, "new", FLEET_B, JANUARY);
        vm.prank(REGISTRAR);
        claimEqual(bank.enrolVehicles(FLEET_B, commitments, JANUARY), 271, "the next index");
        mustRefuse(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.enrolFleet, (FLEET, stranger)),
            ICarbonBank.FleetExists.selector
        );
    }

    function test_a_late_vehicle_is_not_credited_early() external {
        bytes32[] memory commitments = new bytes32[](1);
        commitments[0] = "late";
        vm.prank(REGISTRAR);
        bank.enrolVehicles(FLEET, commitments, JANUARY - 1);
        _refuseIssue(FLEET, JANUARY - 2, 1, 1 << 15, ICarbonBank.VehicleNotInFleet.selector);
        _mustIssue(FLEET, JANUARY - 2, 1, 1);
        _mustIssue(FLEET, JANUARY - 1, 1, 1 << 15);
    }

    function test_fleets_and_operators() external {
        vm.expectEmit(address(bank));
        emit ICarbonBank.FleetEnrolled("third", 3, people[2]);
        vm.prank(REGISTRAR);
        bank.enrolFleet("third", people[2]);
        vm.expectEmit(address(bank));
        emit ICarbonBank.OperatorSet("third", people[3]);
        vm.prank(REGISTRAR);
        bank.setOperator("third", people[3]);
        claimThat(bank.operatorOf("third") == people[3], "operator");
        // Who no longer operates may hold a role; who does may not, nor the reverse.
        empower("VERIFIER", people[2]);
        _refuseRole("VERIFIER", people[3], ICarbonBank.AccountOperatesFleet.selector);
        mustRefuse(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.setOperator, ("third", GUARDIAN)),
            ICarbonBank.RoleConflict.selector
        );
        mustRefuse(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.enrolFleet, ("fourth", CHALLENGER)),
            ICarbonBank.RoleConflict.selector
        );
        mustRefuse(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.enrolFleet, ("fourth", address(0))),
            ICarbonBank.ZeroAddress.selector
        );
        mustRefuse(
            REGISTRAR,
            address(bank),
            abi.encodeCall(bank.setOperator, ("nowhere", stranger)),
            ICarbonBank.FleetNotFound.selector
        );
    }

    function test_no_address_holds_two_roles() external {
        address[7] memory holders =
            [ADMIN, CERTIFIER, verifier, ISSUER, REGISTRAR, GUARDIAN, CHALLENGER];
        for (uint256 i = 0; i < holders.length; ++i) {
            _refuseRole(
                i == 2 ? "ISSUER" : "VERIFIER", holders[i], ICarbonBank.RoleConflict.selector
            );
        }
    }

    // --- powers ----------------------------------------------------------------------------------

    function test_issue_stops_and_resumes() external {
        _refuseAs(ADMIN, abi.encodeCall(bank.stopIssue, ("x")));
        vm.expectEmit(address(bank));
        emit ICarbonBank.IssueStopped("stolen");
        vm.prank(GUARDIAN);
        bank.stopIssue("stolen");
        claimThat(bank.state().issueStopped, "stopped");
        mustRefuse(
            GUARDIAN,
            address(bank),
            abi.encodeCall(bank.stopIssue, ("again")),
            ICarbonBank.IssueIsStopped.selector
        );
        _refuseIssue(FLEET, JANUARY - 1, 0, 2, ICarbonBank.IssueIsStopped.selector);
        _refuseAs(GUARDIAN, abi.encodeCall(bank.resumeIssue, ()));
        vm.expectEmit(address(bank));
        emit ICarbonBank.IssueResumed();
        vm.prank(ADMIN);
        bank.resumeIssue();
        mustRefuse(
            ADMIN,
            address(bank),
            abi.encodeCall(bank.resumeIssue, ()),
            ICarbonBank.IssueIsNotStopped.selector
        );
        _mustIssue(FLEET, JANUARY - 1, 0, 2);
    }

    function test_a_role_is_dismissed_at_once() external {
        bytes32 role = keccak256("VERIFIER");
        _refuseAs(ADMIN, abi.encodeCall(bank.dismiss, (role, verifier, "")));
        _refuseAs(GUARDIAN, abi.encodeCall(bank.dismiss, (role, ISSUER, "")));
        mustRefuse(
            GUARDIAN,
            address(bank),
            abi.encodeCall(bank.dismiss, (bytes32(0), ADMIN, "")),
            bytes4(keccak256("AccessControlEnforcedDefaultAdminRules()"))
        );
        vm.expectEmit(address(bank));
        emit ICarbonBank.RoleDismissed(role, verifier, "stolen");
        vm.prank(GUARDIAN);
        bank.dismiss(role, verifier, "stolen");
        claimThat(!bank.hasRole(role, verifier), "gone");
        _refuseIssue(FLEET, JANUARY - 1, 0, 2, ICarbonBank.NotVerifier.selector);
    }

    function test_the_last_month_is_set_once() external {
        mustRefuse(
            ADMIN,
            address(bank),
            abi.encodeCall(bank.setLastMonth, (JANUARY - 1)),
            ICarbonBank.LastMonthInPast.selector
        );
        _refuseAs(GUARDIAN, abi.encodeCall(bank.setLastMonth, (JANUARY)));
        vm.expectEmit(address(bank));
        emit ICarbonBank.LastMonthSet(JANUARY);
        vm.prank(ADMIN);
        bank.setLastMonth(JANUARY);
        claimEqual(bank.state().lastMonth, JANUARY, "last month");
        mustRefuse(
            ADMIN,
            address(bank),
            abi.encodeCall(bank.setLastMonth, (JANUARY + 1)),
            ICarbonBank.LastMonthAlreadySet.selector
        );
        vm.warp(START + 62 days);
        _mustIssue(FLEET, JANUARY, 0, 2);
        _refuseIssue(FLEET, JANUARY + 1, 0, 2, ICarbonBank.MonthOutOfRange.selector);
    }

    function test_methodologies_are_certified_and_withdrawn() external {
        _refuseAs(ADMIN, abi.encodeCall(bank.certifyMethodology, ("m", "L", 1, false)));
        mustRefuse(
            CERTIFIER,
            address(bank),
            abi.encodeCall(bank.certifyMethodology, ("m", "L", 10_001, false)),
            ICarbonBank.BufferShareTooLarge.selector
        );
        vm.expectEmit(address(bank));
        emit ICarbonBank.MethodologyCertified("m", 2, "DEMO L", 10_000, true);
        vm.prank(CERTIFIER);
        bank.certifyMethodology("m", "L", 10_000, true);
        claimThat(bank.methodology("m").demo, "demo");
        mustRefuse(
            CERTIFIER,
            address(bank),
            abi.encodeCall(bank.certifyMethodology, ("m", "L", 1, false)),
            ICarbonBank.MethodologyExists.selector
        );
        vm.expectEmit(address(bank));
        emit ICarbonBank.MethodologyWithdrawn(METHOD);
        vm.prank(CERTIFIER);
        bank.withdrawMethodology(METHOD);
        claimThat(bank.methodology(METHOD).withdrawn, "withdrawn");
        mustRefuse(
            CERTIFIER,
            address(bank),
            abi.encodeCall(bank.withdrawMethodology, (METHOD)),
            ICarbonBank.MethodologyIsWithdrawn.selector
        );
        mustRefuse(
            CERTIFIER,
            address(bank),
            abi.encodeCall(bank.withdrawMethodology, ("none")),
            ICarbonBank.MethodologyNotFound.selector
        );
        _refuseIssue(FLEET, JANUARY - 1, 0, 2, ICarbonBank.MethodologyIsWithdrawn.selector);
    }
}
