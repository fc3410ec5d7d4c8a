// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonMarket, Order, Permit, Trade} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Kept, Orders} from "./Orders.sol";

/// @notice Acts on the market beside those on the bank.
contract Exchange is Orders {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    /// @dev How a fill is paid for: with the allowance there is, or with a permit as well.
    enum Means {
        Allowance,
        Permit,
        BadPermit,
        BadPermitOnly
    }

    struct Take {
        address taker;
        address seller;
        address buyer;
        uint256 id;
        uint64 amountG;
        uint256 paidUnits;
        bool retires;
        Means means;
    }

    // --- two orders ------------------------------------------------------------------------------

    function sell(uint256 seed) external act {
        _sell(seed);
    }

    function settle(uint256 seed) external act {
        (Kept storage sold, Kept storage bought, uint64 amountG) = _pair(seed);
        touched = sold.row;
        bytes memory call = abi.encodeCall(
            market.settle,
            (
                sold.order,
                sold.signature,
                bought.order,
                bought.signature,
                shadows[sold.row].id,
                amountG
            )
        );
        (bytes4 refusal, uint256 paidUnits) = _outcome(sold, bought, amountG);
        if (refusal != 0) {
            mustRefuse(stranger, address(market), call, refusal);
            return;
        }
        bytes memory answer = _send(seed, stranger, address(market), call);
        claimEqual(abi.decode(answer, (uint256)), paidUnits, "MARKET_C: paid is the price");
        _traded(sold, bought, amountG, paidUnits);
        _checkFill(sold);
        _checkFill(bought);
    }

    /// @dev Live and dead trades in one call: the dead are told and change nothing.
    function settleMany(uint256 seed) external act {
        uint256 count = 2 + (seed >> 230) % 2;
        Trade[] memory trades = new Trade[](count);
        bool[] memory dead = new bool[](count);
        uint256[] memory places = new uint256[](count);
        uint256 live;
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            (Kept storage sold, Kept storage bought, uint64 amountG) = _pair(random);
            trades[i] = Trade(
                sold.order,
                sold.signature,
                bought.order,
                bought.signature,
                shadows[sold.row].id,
                amountG
            );
            places[i] = _placeOf(sold);
            (bytes4 refusal, uint256 paidUnits) = _outcome(sold, bought, amountG);
            dead[i] = refusal != 0;
            if (dead[i]) continue;
            ++live;
            _traded(sold, bought, amountG, paidUnits);
        }
        for (uint256 i = 0; i < count; ++i) {
            if (!dead[i]) continue;
            vm.expectEmit(address(market));
            emit ICarbonMarket.TradeSkipped(i, hashOf(trades[i].sell), hashOf(trades[i].buy));
        }
        vm.expectEmit(address(market));
        emit ICarbonMarket.ManySettled(live, count - live);
        vm.prank(stranger);
        claimEqual(market.settleMany(trades), live, "MARKET_A: only live trades settle");
        for (uint256 i = 0; i < count; ++i) {
            _checkFill(sells[places[i]]);
        }
    }

    function _pair(uint256 seed)
        private
        returns (Kept storage sold, Kept storage bought, uint64 amountG)
    {
        sold = _sellOf(seed);
        uint256 count = buys.length;
        bought = (seed >> 20) & 3 != 0 || count == 0
            ? _buyFor(seed, sold)
            : buys[count - 1 - (seed >> 208) % (count < 3 ? count : 3)];
        uint64 restG = _restG(sold);
        uint64 buyRestG = _restG(bought);
        amountG = _amountG(seed >> 160, restG < buyRestG ? restG : buyRestG);
    }

    function _placeOf(Kept storage sold) private view returns (uint256 place) {
        for (place = sells.length - 1; sells[place].order.salt != sold.order.salt; --place) {}
    }

    // --- one order -------------------------------------------------------------------------------

    function fill(uint256 seed) external act {
        bool selling = seed & 1 == 0;
        Kept storage kept = _sellOf(seed >> 1);
        if (!selling) kept = _buyFor(seed >> 1, kept);
        touched = kept.row;
        Take memory take = _takeOf(seed, kept, selling);
        bytes memory call = _callOf(kept, take);
        bytes4 refusal = _refusalOf(kept, take.amountG);
        if (refusal == 0) {
            refusal = _refusalOfExchange(take.seller, take.buyer, kept.row, take.amountG);
        }
        if (refusal != 0) {
            mustRefuse(take.taker, address(market), call, refusal);
            return;
        }
        bool bare = take.means == Means.Permit || take.means == Means.BadPermitOnly;
        if (bare) _allow(take.taker, 0);
        if (take.means == Means.BadPermitOnly) {
            mustRefuse(
                take.taker,
                address(market),
                call,
                bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)"))
            );
        } else {
            _take(seed, kept, take, call);
        }
        if (bare) _allow(take.taker, type(uint256).max);
    }

    function _takeOf(uint256 seed, Kept storage kept, bool selling)
        private
        returns (Take memory take)
    {
        address maker = kept.order.maker;
        take.taker = selling ? _person(seed >> 144) : people[_holderKey(seed >> 144) - 1];
        (take.seller, take.buyer) = selling ? (maker, take.taker) : (take.taker, maker);
        take.id = shadows[kept.row].id;
        take.amountG = _amountG(seed >> 160, _restG(kept));
        take.retires = selling && seed & 2 == 0;
        if (take.amountG <= _restG(kept)) take.paidUnits = _cost(kept, take.amountG);
        if (!selling && take.amountG <= _restG(kept)) {
            uint256 limitUnits = _price(kept.order, kept.filledG + take.amountG);
            uint256 leftUnits = limitUnits - kept.paidUnits;
            if (leftUnits < take.paidUnits) take.paidUnits = leftUnits;
        }
        if (!selling || take.taker.code.length != 0) return take;
        take.means = Means((seed >> 224) & 3);
        if (take.paidUnits == 0 && take.means == Means.BadPermitOnly) take.means = Means.BadPermit;
    }

    function _callOf(Kept storage kept, Take memory take) private view returns (bytes memory) {
        Order memory order = kept.order;
        bytes memory signature = kept.signature;
        if (take.means == Means.Allowance) {
            return take.retires
                ? abi.encodeCall(
                    market.fillAndRetire, (order, signature, take.id, take.amountG, "for", "why")
                )
                : abi.encodeCall(market.fill, (order, signature, take.id, take.amountG));
        }
        Permit memory permit = _permitOf(take);
        return take.retires
            ? abi.encodeCall(
                market.fillAndRetireWithPermit,
                (order, signature, take.id, take.amountG, "for", "why", permit)
            )
            : abi.encodeCall(
                market.fillWithPermit, (order, signature, take.id, take.amountG, permit)
            );
    }

    /// @dev For just what is paid, signed by the taker or by nobody who matters.
    function _permitOf(Take memory take) private view returns (Permit memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                PERMIT_TYPEHASH,
                take.taker,
                address(market),
                take.paidUnits,
                money.nonces(take.taker),
                nowS
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            take.means == Means.Permit ? _keyOf(take.taker) : STRANGER_KEY,
            digestOf("Money", address(money), structHash)
        );
        return Permit(take.paidUnits, nowS, v, r, s);
    }

    function _keyOf(address person) private view returns (uint256 key) {
        for (key = 1; people[key - 1] != person; ++key) {}
    }

    function _allow(address taker, uint256 amountUnits) private {
        vm.prank(taker);
        money.approve(address(market), amountUnits);
    }

    function _take(uint256 seed, Kept storage kept, Take memory take, bytes memory call) private {
        bytes memory answer = _send(seed, take.taker, address(market), call);
        claimEqual(uint256(bytes32(answer)), take.paidUnits, "ROUND_B: a fill costs its part");
        if (take.paidUnits != _cost(kept, take.amountG)) kept.mixed = true;
        _filled(kept, take.amountG, take.paidUnits);
        _moved(take.seller, take.buyer, kept.row, take.amountG, take.paidUnits);
        _checkFill(kept);
        if (take.means == Means.Permit) {
            claimEqual(money.allowance(take.taker, address(market)), 0, "a permit counts once");
        }
        if (!take.retires) return;
        (, uint256 retirementId) = abi.decode(answer, (uint256, uint256));
        _noteRetired(take.buyer, take.amountG, retirementId);
    }

    // --- what does not trade ---------------------------------------------------------------------

    /// @dev Who signed something else, or is not the maker.
    function forge_(uint256 seed) external act {
        Kept storage sold = _sell(seed);
        if (sold.order.amountG == 0) return;
        Order memory changed = sold.order;
        bytes memory signature = sold.signature;
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

    function cancelOrder(uint256 seed) external act {
        if (sells.length == 0) _sell(seed);
        Kept storage kept = seed & 1 == 0 || buys.length == 0
            ? sells[(seed >> 8) % sells.length]
            : buys[(seed >> 8) % buys.length];
        touched = kept.row;
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = hashOf(kept.order);
        // ROUND_A: who signs and cancels changes nothing; another's cancel does nothing to it.
        bool own = seed & 2 == 0;
        address sender = own ? kept.order.maker : stranger;
        _send(seed, sender, address(market), abi.encodeCall(market.cancel, (hashes)));
        if (own) kept.cancelled = true;
    }

    function cancelAll(uint256 seed) external act {
        address maker = _person(seed >> 8);
        _send(seed, maker, address(market), abi.encodeCall(market.cancelAll, ()));
        deadUpTo[maker] = uint64(nowS);
    }
}
