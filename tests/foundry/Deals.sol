// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Order, Side} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Acts} from "./Acts.sol";

interface IMarket {
    function isTrustedForwarder(address forwarder) external view returns (bool);
    function owner() external view returns (address);
    function bank() external view returns (address);
    function ORDER_TYPEHASH() external view returns (bytes32);
    function FEE_CAP_BPS() external view returns (uint16);
}

/// @notice One batch, its operator who sells, and person 5 who buys. A tonne costs 3,000.000001:
/// prices of a few grams are rounded up.
abstract contract Deals is Acts {
    uint128 internal constant PRICE = 3_000_000_001;
    uint256 internal constant MINTED = 10 ** 12;

    uint256 internal batchId;

    function setUp() public virtual override {
        super.setUp();
        batchId = _mustIssue(FLEET, JANUARY - 1, 0, 2);
        for (uint256 i = 0; i < people.length; ++i) {
            vm.prank(ADMIN);
            money.mint(people[i], MINTED);
            vm.prank(people[i]);
            money.approve(address(market), type(uint256).max);
            vm.prank(people[i]);
            bank.setApprovalForAll(address(market), true);
        }
    }

    function _sell() internal view returns (Order memory order) {
        order.maker = people[0];
        order.batchId = batchId;
        order.money = address(money);
        order.amountG = 100;
        order.priceUnitsPerT = PRICE;
        order.maxFeeBp = FEE_BPS;
        order.signedAt = uint64(START);
        order.validUntil = uint64(START);
        order.salt = 1;
    }

    function _buy() internal view returns (Order memory order) {
        order = _asBuy(_sell());
        order.maker = people[5];
    }

    /// @dev A copy: memory structs are shared otherwise.
    function _asBuy(Order memory order) internal pure returns (Order memory) {
        return Order(
            order.maker,
            Side.Buy,
            order.batchId,
            order.classId,
            order.money,
            order.amountG,
            order.priceUnitsPerT,
            order.maxFeeBp,
            order.minFillG,
            order.minAgeS,
            order.signedAt,
            order.validUntil,
            order.salt
        );
    }

    /// @dev The maker of a sell order is person 0 with key 1, of a buy order person 5 with key 6.
    function _fill(Order memory order, uint64 amountG) internal view returns (bytes memory) {
        uint256 key = order.side == Side.Sell ? 1 : 6;
        return abi.encodeCall(market.fill, (order, signOrder(key, order), batchId, amountG));
    }

    function _settle(Order memory sell, Order memory buy, uint64 amountG)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            market.settle, (sell, signOrder(1, sell), buy, signOrder(6, buy), batchId, amountG)
        );
    }

    /// @dev The least u with u * 10^6 >= price * g.
    function _cost(uint256 price, uint256 amountG) internal pure returns (uint256) {
        return (price * amountG + 999_999) / 1_000_000;
    }

    function _goes(bytes memory call) internal returns (bytes memory) {
        vm.prank(stranger);
        (bool done, bytes memory answer) = address(market).call(call);
        claimThat(done, "it goes through");
        return answer;
    }

    function _says(bytes memory call, bytes memory refusal) internal {
        mustRefuseWith(stranger, address(market), call, refusal);
    }
}
