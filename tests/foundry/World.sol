// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICarbonBank, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {Shadow} from "./Books.sol";
import {Challenges} from "./Challenges.sol";

/// @notice Acts on the bank chosen by seeds. Each act that is allowed must go through, each that is
/// not must be refused with its own error, and a shadow ledger is kept beside.
contract World is Challenges {
    // --- time, freezes, proofs and corrections ---------------------------------------------------

    function wait_(uint256 seed) external act {
        _wait(within(seed, 1, (seed >> 32) & 3 == 0 ? 20 * DAY : DAY / 4));
    }

    function freeze(uint256 seed) external act {
        Shadow storage shadow = _pick(seed);
        if (shadow.status != Status.Active && shadow.status != Status.Frozen) {
            mustRefuse(
                GUARDIAN,
                address(bank),
                abi.encodeCall(bank.freeze, (shadow.id, "doubt")),
                ICarbonBank.BatchNotActive.selector
            );
            return;
        }
        vm.prank(GUARDIAN);
        bank.freeze(shadow.id, "doubt");
        if (shadow.status == Status.Active) shadow.since = uint64(nowS);
        shadow.status = Status.Frozen;
        shadow.until = uint64(nowS + 30 * DAY);
    }

    function unfreeze(uint256 seed) external act {
        Shadow storage shadow = _pick(seed);
        bytes memory call = abi.encodeCall(bank.unfreeze, (shadow.id));
        bool guarded = nowS < shadow.until;
        if (guarded) {
            mustRefuse(
                stranger,
                address(bank),
                call,
                bytes4(keccak256("AccessControlUnauthorizedAccount(address,bytes32)"))
            );
        }
        if (shadow.status != Status.Frozen) {
            mustRefuse(GUARDIAN, address(bank), call, ICarbonBank.BatchNotFrozen.selector);
            return;
        }
        vm.prank(guarded ? GUARDIAN : stranger);
        bank.unfreeze(shadow.id);
        shadow.status = Status.Active;
        (shadow.since, shadow.until) = (0, 0);
    }

    function disprove(uint256 seed) external act {
        Shadow storage shadow = _pick(seed);
        bytes32 proofId = keccak256(abi.encode(shadow.id, ++salt));
        if (shadow.status != Status.Active && shadow.status != Status.Frozen) {
            mustRefuse(
                CHALLENGER,
                address(bank),
                abi.encodeCall(bank.disprove, (shadow.id, proofId)),
                ICarbonBank.BatchNotDisprovable.selector
            );
            return;
        }
        vm.prank(CHALLENGER);
        bank.disprove(shadow.id, proofId);
        _disproven(shadow, proofId);
    }

    function freezeProven(uint256 seed) external act {
        Shadow storage shadow = _pick(seed);
        bytes32 proofId = keccak256(abi.encode(shadow.id, ++salt));
        bytes memory call = abi.encodeCall(bank.freezeProven, (shadow.id, proofId));
        if (shadow.status != Status.Active && shadow.status != Status.Frozen) {
            mustRefuse(CHALLENGER, address(bank), call, ICarbonBank.BatchNotActive.selector);
            return;
        }
        vm.prank(CHALLENGER);
        bank.freezeProven(shadow.id, proofId);
        _frozenByProof(touched, proofId);
        mustRefuse(CHALLENGER, address(bank), call, ICarbonBank.ProofSettled.selector);
    }

    function correct(uint256 seed) external act {
        Shadow storage shadow = _pickOf(Status.Disproven, seed);
        uint256 row = touched;
        uint256[] memory sources = _sources(seed >> 128, row);
        uint64 excessG = uint64(within(seed >> 32, 1, 2 * 10 ** 8));
        bytes memory call = abi.encodeCall(bank.correct, (shadow.id, excessG, sources, "excess"));
        if (shadow.status != Status.Disproven) {
            mustRefuse(GUARDIAN, address(bank), call, ICarbonBank.BatchNotDisproven.selector);
            return;
        }
        uint64 coverG = shadow.bufferG;
        for (uint256 i = 0; i < sources.length; ++i) {
            coverG += _shadowOf(sources[i]).bufferG;
        }
        if (coverG < excessG) {
            mustRefuse(GUARDIAN, address(bank), call, ICarbonBank.ExcessNotCovered.selector);
            return;
        }
        vm.prank(GUARDIAN);
        bank.correct(shadow.id, excessG, sources, "excess");
        uint64 openG = excessG - _cancelBuffer(shadow, excessG);
        for (uint256 i = 0; i < sources.length; ++i) {
            openG -= _cancelBuffer(_shadowOf(sources[i]), openG);
        }
        bytes32 proofId = shadow.proofId;
        shadow.status = Status.Active;
        mustRefuse(
            CHALLENGER,
            address(bank),
            abi.encodeCall(bank.disprove, (shadow.id, proofId)),
            ICarbonBank.ProofSettled.selector
        );
    }

    function cancel(uint256 seed) external act {
        Shadow storage shadow = seed & 1 == 0 ? _pick(seed) : _pickOf(Status.Disproven, seed);
        bool ready = shadow.status == Status.Disproven
            || (shadow.status == Status.Frozen && nowS - shadow.since >= 7 * DAY);
        if (!ready) {
            mustRefuse(
                GUARDIAN,
                address(bank),
                abi.encodeCall(bank.cancel, (shadow.id, "wrong")),
                ICarbonBank.BatchNotCancellable.selector
            );
            return;
        }
        vm.prank(GUARDIAN);
        bank.cancel(shadow.id, "wrong");
        shadow.status = Status.Cancelled;
        shadow.cancelledG = shadow.issuedG - shadow.retiredG;
        shadow.unreplacedG = shadow.retiredG;
        (shadow.claimableG, shadow.bufferG, shadow.since, shadow.until) = (0, 0, 0, 0);
        for (uint256 i = 0; i < people.length; ++i) {
            heldG[touched][people[i]] = 0;
        }
    }

    function replaceFromBuffer(uint256 seed) external act {
        Shadow storage shadow = _pickOf(Status.Cancelled, seed);
        uint256[] memory sources = _sources(seed >> 128, touched);
        bytes memory call = abi.encodeCall(bank.replaceFromBuffer, (shadow.id, sources));
        if (shadow.status != Status.Cancelled) {
            mustRefuse(GUARDIAN, address(bank), call, ICarbonBank.BatchNotCancelled.selector);
            return;
        }
        if (shadow.unreplacedG == 0) {
            mustRefuse(GUARDIAN, address(bank), call, ICarbonBank.NothingToReplace.selector);
            return;
        }
        vm.prank(GUARDIAN);
        bank.replaceFromBuffer(shadow.id, sources);
        for (uint256 i = 0; i < sources.length; ++i) {
            Shadow storage source = _shadowOf(sources[i]);
            uint64 takenG =
                source.bufferG < shadow.unreplacedG ? source.bufferG : shadow.unreplacedG;
            source.bufferG -= takenG;
            source.retiredG += takenG;
            shadow.unreplacedG -= takenG;
        }
    }

    // --- roles -----------------------------------------------------------------------------------

    /// @dev Nobody does what is another's to do.
    function overstep(uint256 seed) external act {
        Shadow storage shadow = _pick(seed);
        uint256[] memory none;
        bytes[8] memory calls = [
            abi.encodeCall(bank.freeze, (shadow.id, "")),
            abi.encodeCall(bank.disprove, (shadow.id, bytes32(seed))),
            abi.encodeCall(bank.freezeProven, (shadow.id, bytes32(seed))),
            abi.encodeCall(bank.correct, (shadow.id, 1, none, "")),
            abi.encodeCall(bank.cancel, (shadow.id, "")),
            abi.encodeCall(bank.replaceFromBuffer, (shadow.id, none)),
            abi.encodeCall(bank.moveVehicle, (1, FLEET_B, JANUARY + 999)),
            abi.encodeCall(bank.enrolFleet, (bytes32(seed), stranger))
        ];
        address[4] memory who = [stranger, ISSUER, ADMIN, people[0]];
        mustRefuse(
            who[(seed >> 128) % 4],
            address(bank),
            calls[(seed >> 136) % 8],
            bytes4(keccak256("AccessControlUnauthorizedAccount(address,bytes32)"))
        );
    }

    /// @dev The forwarder speaks for accounts, never for roles; nobody else speaks for anybody.
    function impersonate(uint256 seed) external act {
        Shadow storage shadow = _pick(seed);
        address person = _person(seed >> 128);
        mustRefuse(
            FORWARDER,
            address(bank),
            abi.encodePacked(abi.encodeCall(bank.freeze, (shadow.id, "")), GUARDIAN),
            bytes4(keccak256("AccessControlUnauthorizedAccount(address,bytes32)"))
        );
        mustRefuse(
            stranger,
            address(bank),
            abi.encodePacked(
                abi.encodeCall(bank.safeTransferFrom, (person, stranger, shadow.id, 0, "")), person
            ),
            bytes4(keccak256("ERC1155MissingApprovalForAll(address,address)"))
        );
    }
}
