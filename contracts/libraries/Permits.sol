// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {Permit} from "../interfaces/ICarbonMarket.sol";

/// @title Allowances by signature (ERC-2612).
library Permits {
    /// @notice Lets this contract take an owner's money, if the permit counts. Somebody may have
    /// used it before: then the allowance is there already. If it is not, paying fails by itself.
    /// @param money the ERC-20
    /// @param owner whose permit it is
    /// @param permit the permit
    function tryUse(address money, address owner, Permit calldata permit) internal {
        try IERC20Permit(money)
            .permit(
                owner, address(this), permit.units, permit.deadline, permit.v, permit.r, permit.s
            ) {}
            catch {}
    }
}
