// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank, Methodology} from "../../contracts/interfaces/ICarbonBank.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {Acts} from "./Acts.sol";

interface IPowers {
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
    function isTrustedForwarder(address forwarder) external view returns (bool);
    function defaultAdmin() external view returns (address);
    function uri(uint256 id) external view returns (string memory);
}

/// @notice Numbers and powers to the last bit; `Registry.t.sol` tells the story.
contract RegistersTest is Acts {
    // --- refusals in their order, with all they say ----------------------------------------------

    function test_each_power_is_one_roles() external {
        bytes32[] memory list = new bytes32[](0);
        bytes[17] memory calls = [
            abi.encodeCall(bank.certifyMethodology, ("m", "L", 1, false)),
            abi.encodeCall(bank.withdrawMethodology, (METHOD)),
            abi.encodeCall(bank.enrolFleet, ("f", stranger)),
            abi.encodeCall(bank.setOperator, (FLEET, stranger)),
            abi.encodeCall(bank.enrolVehicles, (FLEET, list, JANUARY)),
            abi.encodeCall(bank.moveVehicle, (1, FLEET_B, JANUARY + 9)),
            abi.encodeCall(bank.stopIssue, ("")),
            abi.encodeCall(bank.dismiss, (keccak256("ISSUER"), ISSUER, "")),
            abi.encodeCall(bank.freeze, (1, "")),
            abi.encodeCall(bank.correct, (1, 1, none, "")),
            abi.encodeCall(bank.cancel, (1, "")),
            abi.encodeCall(bank.replaceFromBuffer, (1, none)),
            abi.encodeCall(bank.disprove, (1, "p")),
            abi.encodeCall(bank.freezeProven, (1, "p")),
            abi.encodeCall(bank.resumeIssue, ()),
            abi.encodeCall(bank.setLastMonth, (JANUARY)),
            _issueCall(_claim(FLEET, JANUARY - 1, 0, 2), 0, 2)
        ];
        string[6] memory roles = ["CERTIFIER", "REGISTRAR", "GUARDIAN", "CHALLENGER", "", "ISSUER"];
        uint8[6] memory counts = [2, 4, 6, 2, 2, 1];
        address[7] memory holders =
            [CERTIFIER, REGISTRAR, GUARDIAN, CHALLENGER, ADMIN, ISSUER, stranger];
        uint256 at;
        for (uint256 i = 0; i < 6; ++i) {
            bytes32 role = i == 4 ? bytes32(0) : keccak256(bytes(roles[i]));
            for (uint256 k = 0; k < counts[i]; ++k) {
                for (uint256 other = 0; other < 7; ++other) {
                    if (other == i) continue;
                    mustRefuseWith(
                        holders[other],
                        address(bank),
                        calls[at],
                        abi.encodeWithSignature(
                            "AccessControlUnauthorizedAccount(address,bytes32)",
                            holders[other],
                            role
                        )
                    );
                }
                ++at;
            }
        }
        claimEqual(at, 17, "all of them");
    }

    function test_registry_refusals_say_everything() external {
        bytes32[] memory list = new bytes32[](1);
        _says(
            REGISTRAR,
            abi.encodeCall(bank.enrolFleet, (FLEET, address(0))),
            abi.encodeWithSelector(ICarbonBank.FleetExists.selector, FLEET)
        );
        _says(
            REGISTRAR,
            abi.encodeCall(bank.setOperator, ("nowhere", address(0))),
            abi.encodeWithSelector(ICarbonBank.FleetNotFound.selector, bytes32("nowhere"))
        );
        _says(
            REGISTRAR,
            abi.encodeCall(bank.setOperator, (FLEET, address(0))),
            abi.encodeWithSelector(ICarbonBank.ZeroAddress.selector)
        );
        _says(
            REGISTRAR,
            abi.encodeCall(bank.enrolVehicles, ("nowhere", list, JANUARY)),
            abi.encodeWithSelector(ICarbonBank.FleetNotFound.selector, bytes32("nowhere"))
        );
        _says(
            REGISTRAR,
            abi.encodeCall(bank.moveVehicle, (271, "nowhere", JANUARY)),
            abi.encodeWithSelector(ICarbonBank.VehicleNotFound.selector, 271)
        );
        _says(
            REGISTRAR,
            abi.encodeCall(bank.moveVehicle, (0, "nowhere", JANUARY)),
            abi.encodeWithSelector(ICarbonBank.VehicleNotFound.selector, 0)
        );
        _says(
            REGISTRAR,
            abi.encodeCall(bank.moveVehicle, (270, "nowhere", JANUARY)),
            abi.encodeWithSelector(ICarbonBank.FleetNotFound.selector, bytes32("nowhere"))
        );
        _says(
            REGISTRAR,
            abi.encodeCall(bank.moveVehicle, (270, FLEET, JANUARY - 1)),
            abi.encodeWithSelector(ICarbonBank.MoveNotInFuture.selector, JANUARY - 1, JANUARY)
        );
        _says(
            ADMIN,
            abi.encodeCall(bank.setLastMonth, (JANUARY - 1)),
            abi.encodeWithSelector(ICarbonBank.LastMonthInPast.selector, JANUARY - 1, JANUARY)
        );
        vm.prank(ADMIN);
        bank.setLastMonth(JANUARY + 1);
        _says(
            ADMIN,
            abi.encodeCall(bank.setLastMonth, (JANUARY - 1)),
            abi.encodeWithSelector(ICarbonBank.LastMonthAlreadySet.selector, JANUARY + 1)
        );
        _says(
            GUARDIAN,
            abi.encodeCall(bank.dismiss, (keccak256("ISSUER"), stranger, "")),
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", stranger, keccak256("ISSUER")
            )
        );
    }

    function _says(address sender, bytes memory call, bytes memory refusal) private {
        mustRefuseWith(sender, address(bank), call, refusal);
    }

    function test_methodology_refusals_say_everything() external {
        bytes32 id = METHOD;
        _says(
            CERTIFIER,
            abi.encodeCall(bank.certifyMethodology, (id, "L", 10_001, false)),
            abi.encodeWithSelector(ICarbonBank.MethodologyExists.selector, id)
        );
        _says(
            CERTIFIER,
            abi.encodeCall(bank.certifyMethodology, ("m", "L", 10_001, false)),
            abi.encodeWithSelector(ICarbonBank.BufferShareTooLarge.selector, 10_001, 10_000)
        );
        _says(
            CERTIFIER,
            abi.encodeCall(bank.withdrawMethodology, ("m")),
            abi.encodeWithSelector(ICarbonBank.MethodologyNotFound.selector, bytes32("m"))
        );
        vm.prank(CERTIFIER);
        bank.withdrawMethodology(id);
        _says(
            CERTIFIER,
            abi.encodeCall(bank.withdrawMethodology, (id)),
            abi.encodeWithSelector(ICarbonBank.MethodologyIsWithdrawn.selector, id)
        );
        // What was withdrawn is not certified again.
        _says(
            CERTIFIER,
            abi.encodeCall(bank.certifyMethodology, (id, "L", 1, false)),
            abi.encodeWithSelector(ICarbonBank.MethodologyExists.selector, id)
        );
        claimEqual(bank.methodology(id).bufferBps, BUFFER_BPS, "its share stays");
        claimEqual(bank.methodology(id).number, 1, "its number stays");
        Methodology memory nobody = bank.methodology("m");
        claimEqual(nobody.number, 0, "never certified");
        claimEqual(bytes(nobody.classLabel).length, 0, "no label");
    }

    function test_labels_fit_31_bytes() external {
        string memory longest = "1234567890123456789012345678901";
        vm.prank(CERTIFIER);
        bank.certifyMethodology("m", longest, 0, false);
        claimThat(
            keccak256(bytes(bank.methodology("m").classLabel)) == keccak256(bytes(longest)), "whole"
        );
        string memory tooLong = string.concat(longest, "2");
        _says(
            CERTIFIER,
            abi.encodeCall(bank.certifyMethodology, ("n", tooLong, 0, false)),
            abi.encodeWithSignature("StringTooLong(string)", tooLong)
        );
    }

    function test_300_methodologies_have_300_numbers() external {
        for (uint256 i = 2; i <= 300; ++i) {
            vm.prank(CERTIFIER);
            bank.certifyMethodology(bytes32(i), "L", 1, i % 2 == 0);
        }
        claimEqual(bank.methodology(bytes32(uint256(300))).number, 300, "number");
        claimThat(bank.methodology(bytes32(uint256(300))).demo, "demo");
        claimThat(!bank.methodology(bytes32(uint256(299))).demo, "not demo");
    }

    // --- powers ----------------------------------------------------------------------------------

    function test_the_bank_says_what_it_is() external view {
        IPowers known = IPowers(address(bank));
        claimThat(known.supportsInterface(type(ICarbonBank).interfaceId), "a bank");
        claimThat(known.supportsInterface(type(IERC1155).interfaceId), "ERC-1155");
        // AccessControlDefaultAdminRules, as OpenZeppelin states it.
        claimThat(known.supportsInterface(0x31498786), "admin rules");
        claimThat(known.supportsInterface(0x7965db0b), "access control");
        claimThat(known.supportsInterface(0x01ffc9a7), "ERC-165");
        claimThat(!known.supportsInterface(0xffffffff), "not everything");
        claimThat(known.isTrustedForwarder(FORWARDER), "the forwarder");
        claimThat(known.defaultAdmin() == ADMIN, "the admin");
        claimThat(keccak256(bytes(known.uri(1))) == keccak256("uri"), "where it is described");
    }

    function test_operators_hold_no_role_and_holders_operate_nothing() external {
        _says(
            ADMIN,
            abi.encodeCall(bank.grantRole, (keccak256("ISSUER"), people[0])),
            abi.encodeWithSelector(ICarbonBank.AccountOperatesFleet.selector, people[0], 1)
        );
        vm.prank(REGISTRAR);
        bank.enrolFleet("third", people[0]);
        _says(
            ADMIN,
            abi.encodeCall(bank.grantRole, (keccak256("ISSUER"), people[0])),
            abi.encodeWithSelector(ICarbonBank.AccountOperatesFleet.selector, people[0], 2)
        );
        vm.prank(REGISTRAR);
        bank.setOperator("third", people[2]);
        vm.prank(REGISTRAR);
        bank.setOperator(FLEET, people[3]);
        empower("ISSUER", people[0]);
        string[6] memory roles =
            ["CERTIFIER", "VERIFIER", "ISSUER", "REGISTRAR", "GUARDIAN", "CHALLENGER"];
        address[6] memory holders = [CERTIFIER, verifier, ISSUER, REGISTRAR, GUARDIAN, CHALLENGER];
        for (uint256 i = 0; i < 6; ++i) {
            bytes32 role = keccak256(bytes(roles[i]));
            bytes memory refusal =
                abi.encodeWithSelector(ICarbonBank.RoleConflict.selector, holders[i], role);
            _says(REGISTRAR, abi.encodeCall(bank.enrolFleet, ("f", holders[i])), refusal);
            _says(REGISTRAR, abi.encodeCall(bank.setOperator, (FLEET, holders[i])), refusal);
            bytes32 another = keccak256(bytes(roles[(i + 1) % 6]));
            _says(ADMIN, abi.encodeCall(bank.grantRole, (another, holders[i])), refusal);
            // Again the same role: nothing to do, and nothing is wrong.
            empower(roles[i], holders[i]);
        }
        _says(
            REGISTRAR,
            abi.encodeCall(bank.enrolFleet, ("f", ADMIN)),
            abi.encodeWithSelector(ICarbonBank.RoleConflict.selector, ADMIN, bytes32(0))
        );
    }

    function test_an_operator_stays_its_own_successor() external {
        vm.prank(REGISTRAR);
        bank.setOperator(FLEET, people[0]);
        _says(
            ADMIN,
            abi.encodeCall(bank.grantRole, (keccak256("ISSUER"), people[0])),
            abi.encodeWithSelector(ICarbonBank.AccountOperatesFleet.selector, people[0], 1)
        );
    }
}
