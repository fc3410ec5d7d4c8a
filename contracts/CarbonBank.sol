// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl, IAccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {Context} from "@openzeppelin/contracts/utils/Context.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {
    Batch,
    BatchClaim,
    ICarbonBank,
    Methodology,
    Payout,
    Status,
    Totals
} from "./interfaces/ICarbonBank.sol";
import {Months} from "./libraries/Months.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title CarbonBank
/// @notice See `ICarbonBank`. Every function checks in one order: who may, what exists, what state,
/// what amounts; then effects, the event, and calls to others last.
contract CarbonBank is
    ICarbonBank,
    ERC1155,
    EIP712,
    AccessControlDefaultAdminRules,
    ERC2771Context
{
    using BitMaps for BitMaps.BitMap;
    using Checkpoints for Checkpoints.Trace208;

    /// @dev Two slots. Months and hours fit their fields until the years 5461 and 3884.
    struct StoredBatch {
        uint48 issuedG;
        uint48 claimableG;
        uint48 retiredG;
        uint48 bufferG;
        uint24 issuedHour;
        uint16 month;
        uint16 methodologyNumber;
        Status status;
        bytes32 payoutRoot;
    }

    struct StoredMethodology {
        uint16 number;
        uint16 bufferBps;
        bool demo;
        bool withdrawn;
        ShortString classLabel;
    }

    /// @dev From `sinceMonth` on every roster holds; before, each says itself since when it does.
    struct Fleet {
        address operator;
        uint32 number;
        uint32 sinceMonth;
    }

    /// @dev `fleetNumbers` keeps which fleet the vehicle is in from which month on, for ever.
    struct Vehicle {
        bytes32 commitment;
        Checkpoints.Trace208 fleetNumbers;
    }

    /// @dev Every member of the word is in the fleet in `sinceMonth` and ever after: one read
    /// answers for 256 vehicles. Who joined later, or left, is looked up in its own history.
    struct Roster {
        uint256 members;
        uint32 sinceMonth;
    }

    struct Freeze {
        uint64 since;
        uint64 until;
    }

    // Roles are keccak256 of their names; getters would only cost bytes.
    bytes32 private constant CERTIFIER = keccak256("CERTIFIER");
    bytes32 private constant VERIFIER = keccak256("VERIFIER");
    bytes32 private constant ISSUER = keccak256("ISSUER");
    bytes32 private constant REGISTRAR = keccak256("REGISTRAR");
    bytes32 private constant GUARDIAN = keccak256("GUARDIAN");

    bytes32 private constant BATCH_CLAIM_TYPEHASH = keccak256(
        "BatchClaim(bytes32 fleetId,address operator,address verifier,uint64 validUntil,"
        "bytes32 methodologyId,uint32 month,uint64 tripCount,bytes32 evidenceRoot,"
        "bytes32 reportHash,bytes32 payoutRoot,uint64 operatorG,uint64 driversG,uint64 bufferG,"
        "bytes32 vehiclesHash)"
    );

    uint256 private constant BPS = 10_000;
    uint64 private constant FREEZE_S = 30 days;

    /// @inheritdoc ICarbonBank
    uint32 public immutable firstMonth;
    /// @inheritdoc ICarbonBank
    bytes32 public immutable registryKeyHash;
    bytes32[] private _methodologyIds;
    bytes32[] private _fleetIds;
    Vehicle[] private _vehicles;
    // One slot: `issue` touches three of these five.
    /// @inheritdoc ICarbonBank
    uint32 public lastMonth = type(uint32).max;
    bool private _issueStopped;
    uint64 private _issuedG;
    uint64 private _retiredG;
    uint64 private _retirements;
    mapping(bytes32 methodologyId => StoredMethodology) private _methodologies;
    mapping(bytes32 fleetId => Fleet) private _fleets;
    mapping(address account => uint256) private _fleetsOperated;
    mapping(uint32 fleetNumber => mapping(uint24 wordIndex => Roster)) private _rosters;
    mapping(bytes32 commitment => uint32) private _vehicleIndexOf;
    mapping(uint32 month => mapping(uint24 wordIndex => uint256)) private _credited;
    mapping(uint256 batchId => StoredBatch) private _batches;
    mapping(uint256 batchId => BitMaps.BitMap) private _claimed;
    mapping(uint256 batchId => Freeze) private _freezes;

    /// @param forwarder ERC-2771 forwarder through which accounts may act
    /// @param admin first default admin
    /// @param adminDelayS seconds between naming and accepting another admin
    /// @param firstMonth_ first creditable month
    /// @param registryKeyHash_ keccak256 of the registry key
    /// @param uri_ ERC-1155 metadata URI
    constructor(
        address forwarder,
        address admin,
        uint48 adminDelayS,
        uint32 firstMonth_,
        bytes32 registryKeyHash_,
        string memory uri_
    )
        ERC1155(uri_)
        EIP712("CarbonBank", "1")
        AccessControlDefaultAdminRules(adminDelayS, admin)
        ERC2771Context(forwarder)
    {
        firstMonth = firstMonth_;
        registryKeyHash = registryKeyHash_;
    }

    // --- powers ----------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function stopIssue(string calldata reason) external onlyRole(GUARDIAN) {
        if (_issueStopped) revert IssueIsStopped();
        _issueStopped = true;
        emit IssueStopped(reason);
    }

    /// @inheritdoc ICarbonBank
    function resumeIssue() external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_issueStopped) revert IssueIsNotStopped();
        _issueStopped = false;
        emit IssueResumed();
    }

    /// @inheritdoc ICarbonBank
    function dismiss(bytes32 role, address account, string calldata reason)
        external
        onlyRole(GUARDIAN)
    {
        if (role == DEFAULT_ADMIN_ROLE) revert AccessControlEnforcedDefaultAdminRules();
        _checkRole(role, account);
        _revokeRole(role, account);
        emit RoleDismissed(role, account, reason);
    }

    /// @inheritdoc ICarbonBank
    function setLastMonth(uint32 lastMonth_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (lastMonth != type(uint32).max) revert LastMonthAlreadySet(lastMonth);
        uint32 current = Months.monthOf(block.timestamp);
        // An earlier month may have been credited here already, and would be free in a successor.
        if (lastMonth_ < current) revert LastMonthInPast(lastMonth_, current);
        lastMonth = lastMonth_;
        emit LastMonthSet(lastMonth_);
    }

    // --- methodologies ---------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function certifyMethodology(
        bytes32 methodologyId,
        string calldata classLabel,
        uint16 bufferBps,
        bool demo
    ) external onlyRole(CERTIFIER) {
        if (_methodologies[methodologyId].number != 0) {
            revert MethodologyExists(methodologyId);
        }
        if (bufferBps > BPS) revert BufferShareTooLarge(bufferBps, uint16(BPS));
        _methodologyIds.push(methodologyId);
        uint16 number = SafeCast.toUint16(_methodologyIds.length);
        string memory label = demo ? string.concat("DEMO ", classLabel) : classLabel;
        _methodologies[methodologyId] =
            StoredMethodology(number, bufferBps, demo, false, ShortStrings.toShortString(label));
        emit MethodologyCertified(methodologyId, number, label, bufferBps, demo);
    }

    /// @inheritdoc ICarbonBank
    function withdrawMethodology(bytes32 methodologyId) external onlyRole(CERTIFIER) {
        StoredMethodology storage known = _methodologies[methodologyId];
        if (known.number == 0) revert MethodologyNotFound(methodologyId);
        if (known.withdrawn) revert MethodologyIsWithdrawn(methodologyId);
        known.withdrawn = true;
        emit MethodologyWithdrawn(methodologyId);
    }

    // --- fleets and vehicles ---------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function enrolFleet(bytes32 fleetId, address operator) external onlyRole(REGISTRAR) {
        Fleet storage fleet = _fleets[fleetId];
        if (fleet.number != 0) revert FleetExists(fleetId);
        _fleetIds.push(fleetId);
        fleet.number = SafeCast.toUint32(_fleetIds.length);
        _setOperator(fleet, operator);
        emit FleetEnrolled(fleetId, fleet.number, operator);
    }

    /// @inheritdoc ICarbonBank
    function setOperator(bytes32 fleetId, address operator) external onlyRole(REGISTRAR) {
        Fleet storage fleet = _existingFleet(fleetId);
        --_fleetsOperated[fleet.operator];
        _setOperator(fleet, operator);
        emit OperatorSet(fleetId, operator);
    }

    /// @inheritdoc ICarbonBank
    function enrolVehicles(bytes32 fleetId, bytes32[] calldata commitments, uint32 fromMonth)
        external
        onlyRole(REGISTRAR)
        returns (uint32 firstIndex)
    {
        Fleet storage fleet = _existingFleet(fleetId);
        firstIndex = vehicleCount() + 1;
        for (uint256 i = 0; i < commitments.length; ++i) {
            bytes32 commitment = commitments[i];
            if (_vehicleIndexOf[commitment] != 0) {
                revert VehicleExists(commitment, _vehicleIndexOf[commitment]);
            }
            Vehicle storage enrolled = _vehicles.push();
            uint32 vehicleIndex = SafeCast.toUint32(_vehicles.length);
            enrolled.commitment = commitment;
            enrolled.fleetNumbers.push(fromMonth, fleet.number);
            _vehicleIndexOf[commitment] = vehicleIndex;
            _join(fleet, vehicleIndex, fromMonth);
            emit VehicleEnrolled(vehicleIndex, commitment, fleetId, fromMonth);
        }
    }

    /// @inheritdoc ICarbonBank
    function moveVehicle(uint32 vehicleIndex, bytes32 toFleetId, uint32 fromMonth)
        external
        onlyRole(REGISTRAR)
    {
        if (vehicleIndex == 0 || vehicleIndex > _vehicles.length) {
            revert VehicleNotFound(vehicleIndex);
        }
        Fleet storage toFleet = _existingFleet(toFleetId);
        uint32 current = Months.monthOf(block.timestamp);
        if (fromMonth <= current) revert MoveNotInFuture(fromMonth, current);
        Checkpoints.Trace208 storage fleetNumbers = _vehicles[vehicleIndex - 1].fleetNumbers;
        (, uint48 lastFromMonth, uint208 lastNumber) = fleetNumbers.latestCheckpoint();
        // Months and fleet numbers were pushed as uint32, so these casts lose nothing.
        if (fromMonth <= lastFromMonth) revert MoveNotAfterLast(fromMonth, uint32(lastFromMonth));
        fleetNumbers.push(fromMonth, toFleet.number);
        Roster storage left = _rosters[uint32(lastNumber)][uint24(vehicleIndex >> 8)];
        left.members &= ~(1 << (vehicleIndex & 0xff));
        _join(toFleet, vehicleIndex, fromMonth);
        emit VehicleMoved(vehicleIndex, toFleetId, fromMonth);
    }

    // --- issue -----------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function issue(
        BatchClaim calldata batchClaim,
        uint24[] calldata wordIndex,
        uint256[] calldata bits,
        bytes calldata signature
    ) external onlyRole(ISSUER) returns (uint256 batchId) {
        batchId = batchIdOf(batchClaim);
        // A repeat is told apart first: whoever asks again after a crash must learn that it is
        // done, also when the claim has expired or the verifier was dismissed since.
        StoredBatch storage stored = _batches[batchId];
        if (stored.status != Status.None) revert BatchAlreadyIssued(batchId);
        _checkSigned(batchId, batchClaim.verifier, signature);

        Fleet memory fleet = _existingFleet(batchClaim.fleetId);
        if (fleet.operator != batchClaim.operator) {
            revert OperatorMismatch(batchClaim.fleetId, fleet.operator, batchClaim.operator);
        }
        StoredMethodology storage known = _methodologies[batchClaim.methodologyId];
        if (known.number == 0) revert MethodologyNotFound(batchClaim.methodologyId);

        if (_issueStopped) revert IssueIsStopped();
        if (known.withdrawn) revert MethodologyIsWithdrawn(batchClaim.methodologyId);
        _checkTime(batchClaim.validUntil, batchClaim.month);

        uint48 issuedG = _checkAmounts(batchClaim, known.bufferBps);
        bytes32 actualHash = keccak256(abi.encode(wordIndex, bits));
        if (batchClaim.vehiclesHash != actualHash) {
            revert VehiclesHashMismatch(batchClaim.vehiclesHash, actualHash);
        }

        _credit(batchClaim.fleetId, fleet, batchClaim.month, wordIndex, bits);
        stored.issuedG = issuedG;
        // Parts of a total that fits 48 bits fit 48 bits; the month is over, so it fits 16.
        stored.claimableG = uint48(batchClaim.driversG);
        stored.bufferG = uint48(batchClaim.bufferG);
        stored.issuedHour = SafeCast.toUint24(Math.ceilDiv(block.timestamp, 1 hours));
        stored.month = SafeCast.toUint16(batchClaim.month);
        stored.methodologyNumber = known.number;
        stored.status = Status.Active;
        if (batchClaim.driversG != 0) stored.payoutRoot = batchClaim.payoutRoot;
        _issuedG += issuedG;
        emit BatchIssued(
            batchId,
            batchClaim.fleetId,
            batchClaim.methodologyId,
            known.demo,
            batchClaim,
            wordIndex,
            bits
        );
        if (batchClaim.operatorG != 0) {
            _mint(batchClaim.operator, batchId, batchClaim.operatorG, "");
        }
    }

    // --- payouts ---------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function claim(uint256 batchId, Payout calldata payout, bytes32[] calldata proof) external {
        _requireActive(batchId);
        if (isClaimed(batchId, payout.index)) revert PayoutAlreadyClaimed(batchId, payout.index);
        _pay(batchId, payout, proof);
    }

    /// @inheritdoc ICarbonBank
    function claimMany(uint256 batchId, Payout[] calldata payouts, bytes32[][] calldata proofs)
        external
    {
        _requireActive(batchId);
        if (payouts.length != proofs.length) revert BadProofCount(payouts.length, proofs.length);
        for (uint256 i = 0; i < payouts.length; ++i) {
            // Anyone may have paid one of them a moment ago; that must not stop the others.
            if (!isClaimed(batchId, payouts[i].index)) _pay(batchId, payouts[i], proofs[i]);
        }
    }

    // --- retirement ------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function retire(uint256 batchId, uint256 amountG, bytes32 beneficiary, bytes32 purpose)
        external
        returns (uint256 retirementId)
    {
        return _retire(_msgSender(), batchId, amountG, beneficiary, purpose);
    }

    /// @inheritdoc ICarbonBank
    function retireFrom(
        address holder,
        uint256 batchId,
        uint256 amountG,
        bytes32 beneficiary,
        bytes32 purpose
    ) external returns (uint256 retirementId) {
        _checkAuthorized(_msgSender(), holder);
        return _retire(holder, batchId, amountG, beneficiary, purpose);
    }

    // --- freezing --------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function freeze(uint256 batchId, string calldata reason) external onlyRole(GUARDIAN) {
        if (_batches[batchId].status != Status.Frozen) {
            _requireActive(batchId);
            _batches[batchId].status = Status.Frozen;
            _freezes[batchId].since = uint64(block.timestamp);
        }
        uint64 until = uint64(block.timestamp) + FREEZE_S;
        _freezes[batchId].until = until;
        emit BatchFrozen(batchId, until, reason);
    }

    /// @inheritdoc ICarbonBank
    function unfreeze(uint256 batchId) external {
        if (block.timestamp < _freezes[batchId].until) _checkRole(GUARDIAN);
        Status status = _batches[batchId].status;
        if (status == Status.None) revert BatchNotFound(batchId);
        if (status != Status.Frozen) revert BatchNotFrozen(batchId, status);
        _batches[batchId].status = Status.Active;
        delete _freezes[batchId];
        emit BatchUnfrozen(batchId);
    }

    // --- reading ---------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function methodology(bytes32 methodologyId) external view returns (Methodology memory) {
        StoredMethodology memory known = _methodologies[methodologyId];
        return Methodology(
            known.number,
            known.bufferBps,
            known.demo,
            known.withdrawn,
            ShortStrings.toString(known.classLabel)
        );
    }

    /// @inheritdoc ICarbonBank
    function operatorOf(bytes32 fleetId) external view returns (address) {
        return _fleets[fleetId].operator;
    }

    /// @inheritdoc ICarbonBank
    function vehicle(uint32 vehicleIndex, uint32 month)
        external
        view
        returns (bytes32 commitment, bytes32 fleetId, uint32 fromMonth)
    {
        if (vehicleIndex == 0 || vehicleIndex > _vehicles.length) return (0, 0, 0);
        Vehicle storage known = _vehicles[vehicleIndex - 1];
        uint256 fleetNumber = known.fleetNumbers.upperLookupRecent(month);
        if (fleetNumber != 0) fleetId = _fleetIds[fleetNumber - 1];
        // Pushed as uint32, so the cast loses nothing.
        return (known.commitment, fleetId, uint32(known.fleetNumbers.at(0)._key));
    }

    /// @inheritdoc ICarbonBank
    function vehicleIndexOf(bytes32 commitment) external view returns (uint32) {
        return _vehicleIndexOf[commitment];
    }

    /// @inheritdoc ICarbonBank
    function vehicleCount() public view returns (uint32) {
        return uint32(_vehicles.length);
    }

    /// @inheritdoc ICarbonBank
    function creditedWord(uint32 month, uint24 wordIndex) external view returns (uint256) {
        return _credited[month][wordIndex];
    }

    /// @inheritdoc ICarbonBank
    function batchIdOf(BatchClaim calldata batchClaim) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(BATCH_CLAIM_TYPEHASH, batchClaim)));
    }

    /// @inheritdoc ICarbonBank
    function batch(uint256 batchId) external view returns (Batch memory) {
        StoredBatch storage stored = _batches[batchId];
        Batch memory shown;
        if (stored.status == Status.None) return shown;
        shown.issuedG = stored.issuedG;
        shown.claimableG = stored.claimableG;
        shown.retiredG = stored.retiredG;
        shown.bufferG = stored.bufferG;
        shown.month = stored.month;
        shown.issuedHour = stored.issuedHour;
        shown.status = stored.status;
        shown.methodologyId = _methodologyIds[stored.methodologyNumber - 1];
        shown.demo = _methodologies[shown.methodologyId].demo;
        shown.payoutRoot = stored.payoutRoot;
        return shown;
    }

    /// @inheritdoc ICarbonBank
    function classOf(uint256 batchId) external view returns (bytes32) {
        StoredBatch storage stored = _batches[batchId];
        if (stored.status == Status.None) return 0;
        bytes32 methodologyId = _methodologyIds[stored.methodologyNumber - 1];
        string memory classLabel = ShortStrings.toString(_methodologies[methodologyId].classLabel);
        return keccak256(abi.encode(classLabel, uint256(stored.month / 12)));
    }

    /// @inheritdoc ICarbonBank
    function totalSupply(uint256 batchId) external view returns (uint256 heldG) {
        StoredBatch storage stored = _batches[batchId];
        return stored.issuedG - stored.claimableG - stored.retiredG - stored.bufferG;
    }

    /// @inheritdoc ICarbonBank
    function totals() external view returns (Totals memory) {
        return Totals(_issuedG, _retiredG, _retirements, _issueStopped);
    }

    /// @inheritdoc ICarbonBank
    function decimals() external pure returns (uint8) {
        return 6;
    }

    /// @inheritdoc ICarbonBank
    function isClaimed(uint256 batchId, uint256 index) public view returns (bool) {
        return _claimed[batchId].get(index);
    }

    /// @inheritdoc ICarbonBank
    function nextRetirementId() external view returns (uint256) {
        return _retirements + 1;
    }

    /// @inheritdoc ICarbonBank
    function freezeOf(uint256 batchId) external view returns (uint64 since, uint64 until) {
        return (_freezes[batchId].since, _freezes[batchId].until);
    }

    /// @inheritdoc ICarbonBank
    function monthOf(uint256 timestamp) external pure returns (uint32) {
        return Months.monthOf(timestamp);
    }

    /// @notice Interfaces of ERC-165.
    /// @param interfaceId the interface asked for
    /// @return whether it is here
    function supportsInterface(bytes4 interfaceId)
        public
        view
        override(ERC1155, AccessControlDefaultAdminRules)
        returns (bool)
    {
        return interfaceId == type(ICarbonBank).interfaceId
            || ERC1155.supportsInterface(interfaceId)
            || AccessControlDefaultAdminRules.supportsInterface(interfaceId);
    }

    // --- inside ----------------------------------------------------------------------------------

    function _existingFleet(bytes32 fleetId) private view returns (Fleet storage fleet) {
        fleet = _fleets[fleetId];
        if (fleet.number == 0) revert FleetNotFound(fleetId);
    }

    function _setOperator(Fleet storage fleet, address operator) private {
        if (operator == address(0)) revert ZeroAddress();
        _requireNoRole(operator);
        fleet.operator = operator;
        ++_fleetsOperated[operator];
    }

    function _join(Fleet storage fleet, uint32 vehicleIndex, uint32 fromMonth) private {
        Roster storage roster = _rosters[fleet.number][uint24(vehicleIndex >> 8)];
        roster.members |= 1 << (vehicleIndex & 0xff);
        if (roster.sinceMonth < fromMonth) roster.sinceMonth = fromMonth;
        if (fleet.sinceMonth < fromMonth) fleet.sinceMonth = fromMonth;
    }

    function _checkSigned(uint256 batchId, address verifier, bytes calldata signature)
        private
        view
    {
        if (!hasRole(VERIFIER, verifier)) revert NotVerifier(verifier);
        bytes32 digest = _hashTypedDataV4(bytes32(batchId));
        if (!Signatures.signed(verifier, digest, signature)) {
            revert BadVerifierSignature(batchId, verifier);
        }
    }

    function _checkTime(uint64 validUntil, uint32 month) private view {
        if (block.timestamp > validUntil) revert ClaimExpired(validUntil, block.timestamp);
        uint32 current = Months.monthOf(block.timestamp);
        if (month >= current) revert MonthStillRunning(month, current);
        if (month < firstMonth || month > lastMonth) {
            revert MonthOutOfRange(month, firstMonth, lastMonth);
        }
    }

    function _checkAmounts(BatchClaim calldata batchClaim, uint16 bufferBps)
        private
        pure
        returns (uint48 issuedG)
    {
        if (batchClaim.tripCount == 0 || batchClaim.evidenceRoot == 0 || batchClaim.reportHash == 0)
        {
            revert NoEvidence();
        }
        // Three uint64 and a share of their sum stay far below 2^256.
        uint256 totalG = uint256(batchClaim.operatorG) + batchClaim.driversG + batchClaim.bufferG;
        if (totalG == 0) revert NothingToIssue();
        if (totalG > type(uint48).max) revert BatchTooLarge(totalG, type(uint48).max);
        uint256 neededG = Math.ceilDiv(totalG * bufferBps, BPS);
        if (batchClaim.bufferG < neededG) revert BufferTooSmall(batchClaim.bufferG, neededG);
        if ((batchClaim.driversG == 0) != (batchClaim.payoutRoot == 0)) {
            revert PayoutRootMismatch(batchClaim.driversG, batchClaim.payoutRoot);
        }
        return uint48(totalG);
    }

    /// @dev Sets the bits of vehicles that are in the fleet that month and not yet credited for it.
    function _credit(
        bytes32 fleetId,
        Fleet memory fleet,
        uint32 month,
        uint24[] calldata wordIndex,
        uint256[] calldata bits
    ) private {
        if (wordIndex.length == 0 || wordIndex.length != bits.length) {
            revert BadWordCount(wordIndex.length, bits.length);
        }
        for (uint256 i = 0; i < wordIndex.length; ++i) {
            uint24 word = wordIndex[i];
            if (i != 0 && word <= wordIndex[i - 1]) revert WordsNotAscending(word);
            uint256 named = bits[i];
            if (named == 0) revert EmptyWord(word);
            Roster storage roster = _rosters[fleet.number][word];
            bool early = month < fleet.sinceMonth && month < roster.sinceMonth;
            uint256 doubtful = early ? named : named & ~roster.members;
            while (doubtful != 0) {
                uint32 vehicleIndex = _lowestVehicle(word, doubtful);
                if (!_isInFleet(vehicleIndex, fleet.number, month)) {
                    revert VehicleNotInFleet(vehicleIndex, fleetId, month);
                }
                doubtful &= doubtful - 1;
            }
            uint256 credited = _credited[month][word];
            uint256 again = credited & named;
            if (again != 0) revert VehicleMonthAlreadyCredited(_lowestVehicle(word, again), month);
            _credited[month][word] = credited | named;
        }
    }

    /// @dev Index of the lowest bit of a word; a 24-bit word index and 8 bits make 32.
    function _lowestVehicle(uint24 word, uint256 bits) private pure returns (uint32) {
        return (uint32(word) << 8) | uint32(Math.log2(bits & (~bits + 1)));
    }

    function _isInFleet(uint32 vehicleIndex, uint32 fleetNumber, uint32 month)
        private
        view
        returns (bool)
    {
        if (vehicleIndex == 0 || vehicleIndex > _vehicles.length) return false;
        return _vehicles[vehicleIndex - 1].fleetNumbers.upperLookupRecent(month) == fleetNumber;
    }

    function _requireActive(uint256 batchId) private view {
        Status status = _batches[batchId].status;
        if (status == Status.None) revert BatchNotFound(batchId);
        if (status != Status.Active) revert BatchNotActive(batchId, status);
    }

    /// @dev `TransferSingle` is the event of a payout; `isClaimed` answers the rest.
    function _pay(uint256 batchId, Payout calldata payout, bytes32[] calldata proof) private {
        StoredBatch storage stored = _batches[batchId];
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(payout))));
        if (!MerkleProof.verifyCalldata(proof, stored.payoutRoot, leaf)) {
            revert BadPayoutProof(batchId, payout.index);
        }
        uint48 claimableG = stored.claimableG;
        if (payout.amountG > claimableG) {
            revert ClaimExceedsPayout(batchId, payout.amountG, claimableG);
        }
        _claimed[batchId].set(payout.index);
        // At most `claimableG`, so it fits 48 bits.
        stored.claimableG = claimableG - uint48(payout.amountG);
        _mint(payout.account, batchId, payout.amountG, "");
    }

    function _retire(
        address holder,
        uint256 batchId,
        uint256 amountG,
        bytes32 beneficiary,
        bytes32 purpose
    ) private returns (uint256 retirementId) {
        _requireActive(batchId);
        if (amountG == 0) revert ZeroAmount();
        _burn(holder, batchId, amountG);
        // Burnt, so it was held, so it is at most `issuedG` and fits 48 bits.
        uint48 before = _batches[batchId].retiredG;
        uint48 afterwards = before + uint48(amountG);
        _batches[batchId].retiredG = afterwards;
        _retiredG += uint64(amountG);
        retirementId = ++_retirements;
        emit CreditsRetired(
            retirementId, batchId, holder, amountG, before + 1, afterwards, beneficiary, purpose
        );
    }

    /// @dev Grams move between accounts only while their batch is Active.
    function _update(address from, address to, uint256[] memory ids, uint256[] memory values)
        internal
        override
    {
        if (from != address(0) && to != address(0)) {
            for (uint256 i = 0; i < ids.length; ++i) {
                _requireActive(ids[i]);
            }
        }
        super._update(from, to, ids, values);
    }

    /// @dev Role acts never pass the forwarder.
    function _checkRole(bytes32 role) internal view override {
        _checkRole(role, msg.sender);
    }

    /// @dev One address holds one role at most, and none if it operates a fleet.
    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        if (!hasRole(role, account)) _requireNoRole(account);
        uint256 fleets = _fleetsOperated[account];
        if (fleets != 0) revert AccountOperatesFleet(account, fleets);
        return super._grantRole(role, account);
    }

    function _requireNoRole(address account) private view {
        _requireNot(DEFAULT_ADMIN_ROLE, account);
        _requireNot(CERTIFIER, account);
        _requireNot(VERIFIER, account);
        _requireNot(ISSUER, account);
        _requireNot(REGISTRAR, account);
        _requireNot(GUARDIAN, account);
    }

    function _requireNot(bytes32 role, address account) private view {
        if (hasRole(role, account)) revert RoleConflict(account, role);
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
