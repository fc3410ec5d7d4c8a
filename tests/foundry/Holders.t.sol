// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl, IAccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {
    IAccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {Acts} from "./Acts.sol";

/// @notice What a role gives up or takes is its holder's own act: the forwarder, whoever signed, is
/// refused what the holder may do.
contract HoldersTest is Acts {
    function _only(address holder, address to, bytes memory call, bytes memory refusal) private {
        mustRefuseWith(FORWARDER, to, abi.encodePacked(call, holder), refusal);
        vm.prank(holder);
        (bool done,) = to.call(call);
        claimThat(done, "the holder itself");
    }

    function test_a_role_is_given_up_by_its_holder_alone() external {
        bytes memory refusal =
            abi.encodeWithSelector(IAccessControl.AccessControlBadConfirmation.selector);
        bytes32 issuer = keccak256("ISSUER");
        mustRefuseWith(
            stranger,
            address(bank),
            abi.encodeCall(IAccessControl.renounceRole, (issuer, ISSUER)),
            refusal
        );
        _only(
            ISSUER,
            address(bank),
            abi.encodeCall(IAccessControl.renounceRole, (issuer, ISSUER)),
            refusal
        );
        claimThat(!AccessControl(address(bank)).hasRole(issuer, ISSUER), "given up");
        bytes32 minter = keccak256("MINTER");
        _only(
            ADMIN,
            address(money),
            abi.encodeCall(IAccessControl.renounceRole, (minter, ADMIN)),
            refusal
        );
        claimThat(!AccessControl(address(money)).hasRole(minter, ADMIN), "given up too");
    }

    function test_adminship_is_taken_by_who_was_named_alone() external {
        IAccessControlDefaultAdminRules rules = IAccessControlDefaultAdminRules(address(bank));
        vm.prank(ADMIN);
        rules.beginDefaultAdminTransfer(stranger);
        vm.warp(START + 1);
        bytes memory accept =
            abi.encodeCall(IAccessControlDefaultAdminRules.acceptDefaultAdminTransfer, ());
        mustRefuseWith(
            people[0],
            address(bank),
            accept,
            abi.encodeWithSelector(
                IAccessControlDefaultAdminRules.AccessControlInvalidDefaultAdmin.selector, people[0]
            )
        );
        _only(
            stranger,
            address(bank),
            accept,
            abi.encodeWithSelector(
                IAccessControlDefaultAdminRules.AccessControlInvalidDefaultAdmin.selector, FORWARDER
            )
        );
        claimThat(rules.defaultAdmin() == stranger, "the admin");
    }

    function test_the_market_is_handed_over_by_its_owners_alone() external {
        address owner = Ownable(address(market)).owner();
        bytes memory forwarded =
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, FORWARDER);
        bytes memory give = abi.encodeCall(Ownable.transferOwnership, (stranger));
        _only(owner, address(market), give, forwarded);
        bytes memory take = abi.encodeCall(Ownable2Step.acceptOwnership, ());
        mustRefuseWith(
            owner,
            address(market),
            take,
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, owner)
        );
        _only(stranger, address(market), take, forwarded);
        claimThat(Ownable(address(market)).owner() == stranger, "the owner");
    }
}
