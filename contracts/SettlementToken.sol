// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Context} from "@openzeppelin/contracts/utils/Context.sol";

/// @title SettlementToken
/// @notice The bank's own e-money where no other ERC-20 is named: one token is 1,000,000 units.
contract SettlementToken is ERC20, ERC20Burnable, ERC20Permit, AccessControl, ERC2771Context {
    bytes32 public constant MINTER = keccak256("MINTER");

    /// @param forwarder ERC-2771 forwarder through which accounts may act
    /// @param admin who grants `MINTER`
    /// @param name_ ERC-20 name, also the EIP-712 domain's
    /// @param symbol_ ERC-20 symbol
    constructor(address forwarder, address admin, string memory name_, string memory symbol_)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
        ERC2771Context(forwarder)
    {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice Pays money in. MINTER.
    /// @param to who paid
    /// @param amountUnits micro-units of money
    function mint(address to, uint256 amountUnits) external onlyRole(MINTER) {
        _mint(to, amountUnits);
    }

    /// @notice Micro-units: 1,000,000 units are one token.
    /// @return 6
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Gives up an own role (AccessControl); not through the forwarder.
    /// @param role the role
    /// @param account the sender, to confirm
    function renounceRole(bytes32 role, address account) public override {
        if (account != msg.sender) revert AccessControlBadConfirmation();
        super.renounceRole(role, account);
    }

    /// @dev Role acts never pass the forwarder.
    function _checkRole(bytes32 role) internal view override {
        _checkRole(role, msg.sender);
    }

    function _msgSender() internal view override(Context, ERC2771Context) returns (address) {
        return ERC2771Context._msgSender();
    }

    function _msgData() internal view override(Context, ERC2771Context) returns (bytes calldata) {
        return ERC2771Context._msgData();
    }

    function _contextSuffixLength()
        internal
        view
        override(Context, ERC2771Context)
        returns (uint256)
    {
        return ERC2771Context._contextSuffixLength();
    }
}
