// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonBank, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {Fill, ICarbonMarket, Order, Side} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Shadow} from "./Books.sol";
import {World} from "./World.sol";

/// @dev What the market must hold of a signed order, kept apart from it.
struct Kept {
    Order order;
    uint256 key;
    uint256 row;
    uint64 filledG;
    uint256 paidUnits;
    bool cancelled;
    /// @dev It was filled at a price of another order, so the sum is not its own price.
    bool mixed;
}

/// @notice Acts on the market beside those on the bank; the money is shadowed too.
contract Exchange is World {
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

    function sell(uint256 seed) external act("sell") {
        _sell(seed);
    }

    function _sell(uint256 seed) private returns (Kept storage kept) {
        _pick(seed);
        kept = sells.push();
        kept.row = touched;
        kept.key = _holderKey(seed >> 128);
        kept.order = _order(seed, Side.Sell, kept.key, touched);
        uint256 heldByMaker = heldG[touched][kept.order.maker];
        kept.order.amountG = uint64(within(seed >> 40, 1, heldByMaker + 1));
        kept.order.minFillG = seed & 12 == 0 ? kept.order.amountG / 2 : 0;
    }

    /// @dev Somebody who holds grams of the touched batch, if anybody does.
    function _holderKey(uint256 seed) private view returns (uint256) {
        for (uint256 i = 0; i < people.length; ++i) {
            uint256 person = (seed + i) % people.length;
            if (heldG[touched][people[person]] != 0) return person + 1;
        }
        return 1 + seed % people.length;
    }

    function _buyFor(uint256 seed, Kept storage sold) private returns (Kept storage kept) {
        kept = buys.push();
        kept.row = sold.row;
        kept.key = 1 + (seed >> 136) % people.length;
        kept.order = _order(seed >> 1, Side.Buy, kept.key, sold.row);
        kept.order.amountG = uint64(within(seed >> 60, 1, 2 * uint256(sold.order.amountG)));
        // Most cross; a few do not.
        uint128 price = sold.order.priceUnitsPerT;
        kept.order.priceUnitsPerT =
            seed % 16 == 0 ? price / 2 : price + uint128(within(seed >> 90, 0, price));
    }

    function _order(uint256 seed, Side side, uint256 key, uint256 row)
        private
        returns (Order memory order)
    {
        order.maker = vm.addr(key);
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

    // --- trading ---------------------------------------------------------------------------------

    function settle(uint256 seed) external act("settle") {
        Kept storage sold =
            seed & 96 == 0 || sells.length == 0 ? _sell(seed) : sells[(seed >> 200) % sells.length];
        Kept storage bought = seed & 384 != 0 || buys.length == 0
            ? _buyFor(seed, sold)
            : buys[(seed >> 208) % buys.length];
        touched = sold.row;
        uint64 restG = sold.order.amountG - sold.filledG;
        uint64 buyRestG = bought.order.amountG - bought.filledG;
        uint64 mostG = restG < buyRestG ? restG : buyRestG;
        uint64 amountG = seed & 1536 == 0 ? mostG + 1 : uint64(within(seed >> 160, 0, mostG));
        bytes memory call = abi.encodeCall(
            market.settle,
            (
                sold.order,
                signOrder(sold.key, sold.order),
                bought.order,
                signOrder(bought.key, bought.order),
                shadows[sold.row].id,
                amountG
            )
        );
        (bool refused, bytes4 selector) = _refusalOfSettle(sold, bought, amountG);
        if (refused) {
            mustRefuse(stranger, address(market), call, selector);
            return;
        }
        (uint256 paidUnits, bytes4 short) = _priceOfSettle(sold, bought, amountG);
        if (short == 0) short = _refusalOfExchange(sold.order.maker, bought.order.maker, amountG);
        if (short != 0) {
            mustRefuse(stranger, address(market), call, short);
            return;
        }
        vm.prank(stranger);
        (bool done, bytes memory answer) = address(market).call(call);
        claimThat(done, "a crossing pair settles");
        claimEqual(abi.decode(answer, (uint256)), paidUnits, "MARKET_C: paid is the price");
        bool sellFirst = sold.order.signedAt <= bought.order.signedAt;
        if (sellFirst || paidUnits != _cost(bought, amountG)) bought.mixed = true;
        if (!sellFirst || paidUnits != _cost(sold, amountG)) sold.mixed = true;
        _filled(sold, amountG, paidUnits);
        _filled(bought, amountG, paidUnits);
        _moved(sold.order.maker, bought.order.maker, amountG, paidUnits);
    }

    function fill(uint256 seed) external act("fill") {
        bool selling = seed & 1 == 0;
        Kept storage sold =
            seed & 96 == 0 || sells.length == 0 ? _sell(seed) : sells[(seed >> 200) % sells.length];
        Kept storage kept = selling ? sold : _buyFor(seed, sold);
        touched = kept.row;
        address taker = selling ? _person(seed >> 144) : vm.addr(_holderKey(seed >> 144));
        uint64 restG = kept.order.amountG - kept.filledG;
        uint64 amountG = seed & 1536 == 0 ? restG + 1 : uint64(within(seed >> 160, 0, restG));
        bool retires = selling && seed & 2 == 0;
        bytes memory signature = signOrder(kept.key, kept.order);
        uint256 id = shadows[kept.row].id;
        bytes memory call = retires
            ? abi.encodeCall(
                market.fillAndRetire, (kept.order, signature, id, amountG, "for", "why")
            )
            : abi.encodeCall(market.fill, (kept.order, signature, id, amountG));
        (bool refused, bytes4 selector) = _refusalOf(kept, amountG);
        address seller = selling ? kept.order.maker : taker;
        address buyer = selling ? taker : kept.order.maker;
        if (!refused) {
            selector = _refusalOfExchange(seller, buyer, amountG);
            refused = selector != 0;
        }
        if (refused) {
            mustRefuse(taker, address(market), call, selector);
            return;
        }
        uint256 paidUnits = _cost(kept, amountG);
        if (!selling) {
            uint256 leftUnits = _price(kept.order, kept.filledG + amountG) - kept.paidUnits;
            if (leftUnits < paidUnits) (paidUnits, kept.mixed) = (leftUnits, true);
        }
        vm.prank(taker);
        (bool done, bytes memory answer) = address(market).call(call);
        claimThat(done, "a live order fills");
        claimEqual(uint256(bytes32(answer)), paidUnits, "ROUND_B: a fill costs its part");
        _filled(kept, amountG, paidUnits);
        _moved(seller, buyer, amountG, paidUnits);
        if (retires) {
            (, uint256 retirementId) = abi.decode(answer, (uint256, uint256));
            _retired(buyer, amountG, retirementId);
        }
    }

    /// @dev Who signed something else, or is not the maker.
    function forge_(uint256 seed) external act("forge") {
        Kept storage sold = _sell(seed);
        if (sold.order.amountG == 0) return;
        Order memory changed = sold.order;
        bytes memory signature = signOrder(sold.key, changed);
        uint256 which = (seed >> 8) % 6;
        if (which == 0) changed.priceUnitsPerT += 1;
        else if (which == 1) changed.amountG += 1;
        else if (which == 2) changed.validUntil += 1;
        else if (which == 3) changed.money = stranger;
        else if (which == 4) changed.maker = people[sold.key % people.length];
        else signature = signOrder(STRANGER_KEY, changed);
        mustRefuse(
            people[5],
            address(market),
            abi.encodeCall(market.fill, (changed, signature, shadows[sold.row].id, 1)),
            ICarbonMarket.BadOrderSignature.selector
        );
    }

    function cancelOrder(uint256 seed) external act("cancelOrder") {
        if (sells.length == 0) _sell(seed);
        Kept storage kept = seed & 1 == 0 || buys.length == 0
            ? sells[(seed >> 8) % sells.length]
            : buys[(seed >> 8) % buys.length];
        touched = kept.row;
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = hashOf(kept.order);
        // ROUND_A: who signs and cancels changes nothing; another's cancel does nothing to it.
        bool own = seed & 2 == 0;
        vm.prank(own ? kept.order.maker : stranger);
        market.cancel(hashes);
        if (own) kept.cancelled = true;
    }

    function cancelAll(uint256 seed) external act("cancelAll") {
        if (seed % 8 != 0) return;
        address maker = _person(seed >> 8);
        vm.prank(maker);
        market.cancelAll();
        deadUpTo[maker] = uint64(nowS);
    }

    // --- what is refused -------------------------------------------------------------------------

    function _refusalOfSettle(Kept storage sold, Kept storage bought, uint64 amountG)
        private
        view
        returns (bool refused, bytes4 selector)
    {
        (refused, selector) = _refusalOf(sold, amountG);
        if (refused) return (refused, selector);
        (refused, selector) = _refusalIn(bought, sold.row, amountG);
        if (refused) return (refused, selector);
        if (sold.order.priceUnitsPerT > bought.order.priceUnitsPerT) {
            return (true, ICarbonMarket.PricesDoNotCross.selector);
        }
    }

    function _refusalOf(Kept storage kept, uint64 amountG) private view returns (bool, bytes4) {
        return _refusalIn(kept, kept.row, amountG);
    }

    function _refusalIn(Kept storage kept, uint256 row, uint64 amountG)
        private
        view
        returns (bool, bytes4)
    {
        Order storage order = kept.order;
        if (kept.cancelled || order.signedAt <= deadUpTo[order.maker]) {
            return (true, ICarbonMarket.OrderIsCancelled.selector);
        }
        if (order.validUntil < nowS) return (true, ICarbonMarket.OrderExpired.selector);
        Shadow storage shadow = shadows[row];
        if (order.batchId == 0) {
            if (order.classId != keccak256(abi.encode("AMS-III.C/16", uint256(shadow.month / 12))))
            {
                return (true, ICarbonMarket.WrongClass.selector);
            }
            uint256 hour = (issuedAt[row] + 3599) / 3600 * 3600;
            uint256 ageS = nowS < hour ? 0 : nowS - hour;
            if (ageS < order.minAgeS) return (true, ICarbonMarket.BatchTooYoung.selector);
        } else if (order.batchId != shadow.id) {
            return (true, ICarbonMarket.WrongBatch.selector);
        }
        if (order.maxFeeBp < FEE_BPS) return (true, ICarbonMarket.FeeTooHigh.selector);
        if (amountG == 0) return (true, ICarbonMarket.ZeroAmount.selector);
        uint64 restG = order.amountG - kept.filledG;
        if (amountG > restG) return (true, ICarbonMarket.FillTooLarge.selector);
        if (amountG < order.minFillG && amountG != restG) {
            return (true, ICarbonMarket.FillTooSmall.selector);
        }
        return (false, 0);
    }

    function _refusalOfExchange(address seller, address buyer, uint64 amountG)
        private
        view
        returns (bytes4)
    {
        if (seller == buyer) return ICarbonMarket.SelfTrade.selector;
        if (shadows[touched].status != Status.Active) return ICarbonBank.BatchNotActive.selector;
        if (heldG[touched][seller] < amountG) {
            return bytes4(keccak256("ERC1155InsufficientBalance(address,uint256,uint256,uint256)"));
        }
        return 0;
    }

    function _priceOfSettle(Kept storage sold, Kept storage bought, uint64 amountG)
        private
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
    function _price(Order storage order, uint64 amountG) private view returns (uint256) {
        return (uint256(order.priceUnitsPerT) * amountG + 999_999) / 1_000_000;
    }

    function _cost(Kept storage kept, uint64 amountG) private view returns (uint256) {
        return _price(kept.order, kept.filledG + amountG) - _price(kept.order, kept.filledG);
    }

    function _filled(Kept storage kept, uint64 amountG, uint256 paidUnits) private {
        kept.filledG += amountG;
        kept.paidUnits += paidUnits;
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

    function _moved(address seller, address buyer, uint64 amountG, uint256 paidUnits) private {
        heldG[touched][seller] -= amountG;
        heldG[touched][buyer] += amountG;
        uint256 feeUnits = paidUnits * FEE_BPS / 10_000;
        units[buyer] -= paidUnits;
        units[seller] += paidUnits - feeUnits;
        units[FEE_BOX] += feeUnits;
    }

    // --- what must hold --------------------------------------------------------------------------

    function checkMoney() external view {
        uint256 sumUnits = money.balanceOf(FEE_BOX);
        claimEqual(sumUnits, units[FEE_BOX], "MARKET_B: the fee arrives");
        for (uint256 i = 0; i < people.length; ++i) {
            uint256 balanceUnits = money.balanceOf(people[i]);
            claimEqual(balanceUnits, units[people[i]], "MARKET_B: money moves against credits");
            sumUnits += balanceUnits;
        }
        claimEqual(sumUnits, people.length * MINTED, "MARKET_B: paid is received plus fee");
        claimEqual(money.balanceOf(address(market)), 0, "MARKET_B: the market keeps nothing");
        if (shadows.length != 0) {
            claimEqual(
                bank.balanceOf(address(market), shadows[touched].id), 0, "MARKET_B: nor credits"
            );
        }
    }
}
