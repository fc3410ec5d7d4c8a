// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Context} from "@openzeppelin/contracts/utils/Context.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ICarbonBank} from "./interfaces/ICarbonBank.sol";
import {Fill, ICarbonMarket, Order, Permit, Side, Trade} from "./interfaces/ICarbonMarket.sol";
import {Permits} from "./libraries/Permits.sol";
import {Prices} from "./libraries/Prices.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title CarbonMarket
/// @notice See `ICarbonMarket`. It knows the bank; the bank does not know it.
contract CarbonMarket is
    ICarbonMarket,
    EIP712,
    Ownable2Step,
    ReentrancyGuardTransient,
    ERC2771Context
{
    using SafeERC20 for IERC20;

    /// @dev One side of a trade. `orderHash` is zero for who takes an order directly.
    struct Leg {
        address account;
        bytes32 orderHash;
    }

    bytes32 public constant ORDER_TYPEHASH = keccak256(
        "Order(address maker,uint8 side,uint256 batchId,bytes32 classId,address money,"
        "uint64 amountG,uint128 priceUnitsPerT,uint16 maxFeeBp,uint64 minFillG,"
        "uint32 minAgeS,uint64 signedAt,uint64 validUntil,uint256 salt)"
    );
    uint16 public constant FEE_CAP_BPS = 500;

    /// @dev Three times what a trade of keys takes.
    uint256 private constant TRADE_GAS = 500_000;

    ICarbonBank public immutable bank;

    // In this order both are in one slot: the owner's before has no room for an address.
    /// @inheritdoc ICarbonMarket
    address public feeTo;
    /// @inheritdoc ICarbonMarket
    uint16 public feeBps;
    /// @inheritdoc ICarbonMarket
    mapping(address maker => uint64) public cancelledUpTo;

    mapping(address maker => mapping(bytes32 orderHash => Fill)) private _fills;

    /// @param forwarder ERC-2771 forwarder through which accounts may act
    /// @param owner who sets the fee
    /// @param bank_ the bank whose credits are traded
    /// @param feeBps_ basis points of every payment
    /// @param feeTo_ who gets it
    constructor(address forwarder, address owner, ICarbonBank bank_, uint16 feeBps_, address feeTo_)
        EIP712("CarbonMarket", "1")
        Ownable(owner)
        ERC2771Context(forwarder)
    {
        bank = bank_;
        _setFee(feeBps_, feeTo_);
    }

    /// @inheritdoc ICarbonMarket
    function settle(
        Order memory sell,
        bytes calldata sellSignature,
        Order memory buy,
        bytes calldata buySignature,
        uint256 batchId,
        uint64 amountG
    ) external nonReentrant returns (uint256 paidUnits) {
        return _settle(sell, sellSignature, buy, buySignature, batchId, amountG);
    }

    /// @inheritdoc ICarbonMarket
    function settleMany(Trade[] calldata trades) external nonReentrant returns (uint256 settled) {
        // What the call itself takes grows with the signatures, by less than 4 gas a byte.
        uint256 gasNeeded = TRADE_GAS + 20_000 + 4 * msg.data.length;
        for (uint256 i = 0; i < trades.length; ++i) {
            Trade calldata trade = trades[i];
            // All but a 64th can be passed on; with less a live trade would look dead.
            uint256 gasThere = gasleft() - gasleft() / 64;
            if (gasThere < gasNeeded) revert TooLittleGas(i, gasThere, gasNeeded);
            try this.settleOne{gas: TRADE_GAS}(
                trade.sell,
                trade.sellSignature,
                trade.buy,
                trade.buySignature,
                trade.batchId,
                trade.amountG
            ) {
                ++settled;
            } catch {
                // What it failed with is not copied: hostile money could make it too long to carry.
                emit TradeSkipped(i, hashOf(trade.sell), hashOf(trade.buy));
            }
        }
        emit ManySettled(settled, trades.length - settled);
    }

    /// @inheritdoc ICarbonMarket
    function settleOne(
        Order memory sell,
        bytes calldata sellSignature,
        Order memory buy,
        bytes calldata buySignature,
        uint256 batchId,
        uint64 amountG
    ) external returns (uint256 paidUnits) {
        // Only from inside `settleMany`, which holds the lock.
        if (msg.sender != address(this)) revert OnlyFromMarket(msg.sender);
        return _settle(sell, sellSignature, buy, buySignature, batchId, amountG);
    }

    /// @inheritdoc ICarbonMarket
    function fill(Order memory order, bytes calldata signature, uint256 batchId, uint64 amountG)
        external
        nonReentrant
        returns (uint256 paidUnits)
    {
        return _take(order, signature, order.side, batchId, amountG);
    }

    /// @inheritdoc ICarbonMarket
    function fillAndRetire(
        Order memory order,
        bytes calldata signature,
        uint256 batchId,
        uint64 amountG,
        bytes32 beneficiary,
        bytes32 purpose
    ) external nonReentrant returns (uint256 paidUnits, uint256 retirementId) {
        return _takeAndRetire(order, signature, batchId, amountG, beneficiary, purpose);
    }

    /// @inheritdoc ICarbonMarket
    function fillWithPermit(
        Order memory order,
        bytes calldata signature,
        uint256 batchId,
        uint64 amountG,
        Permit calldata permit
    ) external nonReentrant returns (uint256 paidUnits) {
        Permits.tryUse(order.money, _msgSender(), permit);
        return _take(order, signature, order.side, batchId, amountG);
    }

    /// @inheritdoc ICarbonMarket
    function fillAndRetireWithPermit(
        Order memory order,
        bytes calldata signature,
        uint256 batchId,
        uint64 amountG,
        bytes32 beneficiary,
        bytes32 purpose,
        Permit calldata permit
    ) external nonReentrant returns (uint256 paidUnits, uint256 retirementId) {
        Permits.tryUse(order.money, _msgSender(), permit);
        return _takeAndRetire(order, signature, batchId, amountG, beneficiary, purpose);
    }

    /// @inheritdoc ICarbonMarket
    function cancel(bytes32[] calldata orderHashes) external {
        address maker = _msgSender();
        for (uint256 i = 0; i < orderHashes.length; ++i) {
            _fills[maker][orderHashes[i]].cancelled = true;
            emit OrderCancelled(maker, orderHashes[i]);
        }
    }

    /// @inheritdoc ICarbonMarket
    function cancelAll() external {
        cancelledUpTo[_msgSender()] = uint64(block.timestamp);
        emit AllOrdersCancelled(_msgSender(), uint64(block.timestamp));
    }

    /// @inheritdoc ICarbonMarket
    function setFee(uint16 feeBps_, address feeTo_) external onlyOwner {
        _setFee(feeBps_, feeTo_);
    }

    /// @notice Makes the pending owner the owner (Ownable2Step).
    function acceptOwnership() public override {
        if (msg.sender != pendingOwner()) revert OwnableUnauthorizedAccount(msg.sender);
        _transferOwnership(msg.sender);
    }

    /// @inheritdoc ICarbonMarket
    function hashOf(Order memory order) public pure returns (bytes32) {
        return keccak256(abi.encode(ORDER_TYPEHASH, order));
    }

    /// @inheritdoc ICarbonMarket
    function fillOf(address maker, bytes32 orderHash) external view returns (Fill memory) {
        return _fills[maker][orderHash];
    }

    function _settle(
        Order memory sell,
        bytes calldata sellSignature,
        Order memory buy,
        bytes calldata buySignature,
        uint256 batchId,
        uint64 amountG
    ) private returns (uint256 paidUnits) {
        (bytes32 sellHash, Fill memory sellFill) =
            _checkOrder(sell, sellSignature, Side.Sell, batchId, amountG);
        (bytes32 buyHash, Fill memory buyFill) =
            _checkOrder(buy, buySignature, Side.Buy, batchId, amountG);
        if (sell.money != buy.money) revert MoneyMismatch(sell.money, buy.money);
        if (sell.priceUnitsPerT > buy.priceUnitsPerT) {
            revert PricesDoNotCross(sell.priceUnitsPerT, buy.priceUnitsPerT);
        }

        paidUnits = sell.signedAt <= buy.signedAt
            ? Prices.ofFill(sell.priceUnitsPerT, sellFill.filledG, amountG)
            : Prices.ofFill(buy.priceUnitsPerT, buyFill.filledG, amountG);
        // Fills rounded up against several sellers add up; the buyer never pays more than the own
        // limit, rounded up once. What the seller loses by that is under one unit.
        uint256 buyerLimit = Prices.ofGrams(buy.priceUnitsPerT, buyFill.filledG + amountG);
        paidUnits = Math.min(paidUnits, buyerLimit - buyFill.paidUnits);
        uint256 sellerLimit = Prices.ofGrams(sell.priceUnitsPerT, sellFill.filledG + amountG);
        if (sellFill.paidUnits + paidUnits + 1 < sellerLimit) {
            revert PaidTooLittle(sellHash, sellFill.paidUnits + paidUnits, sellerLimit);
        }

        Leg memory seller = Leg(sell.maker, sellHash);
        Leg memory buyer = Leg(buy.maker, buyHash);
        _record(seller, sellFill, amountG, paidUnits);
        _record(buyer, buyFill, amountG, paidUnits);
        _exchange(seller, buyer, sell.money, batchId, amountG, paidUnits);
    }

    /// @dev The sender is the other side of one order.
    function _take(
        Order memory order,
        bytes calldata signature,
        Side side,
        uint256 batchId,
        uint64 amountG
    ) private returns (uint256 paidUnits) {
        (bytes32 orderHash, Fill memory orderFill) =
            _checkOrder(order, signature, side, batchId, amountG);
        paidUnits = Prices.ofFill(order.priceUnitsPerT, orderFill.filledG, amountG);
        // What a buy order paid before is at most what its grams cost: see `_settle`.
        Leg memory maker = Leg(order.maker, orderHash);
        _record(maker, orderFill, amountG, paidUnits);
        Leg memory taker = Leg(_msgSender(), 0);
        if (side == Side.Sell) _exchange(maker, taker, order.money, batchId, amountG, paidUnits);
        else _exchange(taker, maker, order.money, batchId, amountG, paidUnits);
    }

    /// @dev The sender buys, and what it bought is retired.
    function _takeAndRetire(
        Order memory order,
        bytes calldata signature,
        uint256 batchId,
        uint64 amountG,
        bytes32 beneficiary,
        bytes32 purpose
    ) private returns (uint256 paidUnits, uint256 retirementId) {
        paidUnits = _take(order, signature, Side.Sell, batchId, amountG);
        retirementId = bank.retireFrom(_msgSender(), batchId, amountG, beneficiary, purpose);
    }

    /// @dev Everything an order says about itself and about a fill of it.
    function _checkOrder(
        Order memory order,
        bytes calldata signature,
        Side side,
        uint256 batchId,
        uint64 amountG
    ) private view returns (bytes32 orderHash, Fill memory orderFill) {
        orderHash = hashOf(order);
        if (!Signatures.signed(order.maker, _hashTypedDataV4(orderHash), signature)) {
            revert BadOrderSignature(orderHash, order.maker);
        }
        if (order.side != side) revert WrongSide(orderHash, order.side);
        if ((order.batchId == 0) == (order.classId == 0)) revert BatchOrClass(orderHash);

        orderFill = _fills[order.maker][orderHash];
        if (orderFill.cancelled || order.signedAt <= cancelledUpTo[order.maker]) {
            revert OrderIsCancelled(orderHash);
        }
        if (order.signedAt > block.timestamp) {
            revert OrderFromFuture(orderHash, order.signedAt, block.timestamp);
        }
        if (order.validUntil < block.timestamp) {
            revert OrderExpired(orderHash, order.validUntil, block.timestamp);
        }
        if (order.batchId == 0) _checkClass(orderHash, order, batchId);
        else if (order.batchId != batchId) revert WrongBatch(orderHash, batchId);
        if (feeBps > order.maxFeeBp) revert FeeTooHigh(orderHash, feeBps, order.maxFeeBp);

        if (amountG == 0) revert ZeroAmount();
        // Only fills up to `amountG` were recorded.
        uint64 restG = order.amountG - orderFill.filledG;
        if (amountG > restG) revert FillTooLarge(orderHash, amountG, restG);
        if (amountG < order.minFillG && amountG != restG) {
            revert FillTooSmall(orderHash, amountG, order.minFillG);
        }
    }

    /// @dev Whether the batch is Active is the bank's own question when the credits move.
    function _checkClass(bytes32 orderHash, Order memory order, uint256 batchId) private view {
        bytes32 batchClassId = bank.classOf(batchId);
        if (batchClassId != order.classId) {
            revert WrongClass(orderHash, order.classId, batchClassId);
        }
        uint256 issuedAt = uint256(bank.batch(batchId).issuedHour) * 1 hours;
        uint256 ageS = Math.saturatingSub(block.timestamp, issuedAt);
        if (ageS < order.minAgeS) revert BatchTooYoung(orderHash, ageS, order.minAgeS);
    }

    function _record(Leg memory leg, Fill memory before, uint64 amountG, uint256 paidUnits)
        private
    {
        // A price of 128 bits times 64 bits of grams over 10^6 can pass 128 bits, so it is checked.
        uint128 allUnits = SafeCast.toUint128(before.paidUnits + paidUnits);
        _fills[leg.account][leg.orderHash] = Fill(before.filledG + amountG, allUnits, false);
    }

    function _exchange(
        Leg memory seller,
        Leg memory buyer,
        address money,
        uint256 batchId,
        uint64 amountG,
        uint256 paidUnits
    ) private {
        if (seller.account == buyer.account) revert SelfTrade(seller.account);
        uint256 feeUnits = Prices.fee(paidUnits, feeBps);
        emit CreditsTraded(
            seller.orderHash,
            buyer.orderHash,
            batchId,
            seller.account,
            buyer.account,
            money,
            amountG,
            paidUnits,
            feeUnits
        );
        _pay(IERC20(money), buyer.account, seller.account, paidUnits - feeUnits);
        if (feeUnits != 0) _pay(IERC20(money), buyer.account, feeTo, feeUnits);
        IERC1155(address(bank))
            .safeTransferFrom(seller.account, buyer.account, batchId, amountG, "");
    }

    /// @dev What arrives is compared, unless payer and receiver are the same.
    function _pay(IERC20 money, address from, address to, uint256 units) private {
        uint256 beforeUnits = money.balanceOf(to);
        money.safeTransferFrom(from, to, units);
        if (from == to) return;
        uint256 receivedUnits = money.balanceOf(to) - beforeUnits;
        if (receivedUnits != units) revert MoneyTookFee(address(money), units, receivedUnits);
    }

    function _setFee(uint16 feeBps_, address feeTo_) private {
        if (feeTo_ == address(0)) revert ZeroAddress();
        if (feeBps_ > FEE_CAP_BPS) revert FeeAboveCap(feeBps_, FEE_CAP_BPS);
        feeBps = feeBps_;
        feeTo = feeTo_;
        emit FeeSet(feeBps_, feeTo_);
    }

    /// @dev What an owner does never passes the forwarder.
    function _checkOwner() internal view override {
        if (msg.sender != owner()) revert OwnableUnauthorizedAccount(msg.sender);
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
