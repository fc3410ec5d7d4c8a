// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch, BatchClaim, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {Months} from "../../contracts/libraries/Months.sol";
import {Stage} from "./Stage.sol";
import {Wallet} from "./Wallet.sol";

/// @dev What the bank must hold of a batch, kept apart from it.
struct Shadow {
    uint256 id;
    uint64 issuedG;
    uint64 claimableG;
    uint64 bufferG;
    uint64 retiredG;
    uint64 cancelledG;
    uint64 unreplacedG;
    uint64 driversG;
    uint64 claimedG;
    uint64 since;
    uint64 until;
    /// @dev The fact that disproved it last.
    bytes32 proofId;
    bytes32 payoutRoot;
    Status status;
    uint8 paid;
    uint32 month;
    /// @dev What is wrong with its evidence; 0 if nothing is.
    uint8 flaw;
    /// @dev The vehicle of its trips.
    uint32 vehicle;
}

/// @notice The shadow ledger, and what must hold between it and the bank.
abstract contract Books is Stage {
    uint256 internal constant VEHICLES = 300;
    uint256 internal constant FLEET_VEHICLES = 260;
    uint256 internal constant DAY = 86_400;

    Shadow[] internal shadows;
    mapping(uint256 row => BatchClaim) internal claims;
    mapping(uint256 row => uint24[]) internal namedWords;
    mapping(uint256 row => uint256[]) internal namedBits;
    mapping(uint256 row => mapping(address holder => uint256)) internal heldG;
    /// @dev Vehicle-months that were credited, and how many bits that is.
    mapping(uint32 month => mapping(uint24 word => uint256)) internal creditedShadow;
    uint256 public claimedVehicleMonths;
    uint256 internal retirements;
    uint256 internal nowS = START;
    uint256 internal salt;
    uint256 internal touched;
    mapping(uint256 row => uint256) internal issuedAt;
    mapping(uint256 id => uint256) internal rowOf;
    /// @dev Facts that were proven: each stops a batch once.
    mapping(uint256 row => mapping(bytes32 proofId => bool)) internal settled;
    /// @dev A verifier and, last among the people, a buyer who are contracts.
    address internal firm;
    /// @dev Who traded in the last act.
    address[2] internal parties;
    /// @dev The payout last asked for.
    uint256 internal lastPayout;
    /// @dev A mutable copy of the fleets' members: word 0 and 1 of both.
    mapping(bytes32 fleet => mapping(uint24 word => uint256)) internal members;

    constructor() {
        raise();
        firm = address(new Wallet());
        empower("VERIFIER", firm);
        people.push(address(new Wallet()));
        enrol(FLEET, 1, FLEET_VEHICLES);
        enrol(FLEET_B, FLEET_VEHICLES + 1, VEHICLES - FLEET_VEHICLES);
        // Indices 1 to 260 and 261 to 300; index 0 is nobody's.
        members[FLEET][0] = type(uint256).max - 1;
        members[FLEET][1] = 31;
        members[FLEET_B][1] = ((1 << 45) - 1) & ~uint256(31);
    }

    modifier act() {
        vm.warp(nowS);
        if (parties[0] != address(0)) delete parties;
        _;
    }

    // --- inside ----------------------------------------------------------------------------------

    function _issue(uint256 seed) internal virtual;

    function _wait(uint256 seconds_) internal {
        nowS += seconds_;
        vm.warp(nowS);
    }

    /// @dev One of the last twelve batches, or any.
    function _pick(uint256 seed) internal returns (Shadow storage) {
        if (shadows.length == 0) _issue(seed);
        uint256 count = shadows.length;
        uint256 low = seed & 1024 == 0 && count > 12 ? count - 12 : 0;
        touched = low + (seed >> 16) % (count - low);
        return shadows[touched];
    }

    /// @dev Like `_pick`, but of this status if one of a dozen is.
    function _pickOf(Status status, uint256 seed) internal returns (Shadow storage) {
        _pick(seed);
        uint256 count = shadows.length;
        for (uint256 i = 0; i < count && i < 12; ++i) {
            uint256 row = (touched + count - i) % count;
            if (shadows[row].status == status) {
                touched = row;
                break;
            }
        }
        return shadows[touched];
    }

    /// @dev Three of four are Active, if one of a dozen is.
    function _pickMoving(uint256 seed) internal returns (Shadow storage) {
        return seed & 6144 == 0 ? _pick(seed) : _pickOf(Status.Active, seed);
    }

    /// @dev Up to two different Active batches that are not `at`.
    function _sources(uint256 seed, uint256 row) internal view returns (uint256[] memory sources) {
        uint256[2] memory found;
        uint256 count;
        for (uint256 i = 0; i < shadows.length && count < 2; ++i) {
            uint256 next = (seed + i) % shadows.length;
            if (next == row || shadows[next].status != Status.Active) continue;
            found[count++] = shadows[next].id;
        }
        sources = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            sources[i] = found[i];
        }
    }

    function _shadowOf(uint256 id) internal view returns (Shadow storage) {
        return shadows[rowOf[id]];
    }

    function _cancelBuffer(Shadow storage shadow, uint64 wantedG) internal returns (uint64 takenG) {
        takenG = shadow.bufferG < wantedG ? shadow.bufferG : wantedG;
        shadow.bufferG -= takenG;
        shadow.cancelledG += takenG;
    }

    function _person(uint256 seed) internal view returns (address) {
        return people[seed % people.length];
    }

    /// @dev An act that must go through; one of four comes by the forwarder.
    function _send(uint256 seed, address sender, address target, bytes memory call)
        internal
        returns (bytes memory answer)
    {
        bool forwarded = (seed >> 240) & 3 == 0;
        if (forwarded) call = abi.encodePacked(call, sender);
        vm.prank(forwarded ? FORWARDER : sender);
        bool done;
        (done, answer) = target.call(call);
        if (!done) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    function _signatureOf(address signer, uint256 key, bytes32 digest)
        internal
        view
        returns (bytes memory)
    {
        return signer.code.length == 0 ? signed(key, digest) : abi.encode(digest);
    }

    function _lowest(uint256 bits) internal pure returns (uint256) {
        unchecked {
            return bits & (~bits + 1);
        }
    }

    function _ones(uint256 bits) internal pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) {
            ++count;
        }
    }

    // --- what must hold --------------------------------------------------------------------------

    function checkTouched() external view {
        if (shadows.length != 0) _checkBatch(touched);
    }

    function checkAll() external view {
        for (uint256 row = 0; row < shadows.length; ++row) {
            _checkBatch(row);
            for (uint256 index = 0; index < 4; ++index) {
                _checkPayout(row, index);
            }
        }
        // BANK_C: as many bits are set as vehicle-months were ever accepted.
        uint256 bits;
        for (uint32 month = JANUARY - 12; month <= Months.monthOf(nowS); ++month) {
            for (uint24 word = 0; word < 2; ++word) {
                uint256 shown = bank.creditedWord(month, word);
                claimEqual(shown, creditedShadow[month][word], "BANK_C: credited is the claimed");
                bits += _ones(shown);
            }
        }
        claimEqual(bits, claimedVehicleMonths, "BANK_C: credited once");
        uint256 counted = bank.state().retirements;
        claimEqual(counted, retirements, "BANK_B: every retirement is counted once");
    }

    function _checkBatch(uint256 row) private view {
        Shadow storage shadow = shadows[row];
        uint256 id = shadow.id;
        Batch memory shown = bank.batch(id);
        uint256 sumG = _checkBalances(row, id);
        if (
            shown.issuedG
                != sumG + shown.claimableG + shown.bufferG + shown.retiredG + shown.cancelledG
        ) revert Broken("BANK_A: conservation");
        claimEqual(shown.heldG, sumG, "BANK_A: held is the sum of balances");
        claimEqual(shown.issuedG, shadow.issuedG, "BANK_B: issued never changes");
        claimEqual(shown.retiredG, shadow.retiredG, "BANK_B: retired is what was retired");
        uint24 word = uint24(shadow.vehicle >> 8);
        claimEqual(
            bank.creditedWord(shadow.month, word),
            creditedShadow[shadow.month][word],
            "BANK_C: credited is what was claimed"
        );
        claimEqual(shown.claimableG, shadow.claimableG, "BANK_F: claimable is what is left");
        claimThat(shadow.claimedG <= shadow.driversG, "BANK_F: claimed is at most driversG");
        _checkPayout(row, lastPayout);
        claimEqual(uint8(shown.status), uint8(shadow.status), "BANK_G: the status is its own");
        claimEqual(shown.bufferG, shadow.bufferG, "BANK_G: the buffer moves by corrections only");
        claimEqual(shown.cancelledG, shadow.cancelledG, "BANK_G: cancelled");
        claimEqual(shown.unreplacedG, shadow.unreplacedG, "BANK_G: unreplaced");
        claimEqual(shown.frozenSince, shadow.since, "a freeze has its beginning");
        claimEqual(shown.frozenUntil, shadow.until, "a freeze has its end");
    }

    function _checkBalances(uint256 row, uint256 id) private view returns (uint256 sumG) {
        address[] memory holders = people;
        uint256[] memory ids = new uint256[](holders.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = id;
        }
        uint256[] memory balancesG = bank.balanceOfBatch(holders, ids);
        mapping(address holder => uint256) storage held = heldG[row];
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 dueG = held[holders[i]];
            if (balancesG[i] != dueG) {
                revert Differs("a balance is what moved", balancesG[i], dueG);
            }
            sumG += balancesG[i];
        }
    }

    function _checkPayout(uint256 row, uint256 index) private view {
        Shadow storage shadow = shadows[row];
        claimThat(
            bank.isClaimed(shadow.id, shadow.payoutRoot, index)
                == (shadow.paid & (1 << index) != 0),
            "BANK_F: claimed once"
        );
    }
}
