// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Which way a maker trades.
enum Side {
    Sell,
    Buy
}

/// @notice What a maker signs (EIP-712). It costs nothing and binds to exactly what happens.
/// @param maker who signs and trades
/// @param side whether the maker sells or buys credits
/// @param batchId the only batch to trade; zero if and only if `classId` is set
/// @param classId keccak256(abi.encode(string classLabel, uint256 vintageYear)): any of its batches
/// @param money ERC-20 that is paid
/// @param amountG grams to trade in all
/// @param priceUnitsPerT base units of `money` per tonne: a seller's least, a buyer's most
/// @param maxFeeBp the largest fee in basis points at which the maker trades
/// @param minFillG least grams of one fill, unless it is the whole rest
/// @param minAgeS of a class order: seconds since the batch's issue
/// @param signedAt when it was signed, Unix time; the older order sets the price
/// @param validUntil last second in which it trades, Unix time
/// @param salt tells equal orders apart
struct Order {
    address maker;
    Side side;
    uint256 batchId;
    bytes32 classId;
    address money;
    uint64 amountG;
    uint128 priceUnitsPerT;
    uint16 maxFeeBp;
    uint64 minFillG;
    uint32 minAgeS;
    uint64 signedAt;
    uint64 validUntil;
    uint256 salt;
}

/// @notice What happened to an order, one slot.
/// @param filledG grams traded
/// @param paidUnits base units of money paid (by a buyer) or owed before the fee (to a seller)
/// @param cancelled the maker killed it
struct Fill {
    uint64 filledG;
    uint128 paidUnits;
    bool cancelled;
}

/// @notice One settlement among many.
/// @param sell the sell order
/// @param sellSignature its maker's signature (ECDSA or ERC-1271)
/// @param buy the buy order
/// @param buySignature its maker's signature
/// @param batchId the batch delivered
/// @param amountG grams
struct Trade {
    Order sell;
    bytes sellSignature;
    Order buy;
    bytes buySignature;
    uint256 batchId;
    uint64 amountG;
}

/// @notice An ERC-2612 permit of the sender for the market.
/// @param units base units of money allowed
/// @param deadline last second in which it counts, Unix time
/// @param v of the signature
/// @param r of the signature
/// @param s of the signature
struct Permit {
    uint256 units;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice Delivery against payment between signed orders, in one transaction. Whoever matches
/// orders can change neither a price nor an amount nor a counterparty. The fee comes off what the
/// seller gets.
interface ICarbonMarket {
    /// @notice Grams went one way and money the other.
    /// @param sellHash hash of the sell order, zero if the seller took a buy order directly
    /// @param buyHash hash of the buy order, zero if the buyer took a sell order directly
    /// @param batchId the batch
    /// @param seller who delivered
    /// @param buyer who paid
    /// @param money ERC-20 that was paid
    /// @param amountG grams
    /// @param paidUnits base units the buyer paid, fee included
    /// @param feeUnits base units of it that went to the fee's receiver
    event CreditsTraded(
        bytes32 indexed sellHash,
        bytes32 indexed buyHash,
        uint256 indexed batchId,
        address seller,
        address buyer,
        address money,
        uint256 amountG,
        uint256 paidUnits,
        uint256 feeUnits
    );
    /// @notice Many trades were tried, each alone.
    /// @param settled how many traded
    /// @param skipped how many were dead
    event ManySettled(uint256 settled, uint256 skipped);
    /// @notice One trade of many was dead; simulating `settle` with it says why.
    /// @param position place in the list, from 0
    /// @param sellHash hash of its sell order
    /// @param buyHash hash of its buy order
    event TradeSkipped(uint256 indexed position, bytes32 indexed sellHash, bytes32 indexed buyHash);
    /// @param maker whose orders they are
    /// @param orderHash one order that will not trade any more
    event OrderCancelled(address indexed maker, bytes32 indexed orderHash);
    /// @param maker whose orders they are
    /// @param signedUpTo everything signed up to this second is dead, Unix time
    event AllOrdersCancelled(address indexed maker, uint64 signedUpTo);
    /// @param feeBps basis points of every payment
    /// @param feeTo who gets it
    event FeeSet(uint16 feeBps, address feeTo);

    /// @param orderHash the order
    /// @param side the side it is on, not the one it was given for
    error WrongSide(bytes32 orderHash, Side side);
    /// @notice Both or neither of batch and class are set.
    /// @param orderHash the order
    error BatchOrClass(bytes32 orderHash);
    /// @param orderHash the order
    /// @param maker who did not sign it for this chain and contract
    error BadOrderSignature(bytes32 orderHash, address maker);
    /// @param orderHash the order its maker killed
    error OrderIsCancelled(bytes32 orderHash);
    /// @param orderHash the order
    /// @param signedAt when it says it was signed, Unix time
    /// @param blockTime this block's time, Unix time
    error OrderFromFuture(bytes32 orderHash, uint64 signedAt, uint256 blockTime);
    /// @param orderHash the order
    /// @param validUntil its last second, Unix time
    /// @param blockTime this block's time, Unix time
    error OrderExpired(bytes32 orderHash, uint64 validUntil, uint256 blockTime);
    /// @param orderHash the order
    /// @param batchId a batch it does not take
    error WrongBatch(bytes32 orderHash, uint256 batchId);
    /// @param orderHash the order
    /// @param classId the class it takes
    /// @param batchClassId the batch's class
    error WrongClass(bytes32 orderHash, bytes32 classId, bytes32 batchClassId);
    /// @param orderHash the order
    /// @param ageS seconds since the batch's issue, whole hours
    /// @param minAgeS seconds the order asks for
    error BatchTooYoung(bytes32 orderHash, uint256 ageS, uint32 minAgeS);
    /// @param orderHash the order
    /// @param feeBps the market's fee in basis points
    /// @param maxFeeBp the largest the order takes
    error FeeTooHigh(bytes32 orderHash, uint16 feeBps, uint16 maxFeeBp);
    /// @param orderHash the order
    /// @param amountG grams of the fill
    /// @param restG grams left
    error FillTooLarge(bytes32 orderHash, uint64 amountG, uint64 restG);
    /// @param orderHash the order
    /// @param amountG grams of the fill
    /// @param minFillG least grams, unless it is the whole rest
    error FillTooSmall(bytes32 orderHash, uint64 amountG, uint64 minFillG);
    /// @param account who would trade with itself
    error SelfTrade(address account);
    /// @param sellMoney what the seller wants
    /// @param buyMoney what the buyer pays
    error MoneyMismatch(address sellMoney, address buyMoney);
    /// @param sellPriceUnitsPerT the seller's least, base units per tonne
    /// @param buyPriceUnitsPerT the buyer's most, base units per tonne
    error PricesDoNotCross(uint128 sellPriceUnitsPerT, uint128 buyPriceUnitsPerT);
    /// @notice Rounding would cost the seller more than one unit over the whole order.
    /// @param orderHash the sell order
    /// @param paidUnits base units after this fill
    /// @param limitUnits base units its limit asks for, one unit allowed for rounding
    error PaidTooLittle(bytes32 orderHash, uint256 paidUnits, uint256 limitUnits);
    /// @param money the ERC-20
    /// @param sentUnits base units sent
    /// @param receivedUnits base units that arrived
    error MoneyTookFee(address money, uint256 sentUnits, uint256 receivedUnits);
    /// @param feeBps the fee asked for in basis points
    /// @param maxBps the largest
    error FeeAboveCap(uint16 feeBps, uint16 maxBps);
    /// @notice The sender gave too little gas; a live trade would have looked dead.
    /// @param position place of the trade in the list, from 0
    /// @param gasThere gas that could be given to it
    /// @param gasNeeded gas that every trade gets, and what the call to it takes
    error TooLittleGas(uint256 position, uint256 gasThere, uint256 gasNeeded);
    /// @notice Only the market itself may call this.
    /// @param sender who called
    error OnlyFromMarket(address sender);
    /// @notice Nothing was asked for.
    error ZeroAmount();
    /// @notice An address that must be someone is zero.
    error ZeroAddress();

    /// @notice Trades between two signed orders, at the price of the one signed first (the sell
    /// order's if both were signed in one second). Anyone may send it.
    /// @param sell the sell order
    /// @param sellSignature its maker's signature (ECDSA or ERC-1271)
    /// @param buy the buy order
    /// @param buySignature its maker's signature
    /// @param batchId the batch delivered
    /// @param amountG grams
    /// @return paidUnits base units the buyer paid, fee included
    function settle(
        Order calldata sell,
        bytes calldata sellSignature,
        Order calldata buy,
        bytes calldata buySignature,
        uint256 batchId,
        uint64 amountG
    ) external returns (uint256 paidUnits);

    /// @notice Settles many trades; the dead ones are skipped and reported. Anyone may send it.
    /// @param trades what `settle` takes, each
    /// @return settled how many traded
    function settleMany(Trade[] calldata trades) external returns (uint256 settled);

    /// @notice One trade of `settleMany`, in a call of its own so that it fails alone. Only the
    /// market itself may call it.
    /// @param sell the sell order
    /// @param sellSignature its maker's signature (ECDSA or ERC-1271)
    /// @param buy the buy order
    /// @param buySignature its maker's signature
    /// @param batchId the batch delivered
    /// @param amountG grams
    /// @return paidUnits base units the buyer paid, fee included
    function settleOne(
        Order calldata sell,
        bytes calldata sellSignature,
        Order calldata buy,
        bytes calldata buySignature,
        uint256 batchId,
        uint64 amountG
    ) external returns (uint256 paidUnits);

    /// @notice The sender takes one signed order, at its price.
    /// @param order the order
    /// @param signature its maker's signature
    /// @param batchId the batch delivered
    /// @param amountG grams
    /// @return paidUnits base units the buyer paid, fee included
    function fill(Order calldata order, bytes calldata signature, uint256 batchId, uint64 amountG)
        external
        returns (uint256 paidUnits);

    /// @notice The sender buys from a signed sell order and retires at once, having approved the
    /// market at the bank.
    /// @param order the sell order
    /// @param signature its maker's signature
    /// @param batchId the batch delivered and retired
    /// @param amountG grams
    /// @param beneficiary for whom, 32 bytes of text or a hash
    /// @param purpose what for, 32 bytes of text or a hash
    /// @return paidUnits base units the buyer paid, fee included
    /// @return retirementId the retirement
    function fillAndRetire(
        Order calldata order,
        bytes calldata signature,
        uint256 batchId,
        uint64 amountG,
        bytes32 beneficiary,
        bytes32 purpose
    ) external returns (uint256 paidUnits, uint256 retirementId);

    /// @notice `fill`, with the payment allowed by a permit. A permit that does not count is no
    /// failure: the allowance decides.
    /// @param order the order
    /// @param signature its maker's signature
    /// @param batchId the batch delivered
    /// @param amountG grams
    /// @param permit the sender's, for the order's money
    /// @return paidUnits base units the buyer paid, fee included
    function fillWithPermit(
        Order calldata order,
        bytes calldata signature,
        uint256 batchId,
        uint64 amountG,
        Permit calldata permit
    ) external returns (uint256 paidUnits);

    /// @notice `fillAndRetire`, with the payment allowed by a permit.
    /// @param order the sell order
    /// @param signature its maker's signature
    /// @param batchId the batch delivered and retired
    /// @param amountG grams
    /// @param beneficiary for whom, 32 bytes of text or a hash
    /// @param purpose what for, 32 bytes of text or a hash
    /// @param permit the sender's, for the order's money
    /// @return paidUnits base units the buyer paid, fee included
    /// @return retirementId the retirement
    function fillAndRetireWithPermit(
        Order calldata order,
        bytes calldata signature,
        uint256 batchId,
        uint64 amountG,
        bytes32 beneficiary,
        bytes32 purpose,
        Permit calldata permit
    ) external returns (uint256 paidUnits, uint256 retirementId);

    /// @notice Kills orders of the sender.
    /// @param orderHashes EIP-712 hashStructs of the orders
    function cancel(bytes32[] calldata orderHashes) external;

    /// @notice Kills every order the sender signed up to now.
    function cancelAll() external;

    /// @notice Sets the fee. Owner; an order's `maxFeeBp` protects its maker.
    /// @param feeBps basis points of every payment
    /// @param feeTo who gets it
    function setFee(uint16 feeBps, address feeTo) external;

    /// @param order an order
    /// @return its EIP-712 hashStruct
    function hashOf(Order calldata order) external pure returns (bytes32);

    /// @param maker who signed
    /// @param orderHash EIP-712 hashStruct of the order
    /// @return what happened to it
    function fillOf(address maker, bytes32 orderHash) external view returns (Fill memory);

    /// @param maker an account
    /// @return the second (Unix time) up to which its signed orders are dead
    function cancelledUpTo(address maker) external view returns (uint64);

    /// @return feeBps basis points of every payment
    function feeBps() external view returns (uint16);

    /// @return who gets the fee
    function feeTo() external view returns (address);
}
