// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ICarbonBank, Status} from "../interfaces/ICarbonBank.sol";
import {BatchWords, Correction, Ledger, Ledgers, StoredBatch} from "./Ledger.sol";

/// @title BankCorrections
/// @notice How CarbonBank stops a batch and puts it right: code that is linked to it for ever, runs
/// on its storage and emits its events. The bank asks who may before it calls.
/// @dev Grams of parts of one batch fit 48 bits together, so their sums and casts lose nothing.
library BankCorrections {
    using Ledgers for Ledger;
    using Ledgers for Correction;

    uint64 private constant FREEZE_S = 30 days;
    uint256 private constant CANCEL_AFTER_S = 7 days;
    string private constant PROVEN = "proven: one vehicle, two batches, one time";

    /// @notice See `ICarbonBank.freeze`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @param reason why, in words
    function freeze(Ledger storage ledger, uint256 batchId, string calldata reason) external {
        Correction storage correction = _stop(ledger, batchId);
        uint64 until = uint64(block.timestamp) + FREEZE_S;
        correction.frozenUntil = until;
        emit ICarbonBank.BatchFrozen(batchId, until, reason);
    }

    /// @notice See `ICarbonBank.freezeProven`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @param proofId the fact that was proven
    function freezeProven(Ledger storage ledger, uint256 batchId, bytes32 proofId) external {
        ledger.batchOf(batchId);
        Correction storage correction = ledger.corrections[batchId];
        correction.settle(proofId);
        _stop(ledger, batchId);
        // Every freeze ends as long after its block: this one no sooner than an earlier one.
        uint64 until = uint64(block.timestamp) + FREEZE_S;
        correction.frozenUntil = until;
        emit ICarbonBank.BatchFrozen(batchId, until, PROVEN);
    }

    /// @notice See `ICarbonBank.unfreeze`.
    /// @param ledger the books
    /// @param batchId the batch
    function unfreeze(Ledger storage ledger, uint256 batchId) external {
        StoredBatch memory batch = ledger.batchOf(batchId);
        if (batch.status != Status.Frozen) {
            revert ICarbonBank.BatchNotFrozen(batchId, batch.status);
        }
        batch.status = Status.Active;
        ledger.keep(batchId, batch);
        ledger.corrections[batchId].thaw();
        emit ICarbonBank.BatchUnfrozen(batchId);
    }

    /// @notice See `ICarbonBank.correct`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @param excessG grams too many
    /// @param sources batches whose buffers cover what its own does not
    /// @param reason why, in words
    function correct(
        Ledger storage ledger,
        uint256 batchId,
        uint64 excessG,
        uint256[] calldata sources,
        string calldata reason
    ) external {
        StoredBatch memory batch = ledger.batchOf(batchId);
        if (batch.status != Status.Disproven) {
            revert ICarbonBank.BatchNotDisproven(batchId, batch.status);
        }
        if (excessG == 0) revert ICarbonBank.ZeroAmount();
        uint256 openG = excessG - _cancelBuffer(ledger, batchId, batchId, excessG);
        for (uint256 i = 0; i < sources.length; ++i) {
            // The batch itself is not Active here, so it can not be among its sources.
            ledger.activeWord(sources[i]);
            openG -= _cancelBuffer(ledger, batchId, sources[i], openG);
        }
        if (openG != 0) revert ICarbonBank.ExcessNotCovered(batchId, excessG, excessG - openG);
        batch = ledger.batchOf(batchId); // its own buffer gave
        batch.status = Status.Active;
        ledger.keep(batchId, batch);
        emit ICarbonBank.BatchCorrected(batchId, excessG, reason);
    }

    /// @notice See `ICarbonBank.cancel`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @param reason why, in words
    function cancel(Ledger storage ledger, uint256 batchId, string calldata reason) external {
        StoredBatch memory batch = ledger.batchOf(batchId);
        Correction storage correction = ledger.corrections[batchId];
        if (batch.status != Status.Disproven) {
            uint256 frozenS =
                batch.status == Status.Frozen ? block.timestamp - correction.frozenSince : 0;
            if (frozenS < CANCEL_AFTER_S) {
                revert ICarbonBank.BatchNotCancellable(batchId, batch.status, frozenS);
            }
        }
        uint48 cancelledG = batch.issuedG - batch.retiredG;
        batch.status = Status.Cancelled;
        batch.claimableG = 0;
        batch.bufferG = 0;
        ledger.keep(batchId, batch);
        correction.cancelledG = cancelledG;
        correction.unreplacedG = batch.retiredG;
        correction.thaw();
        emit ICarbonBank.BatchCancelled(batchId, cancelledG, reason);
    }

    /// @notice See `ICarbonBank.replaceFromBuffer`.
    /// @param ledger the books
    /// @param batchId the batch
    /// @param sources batches whose buffers are retired in place of its grams
    function replaceFromBuffer(Ledger storage ledger, uint256 batchId, uint256[] calldata sources)
        external
    {
        StoredBatch memory batch = ledger.batchOf(batchId);
        if (batch.status != Status.Cancelled) {
            revert ICarbonBank.BatchNotCancelled(batchId, batch.status);
        }
        Correction storage correction = ledger.corrections[batchId];
        uint48 openG = correction.unreplacedG;
        if (openG == 0) revert ICarbonBank.NothingToReplace(batchId);
        for (uint256 i = 0; i < sources.length; ++i) {
            // The batch itself is not Active here, so it can not be among its sources.
            StoredBatch memory source = BatchWords.unpack(ledger.activeWord(sources[i]));
            uint48 takenG = uint48(Math.min(openG, source.bufferG));
            if (takenG == 0) continue;
            uint48 replacedG = batch.retiredG - openG;
            uint48 retiredG = source.retiredG;
            openG -= takenG;
            source.bufferG -= takenG;
            source.retiredG = retiredG + takenG;
            ledger.keep(sources[i], source);
            emit ICarbonBank.RetirementReplaced(
                batchId,
                sources[i],
                replacedG + 1,
                replacedG + takenG,
                retiredG + 1,
                retiredG + takenG
            );
        }
        correction.unreplacedG = openG;
    }

    /// @dev Active becomes Frozen since now, Frozen stays.
    function _stop(Ledger storage ledger, uint256 batchId)
        private
        returns (Correction storage correction)
    {
        correction = ledger.corrections[batchId];
        StoredBatch memory batch = ledger.batchOf(batchId);
        if (batch.status == Status.Frozen) return correction;
        if (batch.status != Status.Active) {
            revert ICarbonBank.BatchNotActive(batchId, batch.status);
        }
        batch.status = Status.Frozen;
        ledger.keep(batchId, batch);
        correction.frozenSince = uint64(block.timestamp);
    }

    /// @dev Takes what is there, at most `wantedG`.
    function _cancelBuffer(
        Ledger storage ledger,
        uint256 batchId,
        uint256 sourceBatchId,
        uint256 wantedG
    ) private returns (uint48 takenG) {
        StoredBatch memory source = ledger.batchOf(sourceBatchId);
        takenG = uint48(Math.min(wantedG, source.bufferG));
        if (takenG == 0) return 0;
        source.bufferG -= takenG;
        ledger.keep(sourceBatchId, source);
        ledger.corrections[sourceBatchId].cancelledG += takenG;
        emit ICarbonBank.BufferCancelled(batchId, sourceBatchId, takenG);
    }
}
