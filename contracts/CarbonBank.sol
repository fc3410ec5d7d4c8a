// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl, IAccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {Context} from "@openzeppelin/contracts/utils/Context.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {
    BankState,
    Batch,
    BatchClaim,
    ICarbonBank,
    Methodology,
    Payout,
    Status
} from "./interfaces/ICarbonBank.sol";
import {BankCorrections} from "./libraries/BankCorrections.sol";
import {BankRegistry} from "./libraries/BankRegistry.sol";
import {Bits} from "./libraries/Bits.sol";
import {Claims} from "./libraries/Claims.sol";
import {
    BatchWords,
    Correction,
    Fleet,
    Ledger,
    Ledgers,
    Roster,
    StoredBatch,
    Switches,
    Terms,
    Vehicle
} from "./libraries/Ledger.sol";
import {Months} from "./libraries/Months.sol";
import {Payouts} from "./libraries/Payouts.sol";
import {Ranges} from "./libraries/Ranges.sol";
import {Shares} from "./libraries/Shares.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title CarbonBank
/// @notice See `ICarbonBank`. Every function checks in one order: who may, what exists, what state,
/// what amounts; then effects, the event, and calls to others last. Here are the powers and what
/// moves grams; what is rarely done stands in two libraries linked for ever.
contract CarbonBank is
    ICarbonBank,
    ERC1155,
    EIP712,
    AccessControlDefaultAdminRules,
    ERC2771Context
{
    using Checkpoints for Checkpoints.Trace208;
    using Ledgers for Ledger;
    using BankRegistry for Ledger;
    using BankCorrections for Ledger;
    using Ledgers for Correction;

    // Roles are keccak256 of their names; getters would only cost bytes.
    bytes32 private constant CERTIFIER = keccak256("CERTIFIER");
    bytes32 private constant VERIFIER = keccak256("VERIFIER");
    bytes32 private constant ISSUER = keccak256("ISSUER");
    bytes32 private constant REGISTRAR = keccak256("REGISTRAR");
    bytes32 private constant GUARDIAN = keccak256("GUARDIAN");
    bytes32 private constant CHALLENGER = keccak256("CHALLENGER");

    uint32 private immutable _firstMonth;
    bytes32 private immutable _registryKeyHash;
    Ledger private _ledger;

    /// @param forwarder ERC-2771 forwarder through which accounts may act
    /// @param admin first default admin
    /// @param adminDelayS seconds between naming and accepting another admin
    /// @param firstMonth first creditable month
    /// @param registryKeyHash keccak256 of the registry key
    /// @param uri_ ERC-1155 metadata URI
    constructor(
        address forwarder,
        address admin,
        uint48 adminDelayS,
        uint32 firstMonth,
        bytes32 registryKeyHash,
        string memory uri_
    )
        ERC1155(uri_)
        EIP712("CarbonBank", "1")
        AccessControlDefaultAdminRules(adminDelayS, admin)
        ERC2771Context(forwarder)
    {
        _firstMonth = firstMonth;
        _registryKeyHash = registryKeyHash;
        _ledger.switches.lastMonth = type(uint32).max;
    }

    // --- powers ----------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function stopIssue(string calldata reason) external onlyRole(GUARDIAN) {
        if (_ledger.switches.issueStopped) revert IssueIsStopped();
        _ledger.switches.issueStopped = true;
        emit IssueStopped(reason);
    }

    /// @inheritdoc ICarbonBank
    function resumeIssue() external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_ledger.switches.issueStopped) revert IssueIsNotStopped();
        _ledger.switches.issueStopped = false;
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
    function setLastMonth(uint32 lastMonth) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _ledger.setLastMonth(lastMonth);
    }

    /// @notice Gives up an own role (AccessControl); not through the forwarder.
    /// @param role the role
    /// @param account the sender, to confirm
    function renounceRole(bytes32 role, address account)
        public
        override(AccessControlDefaultAdminRules)
    {
        if (account != msg.sender) revert AccessControlBadConfirmation();
        super.renounceRole(role, account);
    }

    /// @notice Makes the pending admin the admin (AccessControlDefaultAdminRules); not through the
    /// forwarder.
    function acceptDefaultAdminTransfer() public override {
        (address newAdmin,) = pendingDefaultAdmin();
        if (msg.sender != newAdmin) revert AccessControlInvalidDefaultAdmin(msg.sender);
        _acceptDefaultAdminTransfer();
    }

    // --- methodologies, fleets and vehicles ------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function certifyMethodology(
        bytes32 methodologyId,
        string calldata classLabel,
        uint16 bufferBps,
        bool demo
    ) external onlyRole(CERTIFIER) {
        _ledger.certifyMethodology(methodologyId, classLabel, bufferBps, demo);
    }

    /// @inheritdoc ICarbonBank
    function withdrawMethodology(bytes32 methodologyId) external onlyRole(CERTIFIER) {
        _ledger.withdrawMethodology(methodologyId);
    }

    /// @inheritdoc ICarbonBank
    function enrolFleet(bytes32 fleetId, address operator) external onlyRole(REGISTRAR) {
        _ledger.enrolFleet(fleetId, operator);
        _requireNoRole(operator);
    }

    /// @inheritdoc ICarbonBank
    function setOperator(bytes32 fleetId, address operator) external onlyRole(REGISTRAR) {
        _ledger.setOperator(fleetId, operator);
        _requireNoRole(operator);
    }

    /// @inheritdoc ICarbonBank
    function enrolVehicles(bytes32 fleetId, bytes32[] calldata commitments, uint32 fromMonth)
        external
        onlyRole(REGISTRAR)
        returns (uint32 firstIndex)
    {
        return _ledger.enrolVehicles(fleetId, commitments, fromMonth);
    }

    /// @inheritdoc ICarbonBank
    function moveVehicle(uint32 vehicleIndex, bytes32 toFleetId, uint32 fromMonth)
        external
        onlyRole(REGISTRAR)
    {
        _ledger.moveVehicle(vehicleIndex, toFleetId, fromMonth);
    }

    // --- issue -----------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function issue(
        BatchClaim memory batchClaim,
        uint24[] calldata wordIndex,
        uint256[] calldata bits,
        bytes calldata signature
    ) external onlyRole(ISSUER) returns (uint256 batchId) {
        batchId = batchIdOf(batchClaim);
        // A repeat is told apart first: whoever asks again after a crash must learn that it is
        // done, also when the claim has expired or the verifier was dismissed since.
        if (_ledger.batches[batchId] != 0) revert BatchAlreadyIssued(batchId);
        _checkSigned(batchId, batchClaim.verifier, signature);

        Fleet memory fleet = _ledger.fleets[batchClaim.fleetId];
        if (fleet.number == 0) revert FleetNotFound(batchClaim.fleetId);
        if (fleet.operator != batchClaim.operator) {
            revert OperatorMismatch(batchClaim.fleetId, fleet.operator, batchClaim.operator);
        }
        Terms memory terms = _ledger.methodologies[batchClaim.methodologyId].terms;
        if (terms.number == 0) revert MethodologyNotFound(batchClaim.methodologyId);

        Switches memory switches = _ledger.switches;
        if (switches.issueStopped) revert IssueIsStopped();
        if (terms.withdrawn) revert MethodologyIsWithdrawn(batchClaim.methodologyId);
        _checkTime(batchClaim.validUntil, batchClaim.month, switches.lastMonth);

        uint256 issuedG = _checkAmounts(batchClaim, terms.bufferBps);
        bytes32 actualHash = keccak256(abi.encode(wordIndex, bits));
        if (batchClaim.vehiclesHash != actualHash) {
            revert VehiclesHashMismatch(batchClaim.vehiclesHash, actualHash);
        }

        _credit(batchClaim.fleetId, fleet, batchClaim.month, wordIndex, bits);
        _ledger.batches[batchId] = BatchWords.fresh(
            issuedG,
            batchClaim.driversG,
            batchClaim.bufferG,
            SafeCast.toUint24(Math.ceilDiv(block.timestamp, 1 hours)),
            SafeCast.toUint16(batchClaim.month),
            terms.number
        );
        if (batchClaim.driversG != 0) {
            _ledger.claimedBits(batchId, batchClaim.payoutRoot)[0] = 1;
        }
        emit BatchIssued(
            batchId,
            batchClaim.fleetId,
            batchClaim.methodologyId,
            terms.demo,
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
        if (!_pay(batchId, payout, proof)) revert PayoutAlreadyClaimed(batchId, payout.index);
    }

    /// @inheritdoc ICarbonBank
    function claimMany(uint256 batchId, Payout[] calldata payouts, bytes32[][] calldata proofs)
        external
    {
        _ledger.activeWord(batchId);
        if (payouts.length != proofs.length) revert BadProofCount(payouts.length, proofs.length);
        for (uint256 i = 0; i < payouts.length; ++i) {
            // Anyone may have paid one of them a moment ago; that must not stop the others.
            _pay(batchId, payouts[i], proofs[i]);
        }
    }

    // --- moving ----------------------------------------------------------------------------------

    /// @notice Moves grams of an Active batch (ERC-1155).
    /// @param from whose grams
    /// @param to who gets them
    /// @param id the batch
    /// @param value grams
    /// @param data for the receiver, if it is a contract
    function safeTransferFrom(
        address from,
        address to,
        uint256 id,
        uint256 value,
        bytes memory data
    ) public override {
        _checkAuthorized(_msgSender(), from);
        _ledger.activeWord(id);
        _safeTransferFrom(from, to, id, value, data);
    }

    /// @notice Moves grams of Active batches (ERC-1155).
    /// @param from whose grams
    /// @param to who gets them
    /// @param ids the batches
    /// @param values grams of each
    /// @param data for the receiver, if it is a contract
    function safeBatchTransferFrom(
        address from,
        address to,
        uint256[] memory ids,
        uint256[] memory values,
        bytes memory data
    ) public override {
        _checkAuthorized(_msgSender(), from);
        for (uint256 i = 0; i < ids.length; ++i) {
            _ledger.activeWord(ids[i]);
        }
        _safeBatchTransferFrom(from, to, ids, values, data);
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

    // --- freezing and corrections ----------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function freeze(uint256 batchId, string calldata reason) external onlyRole(GUARDIAN) {
        _ledger.freeze(batchId, reason);
    }

    /// @inheritdoc ICarbonBank
    function unfreeze(uint256 batchId) external {
        if (block.timestamp < _ledger.corrections[batchId].frozenUntil) _checkRole(GUARDIAN);
        _ledger.unfreeze(batchId);
    }

    /// @inheritdoc ICarbonBank
    function disprove(uint256 batchId, bytes32 proofId) external onlyRole(CHALLENGER) {
        uint256 stored = _ledger.batches[batchId];
        if (stored == 0) revert BatchNotFound(batchId);
        Correction storage correction = _ledger.corrections[batchId];
        correction.settle(proofId);
        Status status = BatchWords.statusOf(stored);
        if (status == Status.Frozen) correction.thaw();
        else if (status != Status.Active) revert BatchNotDisprovable(batchId, status);
        _ledger.batches[batchId] = BatchWords.withStatus(stored, Status.Disproven);
        emit BatchDisproven(batchId, proofId);
    }

    /// @inheritdoc ICarbonBank
    function freezeProven(uint256 batchId, bytes32 proofId) external onlyRole(CHALLENGER) {
        _ledger.freezeProven(batchId, proofId);
    }

    /// @inheritdoc ICarbonBank
    function correct(
        uint256 batchId,
        uint64 excessG,
        uint256[] calldata sources,
        string calldata reason
    ) external onlyRole(GUARDIAN) {
        _ledger.correct(batchId, excessG, sources, reason);
    }

    /// @inheritdoc ICarbonBank
    function cancel(uint256 batchId, string calldata reason) external onlyRole(GUARDIAN) {
        _ledger.cancel(batchId, reason);
    }

    /// @inheritdoc ICarbonBank
    function replaceFromBuffer(uint256 batchId, uint256[] calldata sources)
        external
        onlyRole(GUARDIAN)
    {
        _ledger.replaceFromBuffer(batchId, sources);
    }

    // --- reading ---------------------------------------------------------------------------------

    /// @inheritdoc ICarbonBank
    function methodology(bytes32 methodologyId) external view returns (Methodology memory) {
        return _ledger.methodology(methodologyId);
    }

    /// @inheritdoc ICarbonBank
    function operatorOf(bytes32 fleetId) external view returns (address) {
        return _ledger.fleets[fleetId].operator;
    }

    /// @inheritdoc ICarbonBank
    function vehicle(uint32 vehicleIndex, uint32 month)
        external
        view
        returns (bytes32 commitment, bytes32 fleetId, uint32 fromMonth)
    {
        return _ledger.vehicle(vehicleIndex, month);
    }

    /// @inheritdoc ICarbonBank
    function vehicleIndexOf(bytes32 commitment) external view returns (uint32) {
        return _ledger.vehicleIndexOf[commitment];
    }

    /// @inheritdoc ICarbonBank
    function creditedWord(uint32 month, uint24 wordIndex) external view returns (uint256) {
        return _ledger.credited[month][wordIndex];
    }

    /// @inheritdoc ICarbonBank
    function batchIdOf(BatchClaim memory batchClaim) public pure returns (uint256) {
        return Claims.idOf(batchClaim);
    }

    /// @inheritdoc ICarbonBank
    function batch(uint256 batchId) external view returns (Batch memory shown) {
        StoredBatch memory stored = BatchWords.unpack(_ledger.batches[batchId]);
        if (stored.status == Status.None) return shown;
        Correction storage correction = _ledger.corrections[batchId];
        shown.issuedG = stored.issuedG;
        shown.claimableG = stored.claimableG;
        shown.retiredG = stored.retiredG;
        shown.bufferG = stored.bufferG;
        shown.month = stored.month;
        shown.issuedHour = stored.issuedHour;
        shown.status = stored.status;
        shown.methodologyId = _ledger.methodologyIds[stored.methodologyNumber - 1];
        shown.demo = _ledger.methodologies[shown.methodologyId].terms.demo;
        shown.cancelledG = correction.cancelledG;
        shown.unreplacedG = correction.unreplacedG;
        shown.frozenSince = correction.frozenSince;
        shown.frozenUntil = correction.frozenUntil;
        shown.heldG =
            shown.issuedG - shown.claimableG - shown.retiredG - shown.bufferG - shown.cancelledG;
    }

    /// @inheritdoc ICarbonBank
    function classOf(uint256 batchId) external view returns (bytes32) {
        StoredBatch memory stored = BatchWords.unpack(_ledger.batches[batchId]);
        if (stored.status == Status.None) return 0;
        bytes32 methodologyId = _ledger.methodologyIds[stored.methodologyNumber - 1];
        string memory classLabel =
            ShortStrings.toString(_ledger.methodologies[methodologyId].classLabel);
        return keccak256(abi.encode(classLabel, uint256(stored.month / 12)));
    }

    /// @inheritdoc ICarbonBank
    function state() external view returns (BankState memory) {
        return BankState(
            _firstMonth,
            _ledger.switches.lastMonth,
            _ledger.switches.issueStopped,
            uint32(_ledger.vehicles.length),
            _ledger.switches.retirements,
            _registryKeyHash
        );
    }

    /// @inheritdoc ICarbonBank
    function decimals() external pure returns (uint8) {
        return 6;
    }

    /// @inheritdoc ICarbonBank
    function isClaimed(uint256 batchId, bytes32 payoutRoot, uint256 index)
        external
        view
        returns (bool)
    {
        (uint256 word, uint256 bit) = Bits.ofPayout(index);
        return _ledger.claimedBits(batchId, payoutRoot)[word] & bit != 0;
    }

    /// @notice Grams somebody holds of a batch (ERC-1155); of a Cancelled one nobody holds any.
    /// @param account the holder
    /// @param id the batch
    /// @return grams
    function balanceOf(address account, uint256 id) public view override returns (uint256) {
        if (BatchWords.statusOf(_ledger.batches[id]) == Status.Cancelled) return 0;
        return super.balanceOf(account, id);
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

    function _checkTime(uint64 validUntil, uint32 month, uint32 lastMonth) private view {
        if (block.timestamp > validUntil) revert ClaimExpired(validUntil, block.timestamp);
        uint32 current = Months.monthOf(block.timestamp);
        if (month >= current) revert MonthStillRunning(month, current);
        if (month < _firstMonth || month > lastMonth) {
            revert MonthOutOfRange(month, _firstMonth, lastMonth);
        }
    }

    function _checkAmounts(BatchClaim memory batchClaim, uint16 bufferBps)
        private
        pure
        returns (uint256 totalG)
    {
        if (batchClaim.tripCount == 0 || batchClaim.evidenceRoot == 0 || batchClaim.reportHash == 0)
        {
            revert NoEvidence();
        }
        // Three uint64 and a share of their sum stay far below 2^256.
        totalG = uint256(batchClaim.operatorG) + batchClaim.driversG + batchClaim.bufferG;
        if (totalG == 0) revert NothingToIssue();
        if (totalG > type(uint48).max) revert BatchTooLarge(totalG, type(uint48).max);
        uint256 neededG = Shares.bufferNeededG(totalG, bufferBps);
        if (batchClaim.bufferG < neededG) revert BufferTooSmall(batchClaim.bufferG, neededG);
        if ((batchClaim.driversG == 0) != (batchClaim.payoutRoot == 0)) {
            revert PayoutRootMismatch(batchClaim.driversG, batchClaim.payoutRoot);
        }
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
            Roster storage roster = _ledger.rosters[fleet.number][word];
            bool early = month < fleet.sinceMonth && month < roster.sinceMonth;
            uint256 doubtful = early ? named : named & ~roster.members;
            while (doubtful != 0) {
                uint32 vehicleIndex = Bits.lowestVehicle(word, doubtful);
                if (!_isInFleet(vehicleIndex, fleet.number, month)) {
                    revert VehicleNotInFleet(vehicleIndex, fleetId, month);
                }
                doubtful &= doubtful - 1;
            }
            uint256 credited = _ledger.credited[month][word];
            uint256 again = credited & named;
            if (again != 0) {
                revert VehicleMonthAlreadyCredited(Bits.lowestVehicle(word, again), month);
            }
            _ledger.credited[month][word] = credited | named;
        }
    }

    function _isInFleet(uint32 vehicleIndex, uint32 fleetNumber, uint32 month)
        private
        view
        returns (bool)
    {
        if (vehicleIndex == 0 || vehicleIndex > _ledger.vehicles.length) return false;
        Vehicle storage known = _ledger.vehicles[vehicleIndex - 1];
        return known.fleetNumbers.upperLookupRecent(month) == fleetNumber;
    }

    /// @dev Returns false, and does nothing, if the payout was paid before. `TransferSingle` is the
    /// event of a payout; `isClaimed` answers the rest.
    function _pay(uint256 batchId, Payout calldata payout, bytes32[] calldata proof)
        private
        returns (bool)
    {
        uint256 stored = _ledger.activeWord(batchId);
        mapping(uint256 word => uint256) storage claimed =
            _ledger.claimedBits(batchId, Payouts.rootOf(Payouts.leafHash(payout), proof));
        uint256 bits = claimed[0];
        if (bits == 0) revert BadPayoutProof(batchId, payout.index);
        (uint256 word, uint256 bit) = Bits.ofPayout(payout.index);
        if (word != 0) bits = claimed[word];
        if (bits & bit != 0) return false;
        uint256 claimableG = BatchWords.claimableG(stored);
        if (payout.amountG > claimableG) {
            revert ClaimExceedsPayout(batchId, payout.amountG, claimableG);
        }
        claimed[word] = bits | bit;
        // At most `claimableG`, so nothing overflows and no other field of the word changes.
        unchecked {
            _ledger.batches[batchId] = stored - payout.amountG * BatchWords.CLAIMABLE_G;
        }
        _mint(payout.account, batchId, payout.amountG, "");
        return true;
    }

    function _retire(
        address holder,
        uint256 batchId,
        uint256 amountG,
        bytes32 beneficiary,
        bytes32 purpose
    ) private returns (uint256 retirementId) {
        uint256 stored = _ledger.activeWord(batchId);
        if (amountG == 0) revert ZeroAmount();
        _burn(holder, batchId, amountG);
        // Burnt, so it was held, so all retired grams together are at most `issuedG` and fit.
        unchecked {
            _ledger.batches[batchId] = stored + amountG * BatchWords.RETIRED_G;
        }
        (uint256 first, uint256 last) = Ranges.serials(BatchWords.retiredG(stored), amountG);
        retirementId = ++_ledger.switches.retirements;
        emit CreditsRetired(
            retirementId, batchId, holder, amountG, first, last, beneficiary, purpose
        );
    }

    /// @dev Role acts never pass the forwarder.
    function _checkRole(bytes32 role) internal view override {
        _checkRole(role, msg.sender);
    }

    /// @dev One address holds one role at most, and none if it operates a fleet.
    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        if (!hasRole(role, account)) _requireNoRole(account);
        uint256 fleets = _ledger.fleetsOperated[account];
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
        _requireNot(CHALLENGER, account);
    }

    function _requireNot(bytes32 role, address account) private view {
        if (hasRole(role, account)) revert RoleConflict(account, role);
    }

    /// @dev Nearly always it is an account that calls, which the forwarder's rule would tell later.
    function _msgSender() internal view override(Context, ERC2771Context) returns (address) {
        if (msg.sender != trustedForwarder()) return msg.sender;
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
