// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {ShortString} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {ICarbonBank, Status} from "../interfaces/ICarbonBank.sol";

/// @dev A batch in memory. It is stored as one word (`BatchWords`), because a struct in storage
/// would be written once per field. Months and hours fit their fields until the years 5461 and
/// 3884.
struct StoredBatch {
    uint48 issuedG;
    uint48 claimableG;
    uint48 retiredG;
    uint48 bufferG;
    uint24 issuedHour;
    uint16 month;
    uint16 methodologyNumber;
    Status status;
}

/// @dev What only freezes, proofs and corrections write. `settled` are the proofs that did their
/// work, once for all: stopped the batch.
struct Correction {
    uint48 cancelledG;
    uint48 unreplacedG;
    uint64 frozenSince;
    uint64 frozenUntil;
    mapping(bytes32 proofId => bool) settled;
}

/// @dev One slot, all that `issue` reads of a methodology.
struct Terms {
    uint16 number;
    uint16 bufferBps;
    bool demo;
    bool withdrawn;
}

struct StoredMethodology {
    Terms terms;
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

/// @dev One slot.
struct Switches {
    uint32 lastMonth;
    bool issueStopped;
    uint64 retirements;
}

/// @dev All storage of CarbonBank but balances, approvals and roles, which are OpenZeppelin's.
/// `claimed`: bit 0 of word 0 says that the root is the batch's, bit i + 1 that payout i is paid.
struct Ledger {
    Switches switches;
    bytes32[] methodologyIds;
    bytes32[] fleetIds;
    Vehicle[] vehicles;
    mapping(bytes32 methodologyId => StoredMethodology) methodologies;
    mapping(bytes32 fleetId => Fleet) fleets;
    mapping(address account => uint256) fleetsOperated;
    mapping(uint32 fleetNumber => mapping(uint24 wordIndex => Roster)) rosters;
    mapping(bytes32 commitment => uint32) vehicleIndexOf;
    mapping(uint32 month => mapping(uint24 wordIndex => uint256)) credited;
    mapping(uint256 batchId => uint256 word) batches;
    mapping(bytes32 batchAndRoot => mapping(uint256 word => uint256)) claimed;
    mapping(uint256 batchId => Correction) corrections;
}

/// @title BatchWords
/// @notice A batch as one storage word: from the lowest bit four times 48 bits of grams (issued,
/// claimable, retired, buffer), 24 of the hour of issue, 16 of month, 16 of methodology, 8 of
/// status.
/// @dev The casts cut each field out of the word; nothing else is above or below it.
library BatchWords {
    /// @notice What one gram of the claimable rest is in the word.
    uint256 internal constant CLAIMABLE_G = 1 << 48;
    /// @notice What one retired gram is in the word.
    uint256 internal constant RETIRED_G = 1 << 96;
    /// @notice How far up the status stands; nothing is above it.
    uint256 internal constant STATUS_BITS = 248;

    /// @notice The word of a batch.
    /// @param batch the batch
    /// @return the word, zero only if there is no such batch
    function pack(StoredBatch memory batch) internal pure returns (uint256) {
        return uint256(batch.issuedG) | (uint256(batch.claimableG) << 48)
            | (uint256(batch.retiredG) << 96) | (uint256(batch.bufferG) << 144)
            | (uint256(batch.issuedHour) << 192) | (uint256(batch.month) << 216)
            | (uint256(batch.methodologyNumber) << 232) | (uint256(batch.status) << STATUS_BITS);
    }

    /// @notice The word of a batch that was just issued: Active, nothing claimed or retired.
    /// @param issuedG grams of all parts, at most 48 bits
    /// @param driversG the drivers' part of them, all claimable
    /// @param bufferG the buffer's part of them
    /// @param issuedHour hour of issue, rounded up
    /// @param month UTC month
    /// @param methodologyNumber the methodology
    /// @return the word
    function fresh(
        uint256 issuedG,
        uint256 driversG,
        uint256 bufferG,
        uint24 issuedHour,
        uint16 month,
        uint16 methodologyNumber
    ) internal pure returns (uint256) {
        return issuedG | (driversG << 48) | (bufferG << 144) | (uint256(issuedHour) << 192)
            | (uint256(month) << 216) | (uint256(methodologyNumber) << 232)
            | (uint256(Status.Active) << STATUS_BITS);
    }

    /// @notice The batch of a word.
    /// @param word the word
    /// @return the batch
    function unpack(uint256 word) internal pure returns (StoredBatch memory) {
        return StoredBatch(
            uint48(word),
            claimableG(word),
            retiredG(word),
            uint48(word >> 144),
            uint24(word >> 192),
            uint16(word >> 216),
            uint16(word >> 232),
            statusOf(word)
        );
    }

    /// @notice Where a batch stands.
    /// @param word its word
    /// @return the status
    function statusOf(uint256 word) internal pure returns (Status) {
        return Status(word >> STATUS_BITS);
    }

    /// @notice The same batch, standing elsewhere.
    /// @param word its word
    /// @param status where it stands from now on
    /// @return the word
    function withStatus(uint256 word, Status status) internal pure returns (uint256) {
        return (word << 8 >> 8) | (uint256(status) << STATUS_BITS);
    }

    /// @notice What is not claimed yet.
    /// @param word the batch's word
    /// @return grams
    function claimableG(uint256 word) internal pure returns (uint48) {
        return uint48(word >> 48);
    }

    /// @notice What is retired.
    /// @param word the batch's word
    /// @return grams
    function retiredG(uint256 word) internal pure returns (uint48) {
        return uint48(word >> 96);
    }
}

/// @title Ledgers
/// @notice The looks at the books that several acts share.
library Ledgers {
    /// @notice The fleet, or `FleetNotFound`.
    /// @param ledger the books
    /// @param fleetId the fleet
    /// @return fleet as stored
    function fleetOf(Ledger storage ledger, bytes32 fleetId)
        internal
        view
        returns (Fleet storage fleet)
    {
        fleet = ledger.fleets[fleetId];
        if (fleet.number == 0) revert ICarbonBank.FleetNotFound(fleetId);
    }

    /// @notice The batch, or `BatchNotFound`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @return a copy of the batch; `keep` writes it back
    function batchOf(Ledger storage ledger, uint256 batchId)
        internal
        view
        returns (StoredBatch memory)
    {
        uint256 word = ledger.batches[batchId];
        if (word == 0) revert ICarbonBank.BatchNotFound(batchId);
        return BatchWords.unpack(word);
    }

    /// @notice The batch if it moves, or `BatchNotFound`, or `BatchNotActive`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @return word the batch as stored
    function activeWord(Ledger storage ledger, uint256 batchId)
        internal
        view
        returns (uint256 word)
    {
        word = ledger.batches[batchId];
        if (word >> BatchWords.STATUS_BITS != uint256(Status.Active)) {
            if (word == 0) revert ICarbonBank.BatchNotFound(batchId);
            revert ICarbonBank.BatchNotActive(batchId, BatchWords.statusOf(word));
        }
    }

    /// @notice Writes a batch back.
    /// @param ledger the books
    /// @param batchId the batch
    /// @param batch as it is from now on
    function keep(Ledger storage ledger, uint256 batchId, StoredBatch memory batch) internal {
        ledger.batches[batchId] = BatchWords.pack(batch);
    }

    /// @notice Who was paid under a root of a batch; see `Ledger`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @param root root of a tree of payouts
    /// @return claimed bits by word, all zero if the batch has another root
    function claimedBits(Ledger storage ledger, uint256 batchId, bytes32 root)
        internal
        view
        returns (mapping(uint256 word => uint256) storage claimed)
    {
        return ledger.claimed[Hashes.efficientKeccak256(bytes32(batchId), root)];
    }

    /// @notice Lets a proof do its work once, or `ProofSettled`.
    /// @param correction of the batch it is about
    /// @param proofId the fact that was proven
    function settle(Correction storage correction, bytes32 proofId) internal {
        if (correction.settled[proofId]) revert ICarbonBank.ProofSettled(proofId);
        correction.settled[proofId] = true;
    }

    /// @notice Ends a freeze.
    /// @param correction of the batch that was frozen
    function thaw(Correction storage correction) internal {
        correction.frozenSince = 0;
        correction.frozenUntil = 0;
    }
}
