// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ShortString} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {ICarbonBank, Status} from "../interfaces/ICarbonBank.sol";

/// @dev One slot. Months and hours fit their fields until the years 5461 and 3884.
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

/// @dev What only freezes, proofs and corrections write. `proofId` stands against the batch;
/// `settled` are the proofs that did their work and never do it again.
struct Correction {
    uint48 cancelledG;
    uint48 unreplacedG;
    uint64 frozenSince;
    uint64 frozenUntil;
    bytes32 proofId;
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
    mapping(uint256 batchId => StoredBatch) batches;
    mapping(uint256 batchId => mapping(bytes32 root => mapping(uint256 word => uint256))) claimed;
    mapping(uint256 batchId => Correction) corrections;
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
    /// @return batch as stored
    function batchOf(Ledger storage ledger, uint256 batchId)
        internal
        view
        returns (StoredBatch storage batch)
    {
        batch = ledger.batches[batchId];
        if (batch.status == Status.None) revert ICarbonBank.BatchNotFound(batchId);
    }

    /// @notice The batch if it moves, or `BatchNotFound`, or `BatchNotActive`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @return batch as stored
    function activeBatch(Ledger storage ledger, uint256 batchId)
        internal
        view
        returns (StoredBatch storage batch)
    {
        batch = ledger.batches[batchId];
        Status status = batch.status;
        if (status != Status.Active) {
            if (status == Status.None) revert ICarbonBank.BatchNotFound(batchId);
            revert ICarbonBank.BatchNotActive(batchId, status);
        }
    }
}
