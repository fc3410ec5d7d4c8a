// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, ICarbonBank, Payout, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {Months} from "../../contracts/libraries/Months.sol";
import {Kind} from "../../contracts/interfaces/ICarbonChallenge.sol";
import {Shadow} from "./Books.sol";
import {Records} from "./Records.sol";

/// @notice Grams come into being, are paid out, move and are retired.
abstract contract Credits is Records {
    // --- issue -----------------------------------------------------------------------------------

    function issue(uint256 seed) external {
        _issue(seed);
    }

    function _issue(uint256 seed) internal override act {
        (BatchClaim memory batchClaim, uint24[] memory words, uint256[] memory bits) =
            _claimOf(seed);
        if (words.length == 0) {
            _wait(DAY * 31);
            return;
        }
        uint32 vehicle = _vehicleOf(words[0], bits[0]);
        uint8 flaw = _flawOf(seed, shadows.length);
        // Its evidence stands on the grams, so it is made last.
        batchClaim.evidenceRoot = _rootOf(_leavesOf(shadows.length, flaw, vehicle, batchClaim));
        bytes memory signature = _signClaim(batchClaim);
        vm.prank(ISSUER);
        uint256 id = bank.issue(batchClaim, words, bits, signature);
        claimEqual(id, idOf(batchClaim), "BANK_D: the id is the claim's hash");
        uint256 row = shadows.length;
        touched = row;
        claims[row] = batchClaim;
        Shadow storage shadow = shadows.push();
        shadow.id = id;
        shadow.issuedG = batchClaim.operatorG + batchClaim.driversG + batchClaim.bufferG;
        shadow.claimableG = batchClaim.driversG;
        shadow.driversG = batchClaim.driversG;
        shadow.bufferG = batchClaim.bufferG;
        shadow.status = Status.Active;
        issuedAt[row] = nowS;
        shadow.month = batchClaim.month;
        shadow.payoutRoot = batchClaim.payoutRoot;
        (shadow.flaw, shadow.vehicle) = (flaw, vehicle);
        rowOf[id] = row;
        (namedWords[row], namedBits[row]) = (words, bits);
        heldG[row][batchClaim.operator] = batchClaim.operatorG;
        for (uint256 i = 0; i < words.length; ++i) {
            creditedShadow[batchClaim.month][words[i]] |= bits[i];
            claimedVehicleMonths += _ones(bits[i]);
        }
        _refuseAgain(seed, row, words, bits, signature);
    }

    /// @dev One of four batches has wrong evidence, of a kind that lies in its trips.
    function _flawOf(uint256 seed, uint256 row) private pure returns (uint8) {
        if ((seed >> 200) & 3 != 0) return SOUND;
        uint8 kind = uint8((seed >> 202) % 7);
        if (kind == 6) return row == 0 ? SOUND : uint8(Kind.DoubleCredit) + 1;
        return kind + 1;
    }

    function _vehicleOf(uint24 word, uint256 bits) private pure returns (uint32 vehicle) {
        vehicle = uint32(word) * 256;
        for (; bits & 1 == 0; bits >>= 1) {
            ++vehicle;
        }
    }

    function _signClaim(BatchClaim memory made) private view returns (bytes memory) {
        bytes32 digest = digestOf("CarbonBank", address(bank), bytes32(idOf(made)));
        return _signatureOf(made.verifier, VERIFIER_KEY, digest);
    }

    /// @dev What was just issued, in every way it must not be issued again.
    function _refuseAgain(
        uint256 seed,
        uint256 row,
        uint24[] memory words,
        uint256[] memory bits,
        bytes memory signature
    ) private {
        BatchClaim memory batchClaim = claims[row];
        mustRefuse(
            ISSUER,
            address(bank),
            abi.encodeCall(bank.issue, (batchClaim, words, bits, signature)),
            ICarbonBank.BatchAlreadyIssued.selector
        );
        if (seed & 1 == 0) {
            batchClaim.reportHash = keccak256(abi.encode("another report", row));
            mustRefuse(
                ISSUER,
                address(bank),
                abi.encodeCall(bank.issue, (batchClaim, words, bits, signature)),
                ICarbonBank.BadVerifierSignature.selector
            );
        } else {
            // Signed anew, and one vehicle of it again.
            batchClaim.reportHash = keccak256(abi.encode("another report", row));
            uint24[] memory word = new uint24[](1);
            uint256[] memory bit = new uint256[](1);
            word[0] = words[words.length - 1];
            bit[0] = _lowest(bits[bits.length - 1]);
            batchClaim.vehiclesHash = keccak256(abi.encode(word, bit));
            bytes memory fresh = _signClaim(batchClaim);
            mustRefuse(
                ISSUER,
                address(bank),
                abi.encodeCall(bank.issue, (batchClaim, word, bit, fresh)),
                ICarbonBank.VehicleMonthAlreadyCredited.selector
            );
        }
    }

    function issueForeign(uint256 seed) external act {
        (BatchClaim memory batchClaim, uint24[] memory words, uint256[] memory bits) =
            _claimOf(seed);
        if (words.length == 0) return;
        batchClaim.evidenceRoot = "any";
        // A bit of the other fleet, of nobody, or of an index nobody has yet.
        bool ours = batchClaim.fleetId == FLEET;
        uint256 last = words.length - 1;
        if (seed % 3 == 0) bits[last] |= ours && words[last] == 0 ? 1 : 1 << 50;
        else if (words[last] == 1) bits[last] |= ours ? 1 << 40 : 1;
        else bits[last] |= 1;
        batchClaim.vehiclesHash = keccak256(abi.encode(words, bits));
        bytes memory signature = _signClaim(batchClaim);
        mustRefuse(
            ISSUER,
            address(bank),
            abi.encodeCall(bank.issue, (batchClaim, words, bits, signature)),
            ICarbonBank.VehicleNotInFleet.selector
        );
    }

    function issueUnsigned(uint256 seed) external act {
        (BatchClaim memory batchClaim, uint24[] memory words, uint256[] memory bits) =
            _claimOf(seed);
        if (words.length == 0) return;
        batchClaim.evidenceRoot = "any";
        if (seed % 4 == 0) batchClaim.verifier = stranger;
        bytes memory signature =
            seed % 4 == 2 ? signClaim(STRANGER_KEY, batchClaim) : _signClaim(batchClaim);
        if (seed % 4 == 1) ++batchClaim.operatorG;
        if (seed % 4 == 3) batchClaim.operator = people[5];
        mustRefuse(
            ISSUER,
            address(bank),
            abi.encodeCall(bank.issue, (batchClaim, words, bits, signature)),
            seed % 4 == 0
                ? ICarbonBank.NotVerifier.selector
                : ICarbonBank.BadVerifierSignature.selector
        );
    }

    /// @dev A claim that must go through; no words if all vehicle-months of the choice are taken.
    function _claimOf(uint256 seed)
        private
        returns (BatchClaim memory made, uint24[] memory words, uint256[] memory bits)
    {
        uint256 random = uint256(keccak256(abi.encode(seed, ++salt)));
        made.fleetId = random & 1 == 0 ? FLEET : FLEET_B;
        made.operator = made.fleetId == FLEET ? people[0] : people[1];
        made.verifier = random & 192 == 0 ? verifier : firm;
        made.validUntil = uint64(nowS + within(random >> 8, 0, DAY));
        made.methodologyId = METHOD;
        made.month = Months.monthOf(nowS) - uint32(within(random >> 16, 1, 4));
        made.tripCount = 3;
        made.reportHash = keccak256(abi.encode("report", salt));
        made.driversG = random & 6 == 0 ? 0 : uint64(within(random >> 64, 3, 10 ** 9));
        made.operatorG = random & 24 == 0 ? 0 : uint64(within(random >> 96, 1, 10 ** 9));
        uint256 netG = uint256(made.driversG) + made.operatorG;
        // The least buffer b with b >= (net + b) * share, rounded up.
        uint256 needG = (netG * BUFFER_BPS + (10_000 - BUFFER_BPS) - 1) / (10_000 - BUFFER_BPS);
        made.bufferG = uint64(needG + (random & 32 == 0 ? 0 : within(random >> 128, 0, 10 ** 8)));
        if (netG + made.bufferG == 0) made.bufferG = 1;
        if (made.driversG != 0) made.payoutRoot = payoutRootOf(made.driversG);
        (words, bits) = _freeBits(made.fleetId, made.month, random >> 160);
        made.vehiclesHash = keccak256(abi.encode(words, bits));
    }

    function _freeBits(bytes32 fleetId, uint32 month, uint256 random)
        private
        view
        returns (uint24[] memory words, uint256[] memory bits)
    {
        uint256 few = uint256(keccak256(abi.encode(random)));
        few &= uint256(keccak256(abi.encode(few)));
        few &= uint256(keccak256(abi.encode(few)));
        uint256[2] memory free;
        uint256 count;
        for (uint24 word = 0; word < 2; ++word) {
            uint256 open = members[fleetId][word] & ~creditedShadow[month][word];
            free[word] = open & few;
            if (free[word] == 0) free[word] = _lowest(open);
            if (free[word] != 0) ++count;
        }
        words = new uint24[](count);
        bits = new uint256[](count);
        count = 0;
        for (uint24 word = 0; word < 2; ++word) {
            if (free[word] == 0) continue;
            words[count] = word;
            bits[count++] = free[word];
        }
    }

    // --- payouts ---------------------------------------------------------------------------------

    function claim(uint256 seed) external act {
        Shadow storage shadow = _pickMoving(seed);
        if (shadow.driversG == 0) return;
        uint256 index = (seed >> 128) % 4;
        lastPayout = index;
        (Payout memory payout, bytes32[] memory proof) = proofOf(shadow.driversG, index);
        bytes memory call = abi.encodeCall(bank.claim, (shadow.id, payout, proof));
        if (shadow.status != Status.Active) {
            mustRefuse(stranger, address(bank), call, ICarbonBank.BatchNotActive.selector);
        } else if (shadow.paid & (1 << index) != 0) {
            mustRefuse(stranger, address(bank), call, ICarbonBank.PayoutAlreadyClaimed.selector);
        } else if (index == 3) {
            mustRefuse(stranger, address(bank), call, ICarbonBank.ClaimExceedsPayout.selector);
        } else if (seed & 256 == 0) {
            payout.amountG += 1;
            mustRefuse(
                stranger,
                address(bank),
                abi.encodeCall(bank.claim, (shadow.id, payout, proof)),
                ICarbonBank.BadPayoutProof.selector
            );
        } else {
            _send(seed, stranger, address(bank), call);
            _paid(shadow, payout, index);
        }
    }

    function claimMany(uint256 seed) external act {
        Shadow storage shadow = _pickOf(Status.Active, seed);
        if (shadow.driversG == 0 || shadow.status != Status.Active) return;
        Payout[] memory payouts = new Payout[](2);
        bytes32[][] memory proofs = new bytes32[][](2);
        uint256 first = (seed >> 128) % 3;
        uint256 second = (seed >> 136) % 3;
        (payouts[0], proofs[0]) = proofOf(shadow.driversG, first);
        (payouts[1], proofs[1]) = proofOf(shadow.driversG, second);
        vm.prank(stranger);
        bank.claimMany(shadow.id, payouts, proofs);
        _paid(shadow, payouts[0], first);
        _paid(shadow, payouts[1], second);
        lastPayout = second;
    }

    function _paid(Shadow storage shadow, Payout memory payout, uint256 index) private {
        if (shadow.paid & (1 << index) != 0) return;
        shadow.paid |= uint8(1 << index);
        shadow.claimableG -= uint64(payout.amountG);
        shadow.claimedG += uint64(payout.amountG);
        heldG[touched][payout.account] += payout.amountG;
    }

    // --- moving and retiring ---------------------------------------------------------------------

    function transfer(uint256 seed) external act {
        Shadow storage shadow = _pickMoving(seed);
        address from = _person(seed >> 128);
        address to = _person(seed >> 136);
        uint256 amountG = within(seed >> 144, 0, heldG[touched][from]);
        bytes memory call =
            abi.encodeCall(bank.safeTransferFrom, (from, to, shadow.id, amountG, ""));
        if (seed & 256 != 0) {
            uint256[] memory ids = new uint256[](1);
            uint256[] memory values = new uint256[](1);
            ids[0] = shadow.id;
            values[0] = amountG;
            call = abi.encodeCall(bank.safeBatchTransferFrom, (from, to, ids, values, ""));
        }
        if (shadow.status != Status.Active) {
            mustRefuse(from, address(bank), call, ICarbonBank.BatchNotActive.selector);
            return;
        }
        _send(seed, from, address(bank), call);
        heldG[touched][from] -= amountG;
        heldG[touched][to] += amountG;
    }

    /// @dev BANK_E: whatever somebody holds of an Active batch can be retired, up to all of it.
    function retire(uint256 seed) external act {
        Shadow storage shadow = _pickMoving(seed);
        address holder = _person(seed >> 128);
        uint256 amountG = _retirable(seed, holder);
        bytes memory call =
            abi.encodeCall(bank.retire, (shadow.id, amountG, bytes32("for"), bytes32("why")));
        _retire(seed, holder, holder, amountG, call);
    }

    /// @dev The same by somebody whom the holder approved, and by nobody else.
    function retireFrom(uint256 seed) external act {
        Shadow storage shadow = _pickMoving(seed);
        address holder = _person(seed >> 128);
        uint256 amountG = _retirable(seed, holder);
        bytes memory call = abi.encodeCall(
            bank.retireFrom, (holder, shadow.id, amountG, bytes32("for"), bytes32("why"))
        );
        mustRefuse(
            stranger,
            address(bank),
            call,
            bytes4(keccak256("ERC1155MissingApprovalForAll(address,address)"))
        );
        _send(seed, holder, address(bank), _approval(true));
        _retire(seed >> 1, stranger, holder, amountG, call);
        _send(seed, holder, address(bank), _approval(false));
    }

    function _approval(bool approved) private view returns (bytes memory) {
        return abi.encodeCall(bank.setApprovalForAll, (stranger, approved));
    }

    function _retirable(uint256 seed, address holder) private view returns (uint256) {
        uint256 allG = heldG[touched][holder];
        return seed & 256 == 0 ? allG : within(seed >> 136, 0, allG);
    }

    function _retire(
        uint256 seed,
        address sender,
        address holder,
        uint256 amountG,
        bytes memory call
    ) private {
        if (shadows[touched].status != Status.Active) {
            mustRefuse(sender, address(bank), call, ICarbonBank.BatchNotActive.selector);
        } else if (amountG == 0) {
            mustRefuse(sender, address(bank), call, ICarbonBank.ZeroAmount.selector);
        } else {
            bytes memory answer = _send(seed, sender, address(bank), call);
            _noteRetired(holder, amountG, abi.decode(answer, (uint256)));
        }
    }

    function _noteRetired(address holder, uint256 amountG, uint256 retirementId) internal {
        claimEqual(retirementId, ++retirements, "retirements are numbered one by one");
        heldG[touched][holder] -= amountG;
        shadows[touched].retiredG += uint64(amountG);
    }
}
