// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonBank, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {Fill, ICarbonMarket, Order, Side} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Shadow} from "./Books.sol";
import {World} from "./World.sol";

/// @dev What the market must hold of a signed order, kept apart from it.
struct Kept {
    Order order;
    bytes signature;
    /// @dev The maker's number among the people, from 1; also the key, but for the wallet.
    uint256 key;
    uint256 row;
    uint64 filledG;
    uint256 paidUnits;
    bool cancelled;
    /// @dev It was filled at a price of another order, so the sum is not its own price.
    bool mixed;
}

/// @notice Signed orders, what a fill of them must be refused with, and what it must cost.
abstract contract Orders is World {
    uint256 internal constant MINTED = 10 ** 30;

    Kept[] internal sells;
    Kept[] internal buys;
    mapping(address account => uint256) internal units;
    mapping(address maker => uint64) internal deadUpTo;

    constructor() {
        for (uint256 i = 0; i < people.length; ++i) {
            vm.prank(ADMIN);
            money.mint(people[i], MINTED);
            units[people[i]] = MINTED;
            vm.prank(people[i]);
            money.approve(address(market), type(uint256).max);
            vm.prank(people[i]);
            bank.setApprovalForAll(address(market), true);
        }
    }

    // --- orders ----------------------------------------------------------------------------------

    function _sell(uint256 seed) internal returns (Kept storage kept) {
        _pickMoving(seed);
        kept = sells.push();
        kept.row = touched;
        kept.key = _holderKey(seed >> 128);
        kept.order = _order(seed, Side.Sell, kept.key, touched);
        uint256 heldByMaker = heldG[touched][kept.order.maker];
        kept.order.amountG = uint64(within(seed >> 40, 1, heldByMaker + 1));
        kept.order.minFillG = (seed >> 30) & 7 == 0 ? kept.order.amountG / 2 : 0;
        _sign(kept);
    }

    /// @dev Somebody who holds grams of the touched batch, if anybody does.
    function _holderKey(uint256 seed) internal view returns (uint256) {
        for (uint256 i = 0; i < people.length; ++i) {
            uint256 person = (seed + i) % people.length;
            if (heldG[touched][people[person]] != 0) return person + 1;
        }
        return 1 + seed % people.length;
    }

    function _buyFor(uint256 seed, Kept storage sold) internal returns (Kept storage kept) {
        kept = buys.push();
        kept.row = sold.row;
        kept.key = 1 + (seed >> 136) % people.length;
        kept.order = _order(seed >> 1, Side.Buy, kept.key, sold.row);
        kept.order.amountG = uint64(within(seed >> 60, 1, 2 * uint256(sold.order.amountG)));
        // Most cross; a few do not.
        uint128 price = sold.order.priceUnitsPerT;
        kept.order.priceUnitsPerT =
            seed % 16 == 0 ? price / 2 : price + uint128(within(seed >> 90, 0, price));
        _sign(kept);
    }

    function _order(uint256 seed, Side side, uint256 key, uint256 row)
        private
        returns (Order memory order)
    {
        order.maker = people[key - 1];
        order.side = side;
        if (seed & 3 == 0) {
            order.classId = keccak256(abi.encode("AMS-III.C/16", uint256(shadows[row].month / 12)));
            order.minAgeS = seed & 7 == 0 ? uint32(7 * DAY) : 0;
        } else {
            order.batchId = shadows[row].id;
        }
        order.money = address(money);
        order.priceUnitsPerT = uint128(within(seed >> 72, 1, 10 ** (1 + (seed >> 64) % 12)));
        order.maxFeeBp = seed % 32 == 1 ? FEE_BPS - 1 : FEE_BPS;
        order.signedAt = uint64(nowS - (seed >> 100) % 1000);
        order.validUntil = uint64(nowS + (seed >> 110) % (3 * DAY));
        order.salt = ++salt;
    }

    function _sign(Kept storage kept) private {
        bytes32 digest = digestOf("CarbonMarket", address(market), hashOf(kept.order));
        kept.signature = _signatureOf(kept.order.maker, kept.key, digest);
    }

    /// @dev Of four the last one was not touched yet; half of the others' fills are not the first.
    function _sellOf(uint256 seed) internal returns (Kept storage) {
        uint256 count = sells.length;
        if (seed & 3 == 0 || count == 0) return _sell(seed >> 2);
        return sells[count - 1 - (seed >> 2) % (count < 3 ? count : 3)];
    }

    /// @dev Grams of a fill: now and then none or one too many, mostly a part of what there is.
    function _amountG(uint256 seed, uint64 mostG) internal pure returns (uint64) {
        if (seed & 15 == 0) return mostG + 1;
        if (seed & 15 == 1 || mostG == 0) return 0;
        return uint64(within(seed >> 4, 1, seed & 8 == 0 ? mostG : mostG / 2 + 1));
    }

    function _restG(Kept storage kept) internal view returns (uint64) {
        return kept.order.amountG - kept.filledG;
    }

    // --- what is refused -------------------------------------------------------------------------

    /// @dev Of a trade of two orders: what refuses it, or else what it costs.
    function _outcome(Kept storage sold, Kept storage bought, uint64 amountG)
        internal
        view
        returns (bytes4 refusal, uint256 paidUnits)
    {
        refusal = _refusalOf(sold, amountG);
        if (refusal == 0) refusal = _refusalIn(bought, sold.row, amountG);
        if (refusal != 0) return (refusal, 0);
        if (sold.order.priceUnitsPerT > bought.order.priceUnitsPerT) {
            return (ICarbonMarket.PricesDoNotCross.selector, 0);
        }
        (paidUnits, refusal) = _priceOfSettle(sold, bought, amountG);
        if (refusal == 0) {
            refusal = _refusalOfExchange(sold.order.maker, bought.order.maker, sold.row, amountG);
        }
    }

    function _refusalOf(Kept storage kept, uint64 amountG) internal view returns (bytes4) {
        return _refusalIn(kept, kept.row, amountG);
    }

    function _refusalIn(Kept storage kept, uint256 row, uint64 amountG)
        internal
        view
        returns (bytes4)
    {
        Order storage order = kept.order;
        if (kept.cancelled || order.signedAt <= deadUpTo[order.maker]) {
            return ICarbonMarket.OrderIsCancelled.selector;
        }
        if (order.validUntil < nowS) return ICarbonMarket.OrderExpired.selector;
        Shadow storage shadow = shadows[row];
        if (order.batchId == 0) {
            if (order.classId != keccak256(abi.encode("AMS-III.C/16", uint256(shadow.month / 12))))
            {
                return ICarbonMarket.WrongClass.selector;
            }
            uint256 hour = (issuedAt[row] + 3599) / 3600 * 3600;
            uint256 ageS = nowS < hour ? 0 : nowS - hour;
            if (ageS < order.minAgeS) return ICarbonMarket.BatchTooYoung.selector;
        } else if (order.batchId != shadow.id) {
            return ICarbonMarket.WrongBatch.selector;
        }
        if (order.maxFeeBp < FEE_BPS) return ICarbonMarket.FeeTooHigh.selector;
        if (amountG == 0) return ICarbonMarket.ZeroAmount.selector;
        uint64 restG = order.amountG - kept.filledG;
        if (amountG > restG) return ICarbonMarket.FillTooLarge.selector;
        if (amountG < order.minFillG && amountG != restG) {
            return ICarbonMarket.FillTooSmall.selector;
        }
        return 0;
    }

    function _refusalOfExchange(address seller, address buyer, uint256 row, uint64 amountG)
        internal
        view
        returns (bytes4)
    {
        if (seller == buyer) return ICarbonMarket.SelfTrade.selector;
        if (shadows[row].status != Status.Active) return ICarbonBank.BatchNotActive.selector;
        if (heldG[row][seller] < amountG) {
            return bytes4(keccak256("ERC1155InsufficientBalance(address,uint256,uint256,uint256)"));
        }
        return 0;
    }

    function _priceOfSettle(Kept storage sold, Kept storage bought, uint64 amountG)
        internal
        view
        returns (uint256 paidUnits, bytes4 refusal)
    {
        paidUnits = sold.order.signedAt <= bought.order.signedAt
            ? _cost(sold, amountG)
            : _cost(bought, amountG);
        uint256 leftUnits = _price(bought.order, bought.filledG + amountG) - bought.paidUnits;
        if (leftUnits < paidUnits) paidUnits = leftUnits;
        uint256 limitUnits = _price(sold.order, sold.filledG + amountG);
        if (sold.paidUnits + paidUnits + 1 < limitUnits) {
            refusal = ICarbonMarket.PaidTooLittle.selector;
        }
    }

    /// @dev Rounded up without the contract's own words: the least u with u * 10^6 >= price * g.
    function _price(Order storage order, uint64 amountG) internal view returns (uint256) {
        return (uint256(order.priceUnitsPerT) * amountG + 999_999) / 1_000_000;
    }

    function _cost(Kept storage kept, uint64 amountG) internal view returns (uint256) {
        return _price(kept.order, kept.filledG + amountG) - _price(kept.order, kept.filledG);
    }

    /// @dev Both orders, the credits and the money of a trade that went through.
    function _traded(Kept storage sold, Kept storage bought, uint64 amountG, uint256 paidUnits)
        internal
    {
        bool sellFirst = sold.order.signedAt <= bought.order.signedAt;
        if (sellFirst || paidUnits != _cost(bought, amountG)) bought.mixed = true;
        if (!sellFirst || paidUnits != _cost(sold, amountG)) sold.mixed = true;
        _filled(sold, amountG, paidUnits);
        _filled(bought, amountG, paidUnits);
        _moved(sold.order.maker, bought.order.maker, sold.row, amountG, paidUnits);
    }

    function _filled(Kept storage kept, uint64 amountG, uint256 paidUnits) internal {
        kept.filledG += amountG;
        kept.paidUnits += paidUnits;
    }

    function _checkFill(Kept storage kept) internal view {
        Fill memory shown = market.fillOf(kept.order.maker, hashOf(kept.order));
        claimEqual(shown.filledG, kept.filledG, "MARKET_A: filled is the sum of fills");
        claimEqual(shown.paidUnits, kept.paidUnits, "MARKET_C: paid is the sum of payments");
        claimThat(kept.filledG <= kept.order.amountG, "MARKET_A: filled is at most the amount");
        uint256 limitUnits = _price(kept.order, kept.filledG);
        if (kept.order.side == Side.Buy) {
            claimThat(kept.paidUnits <= limitUnits, "MARKET_C: a buyer's limit");
        } else {
            claimThat(kept.paidUnits + 1 >= limitUnits, "MARKET_C: a seller's limit, one unit off");
        }
        if (!kept.mixed) claimEqual(kept.paidUnits, limitUnits, "ROUND_B: splits cost nothing");
    }

    function _moved(address seller, address buyer, uint256 row, uint64 amountG, uint256 paidUnits)
        internal
    {
        touched = row;
        heldG[row][seller] -= amountG;
        heldG[row][buyer] += amountG;
        uint256 feeUnits = paidUnits * FEE_BPS / 10_000;
        units[buyer] -= paidUnits;
        units[seller] += paidUnits - feeUnits;
        units[FEE_BOX] += feeUnits;
        parties = [seller, buyer];
    }

    // --- what must hold --------------------------------------------------------------------------

    function checkMoney() external view {
        if (parties[0] == address(0)) return;
        _checkUnits(FEE_BOX);
        _checkUnits(parties[0]);
        _checkUnits(parties[1]);
        claimEqual(money.balanceOf(address(market)), 0, "MARKET_B: the market keeps nothing");
        uint256 heldByMarketG = bank.balanceOf(address(market), shadows[touched].id);
        claimEqual(heldByMarketG, 0, "MARKET_B: nor credits");
    }

    function checkAllMoney() external view {
        uint256 sumUnits = _checkUnits(FEE_BOX);
        for (uint256 i = 0; i < people.length; ++i) {
            sumUnits += _checkUnits(people[i]);
        }
        claimEqual(sumUnits, people.length * MINTED, "MARKET_B: paid is received plus fee");
        for (uint256 i = 0; i < sells.length; ++i) {
            _checkFill(sells[i]);
        }
        for (uint256 i = 0; i < buys.length; ++i) {
            _checkFill(buys[i]);
        }
    }

    function _checkUnits(address account) private view returns (uint256 balanceUnits) {
        balanceUnits = money.balanceOf(account);
        claimEqual(balanceUnits, units[account], "MARKET_B: money moves against credits");
    }
}
