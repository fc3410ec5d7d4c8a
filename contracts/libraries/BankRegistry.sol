// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {ICarbonBank, Methodology} from "../interfaces/ICarbonBank.sol";
import {Fleet, Ledger, Ledgers, Roster, StoredMethodology, Terms, Vehicle} from "./Ledger.sol";
import {Months} from "./Months.sol";

/// @title BankRegistry
/// @notice What CarbonBank knows of methodologies, fleets and vehicles: code that is linked to it
/// for ever, runs on its storage and emits its events. The bank asks who may before it calls.
library BankRegistry {
    using Checkpoints for Checkpoints.Trace208;
    using Ledgers for Ledger;

    uint16 private constant BPS = 10_000;

    /// @notice See `ICarbonBank.certifyMethodology`.
    /// @param ledger the books
    /// @param methodologyId SHA-256 of the canonical methodology package
    /// @param classLabel what its batches are traded as
    /// @param bufferBps least buffer share in basis points
    /// @param demo for demonstration only
    function certifyMethodology(
        Ledger storage ledger,
        bytes32 methodologyId,
        string calldata classLabel,
        uint16 bufferBps,
        bool demo
    ) external {
        StoredMethodology storage added = ledger.methodologies[methodologyId];
        if (added.terms.number != 0) revert ICarbonBank.MethodologyExists(methodologyId);
        if (bufferBps > BPS) revert ICarbonBank.BufferShareTooLarge(bufferBps, BPS);
        ledger.methodologyIds.push(methodologyId);
        uint16 number = SafeCast.toUint16(ledger.methodologyIds.length);
        string memory label = demo ? string.concat("DEMO ", classLabel) : classLabel;
        added.terms = Terms(number, bufferBps, demo, false);
        added.classLabel = ShortStrings.toShortString(label);
        emit ICarbonBank.MethodologyCertified(methodologyId, number, label, bufferBps, demo);
    }

    /// @notice See `ICarbonBank.withdrawMethodology`.
    /// @param ledger the books
    /// @param methodologyId SHA-256 of the methodology package
    function withdrawMethodology(Ledger storage ledger, bytes32 methodologyId) external {
        Terms storage known = ledger.methodologies[methodologyId].terms;
        if (known.number == 0) revert ICarbonBank.MethodologyNotFound(methodologyId);
        if (known.withdrawn) revert ICarbonBank.MethodologyIsWithdrawn(methodologyId);
        known.withdrawn = true;
        emit ICarbonBank.MethodologyWithdrawn(methodologyId);
    }

    /// @notice See `ICarbonBank.setLastMonth`.
    /// @param ledger the books
    /// @param lastMonth UTC month, the current one or later
    function setLastMonth(Ledger storage ledger, uint32 lastMonth) external {
        uint32 known = ledger.switches.lastMonth;
        if (known != type(uint32).max) revert ICarbonBank.LastMonthAlreadySet(known);
        uint32 current = Months.monthOf(block.timestamp);
        // An earlier month may have been credited here already, and would be free in a successor.
        if (lastMonth < current) revert ICarbonBank.LastMonthInPast(lastMonth, current);
        ledger.switches.lastMonth = lastMonth;
        emit ICarbonBank.LastMonthSet(lastMonth);
    }

    /// @notice See `ICarbonBank.methodology`.
    /// @param ledger the books
    /// @param methodologyId SHA-256 of the methodology package
    /// @return the methodology; number 0 if it was never certified
    function methodology(Ledger storage ledger, bytes32 methodologyId)
        external
        view
        returns (Methodology memory)
    {
        StoredMethodology memory known = ledger.methodologies[methodologyId];
        return Methodology(
            known.terms.number,
            known.terms.bufferBps,
            known.terms.demo,
            known.terms.withdrawn,
            ShortStrings.toString(known.classLabel)
        );
    }

    /// @notice See `ICarbonBank.vehicle`.
    /// @param ledger the books
    /// @param vehicleIndex the vehicle, from 1
    /// @param month UTC month
    /// @return commitment HMAC-SHA256 of its VIN, zero if there is no such vehicle
    /// @return fleetId its fleet in that month, zero if none
    /// @return fromMonth its first creditable month
    function vehicle(Ledger storage ledger, uint32 vehicleIndex, uint32 month)
        external
        view
        returns (bytes32 commitment, bytes32 fleetId, uint32 fromMonth)
    {
        if (vehicleIndex == 0 || vehicleIndex > ledger.vehicles.length) return (0, 0, 0);
        Vehicle storage known = ledger.vehicles[vehicleIndex - 1];
        uint256 fleetNumber = known.fleetNumbers.upperLookupRecent(month);
        if (fleetNumber != 0) fleetId = ledger.fleetIds[fleetNumber - 1];
        // Pushed as uint32, so the cast loses nothing.
        return (known.commitment, fleetId, uint32(known.fleetNumbers.at(0)._key));
    }

    /// @notice See `ICarbonBank.enrolFleet`; that `operator` holds no role is the bank's to ask.
    /// @param ledger the books
    /// @param fleetId its id
    /// @param operator who operates it
    function enrolFleet(Ledger storage ledger, bytes32 fleetId, address operator) external {
        Fleet storage fleet = ledger.fleets[fleetId];
        if (fleet.number != 0) revert ICarbonBank.FleetExists(fleetId);
        ledger.fleetIds.push(fleetId);
        fleet.number = SafeCast.toUint32(ledger.fleetIds.length);
        _operate(ledger, fleet, operator);
        emit ICarbonBank.FleetEnrolled(fleetId, fleet.number, operator);
    }

    /// @notice See `ICarbonBank.setOperator`; that `operator` holds no role is the bank's to ask.
    /// @param ledger the books
    /// @param fleetId the fleet
    /// @param operator who operates it from now on
    function setOperator(Ledger storage ledger, bytes32 fleetId, address operator) external {
        Fleet storage fleet = ledger.fleetOf(fleetId);
        --ledger.fleetsOperated[fleet.operator];
        _operate(ledger, fleet, operator);
        emit ICarbonBank.OperatorSet(fleetId, operator);
    }

    /// @notice See `ICarbonBank.enrolVehicles`.
    /// @param ledger the books
    /// @param fleetId the fleet
    /// @param commitments HMAC-SHA256 of each VIN under the registry key
    /// @param fromMonth first creditable month of all of them
    /// @return firstIndex index of the first; the others follow
    function enrolVehicles(
        Ledger storage ledger,
        bytes32 fleetId,
        bytes32[] calldata commitments,
        uint32 fromMonth
    ) external returns (uint32 firstIndex) {
        Fleet storage fleet = ledger.fleetOf(fleetId);
        firstIndex = SafeCast.toUint32(ledger.vehicles.length + 1);
        for (uint256 i = 0; i < commitments.length; ++i) {
            bytes32 commitment = commitments[i];
            uint32 known = ledger.vehicleIndexOf[commitment];
            if (known != 0) revert ICarbonBank.VehicleExists(commitment, known);
            Vehicle storage enrolled = ledger.vehicles.push();
            uint32 vehicleIndex = SafeCast.toUint32(ledger.vehicles.length);
            enrolled.commitment = commitment;
            enrolled.fleetNumbers.push(fromMonth, fleet.number);
            ledger.vehicleIndexOf[commitment] = vehicleIndex;
            _join(ledger, fleet, vehicleIndex, fromMonth);
            emit ICarbonBank.VehicleEnrolled(vehicleIndex, commitment, fleetId, fromMonth);
        }
    }

    /// @notice See `ICarbonBank.moveVehicle`.
    /// @param ledger the books
    /// @param vehicleIndex the vehicle
    /// @param toFleetId the other fleet
    /// @param fromMonth a future month, later than the vehicle's last move
    function moveVehicle(
        Ledger storage ledger,
        uint32 vehicleIndex,
        bytes32 toFleetId,
        uint32 fromMonth
    ) external {
        if (vehicleIndex == 0 || vehicleIndex > ledger.vehicles.length) {
            revert ICarbonBank.VehicleNotFound(vehicleIndex);
        }
        Fleet storage toFleet = ledger.fleetOf(toFleetId);
        uint32 current = Months.monthOf(block.timestamp);
        if (fromMonth <= current) revert ICarbonBank.MoveNotInFuture(fromMonth, current);
        Checkpoints.Trace208 storage fleetNumbers = ledger.vehicles[vehicleIndex - 1].fleetNumbers;
        (, uint48 lastFromMonth, uint208 lastNumber) = fleetNumbers.latestCheckpoint();
        // Months and fleet numbers were pushed as uint32, so these casts lose nothing.
        if (fromMonth <= lastFromMonth) {
            revert ICarbonBank.MoveNotAfterLast(fromMonth, uint32(lastFromMonth));
        }
        fleetNumbers.push(fromMonth, toFleet.number);
        Roster storage left = ledger.rosters[uint32(lastNumber)][uint24(vehicleIndex >> 8)];
        left.members &= ~(1 << (vehicleIndex & 0xff));
        _join(ledger, toFleet, vehicleIndex, fromMonth);
        emit ICarbonBank.VehicleMoved(vehicleIndex, toFleetId, fromMonth);
    }

    function _operate(Ledger storage ledger, Fleet storage fleet, address operator) private {
        if (operator == address(0)) revert ICarbonBank.ZeroAddress();
        fleet.operator = operator;
        ++ledger.fleetsOperated[operator];
    }

    function _join(Ledger storage ledger, Fleet storage fleet, uint32 vehicleIndex, uint32 month)
        private
    {
        Roster storage roster = ledger.rosters[fleet.number][uint24(vehicleIndex >> 8)];
        roster.members |= 1 << (vehicleIndex & 0xff);
        if (roster.sinceMonth < month) roster.sinceMonth = month;
        if (fleet.sinceMonth < month) fleet.sinceMonth = month;
    }
}
