// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Where a batch stands. Every move, claim and retirement needs `Active`.
/// `Active → Frozen → Active | Cancelled`, `Active | Frozen → Disproven → Active | Cancelled`.
enum Status {
    None,
    Active,
    Frozen,
    Disproven,
    Cancelled
}

/// @notice What a verifier signs (EIP-712) and an issuer submits; its hash is the batch id.
/// @param fleetId the enrolled fleet whose vehicles drove
/// @param operator who is paid `operatorG`; must be the fleet's operator when the claim is issued
/// @param verifier who signs; must hold `VERIFIER`
/// @param validUntil last second (Unix time) in which the claim may be issued
/// @param methodologyId SHA-256 of the canonical methodology package
/// @param month UTC month of the trips, year * 12 + (month - 1)
/// @param tripCount leaves of the evidence tree, above zero
/// @param evidenceRoot RFC 9162 (SHA-256) root over the trip leaves
/// @param reportHash SHA-256 of the monitoring report
/// @param payoutRoot StandardMerkleTree root over the payouts; zero if and only if `driversG` is
/// @param operatorG grams of CO2e minted to the operator
/// @param driversG grams of CO2e claimable under `payoutRoot`
/// @param bufferG grams of CO2e the batch holds against reversal
/// @param vehiclesHash keccak256(abi.encode(wordIndex, bits)) of the credited vehicles
struct BatchClaim {
    bytes32 fleetId;
    address operator;
    address verifier;
    uint64 validUntil;
    bytes32 methodologyId;
    uint32 month;
    uint64 tripCount;
    bytes32 evidenceRoot;
    bytes32 reportHash;
    bytes32 payoutRoot;
    uint64 operatorG;
    uint64 driversG;
    uint64 bufferG;
    bytes32 vehiclesHash;
}

/// @notice One payout leaf; `[fromG, fromG + amountG)` of all leaves tile `[0, driversG)`.
/// The leaf is keccak256(keccak256(abi.encode(index, account, fromG, amountG))).
/// @param index position in the payout list
/// @param account who is paid
/// @param fromG grams paid to the leaves before this one
/// @param amountG grams paid
struct Payout {
    uint256 index;
    address account;
    uint256 fromG;
    uint256 amountG;
}

/// @notice A batch as the getter shows it. In every status
/// `issuedG == heldG + claimableG + bufferG + retiredG + cancelledG`.
/// @param issuedG grams of CO2e issued, fixed for ever
/// @param claimableG grams not claimed yet under the claim's payout root
/// @param retiredG grams retired; serials 1 to `retiredG` are taken
/// @param bufferG grams held against reversal
/// @param month UTC month, year * 12 + (month - 1)
/// @param issuedHour hours from 1970 to the issue, rounded up
/// @param status where the batch stands
/// @param demo the methodology is for demonstration only
/// @param methodologyId SHA-256 of the methodology package
/// @param heldG grams in all balances
/// @param cancelledG grams cancelled by corrections
/// @param unreplacedG grams retired from a Cancelled batch and not replaced yet
/// @param frozenSince since when it is Frozen, Unix time; zero if it is not
/// @param frozenUntil the second from which anyone may end the freeze; zero if it is not Frozen
struct Batch {
    uint64 issuedG;
    uint64 claimableG;
    uint64 retiredG;
    uint64 bufferG;
    uint32 month;
    uint32 issuedHour;
    Status status;
    bool demo;
    bytes32 methodologyId;
    uint64 heldG;
    uint64 cancelledG;
    uint64 unreplacedG;
    uint64 frozenSince;
    uint64 frozenUntil;
}

/// @notice A certified methodology.
/// @param number position in order of certification, from 1
/// @param bufferBps least buffer share of a batch in basis points
/// @param demo for demonstration only; its class label then starts with "DEMO "
/// @param withdrawn nothing can be issued under it any more
/// @param classLabel what batches are traded as, such as `AMS-III.C/16`
struct Methodology {
    uint16 number;
    uint16 bufferBps;
    bool demo;
    bool withdrawn;
    string classLabel;
}

/// @notice Where the whole bank stands.
/// @param firstMonth first creditable month
/// @param lastMonth last creditable month, the largest uint32 while it is open
/// @param issueStopped nothing can be issued until the admin resumes
/// @param vehicles how many vehicles are enrolled; the next one's index is one more
/// @param retirements how many retirements there were; the next one's id is one more
/// @param registryKeyHash keccak256 of the registry key under which VINs are committed
struct BankState {
    uint32 firstMonth;
    uint32 lastMonth;
    bool issueStopped;
    uint32 vehicles;
    uint64 retirements;
    bytes32 registryKeyHash;
}

/// @notice The bank of vehicle carbon credits: an ERC-1155 whose token ids are batches and whose
/// smallest unit is one gram of CO2e. A vehicle can be credited for one UTC month once, ever.
/// Acts of a role look at `msg.sender`; acts of an account may come through the ERC-2771 forwarder.
interface ICarbonBank {
    // --- powers ----------------------------------------------------------------------------------

    /// @notice Nothing can be issued until the admin resumes.
    /// @param reason why, in words
    event IssueStopped(string reason);
    /// @notice Issuing goes on.
    event IssueResumed();
    /// @notice A guardian took a role away at once; `RoleRevoked` says the same without the reason.
    /// @param role the role taken
    /// @param account who had it
    /// @param reason why, in words
    event RoleDismissed(bytes32 indexed role, address indexed account, string reason);
    /// @notice The last month this contract will ever credit is fixed.
    /// @param lastMonth UTC month, year * 12 + (month - 1)
    event LastMonthSet(uint32 lastMonth);

    /// @param account who was to get a role or a fleet
    /// @param heldRole the role it already holds
    error RoleConflict(address account, bytes32 heldRole);
    /// @param account who was to get a role
    /// @param fleets how many fleets it operates
    error AccountOperatesFleet(address account, uint256 fleets);
    /// @notice An address that must be someone is zero.
    error ZeroAddress();
    /// @notice A guardian stopped issuing.
    error IssueIsStopped();
    /// @notice There is nothing to resume.
    error IssueIsNotStopped();
    /// @param lastMonth the month that was fixed before
    error LastMonthAlreadySet(uint32 lastMonth);
    /// @param lastMonth the month asked for
    /// @param currentMonth the month of this block, the earliest that can be the last
    error LastMonthInPast(uint32 lastMonth, uint32 currentMonth);

    /// @notice Stops `issue`, at once. GUARDIAN.
    /// @param reason why, in words
    function stopIssue(string calldata reason) external;

    /// @notice Lets `issue` go on. Admin.
    function resumeIssue() external;

    /// @notice Takes a role away at once, without the admin's delay; never the admin's. GUARDIAN.
    /// @param role the role to take
    /// @param account who has it
    /// @param reason why, in words
    function dismiss(bytes32 role, address account, string calldata reason) external;

    /// @notice Fixes the last creditable month, once: a successor's months are disjoint. Admin.
    /// @param lastMonth UTC month, the current one or later
    function setLastMonth(uint32 lastMonth) external;

    // --- methodologies ---------------------------------------------------------------------------

    /// @param methodologyId SHA-256 of the canonical methodology package
    /// @param number position in order of certification, from 1
    /// @param classLabel what its batches are traded as
    /// @param bufferBps least buffer share in basis points
    /// @param demo for demonstration only
    event MethodologyCertified(
        bytes32 indexed methodologyId, uint16 number, string classLabel, uint16 bufferBps, bool demo
    );
    /// @param methodologyId SHA-256 of the methodology package
    event MethodologyWithdrawn(bytes32 indexed methodologyId);

    /// @param methodologyId what was named
    error MethodologyNotFound(bytes32 methodologyId);
    /// @param methodologyId what is certified already
    error MethodologyExists(bytes32 methodologyId);
    /// @param methodologyId what was withdrawn
    error MethodologyIsWithdrawn(bytes32 methodologyId);
    /// @param bufferBps the share asked for, in basis points
    /// @param maxBps the largest share
    error BufferShareTooLarge(uint16 bufferBps, uint16 maxBps);

    /// @notice Certifies a methodology. CERTIFIER.
    /// @param methodologyId SHA-256 of the canonical methodology package
    /// @param classLabel what its batches are traded as, 31 bytes at most, the prefix "DEMO " of a
    /// demonstration included
    /// @param bufferBps least buffer share of every batch in basis points
    /// @param demo for demonstration only
    function certifyMethodology(
        bytes32 methodologyId,
        string calldata classLabel,
        uint16 bufferBps,
        bool demo
    ) external;

    /// @notice Ends issuing under a methodology, for ever; batches stay. CERTIFIER.
    /// @param methodologyId SHA-256 of the methodology package
    function withdrawMethodology(bytes32 methodologyId) external;

    /// @param methodologyId SHA-256 of the methodology package
    /// @return the methodology; number 0 if it was never certified
    function methodology(bytes32 methodologyId) external view returns (Methodology memory);

    // --- fleets and vehicles ---------------------------------------------------------------------

    /// @param fleetId the fleet
    /// @param number position in order of enrolment, from 1
    /// @param operator who operates it
    event FleetEnrolled(bytes32 indexed fleetId, uint32 number, address indexed operator);
    /// @param fleetId the fleet
    /// @param operator who operates it from now on
    event OperatorSet(bytes32 indexed fleetId, address indexed operator);
    /// @param vehicleIndex sequential, from 1
    /// @param commitment HMAC-SHA256 of the VIN under the registry key
    /// @param fleetId the vehicle's first fleet
    /// @param fromMonth first creditable month
    event VehicleEnrolled(
        uint32 indexed vehicleIndex,
        bytes32 indexed commitment,
        bytes32 indexed fleetId,
        uint32 fromMonth
    );
    /// @param vehicleIndex the vehicle
    /// @param toFleetId its fleet from `fromMonth` on
    /// @param fromMonth first month in the new fleet
    event VehicleMoved(uint32 indexed vehicleIndex, bytes32 indexed toFleetId, uint32 fromMonth);

    /// @param fleetId what was named
    error FleetNotFound(bytes32 fleetId);
    /// @param fleetId what is enrolled already
    error FleetExists(bytes32 fleetId);
    /// @param vehicleIndex what was named
    error VehicleNotFound(uint32 vehicleIndex);
    /// @param commitment the commitment enrolled already
    /// @param vehicleIndex under which index
    error VehicleExists(bytes32 commitment, uint32 vehicleIndex);
    /// @param fromMonth the month asked for
    /// @param currentMonth the month of this block; a move acts from a later one
    error MoveNotInFuture(uint32 fromMonth, uint32 currentMonth);
    /// @param fromMonth the month asked for
    /// @param lastFromMonth the month of the vehicle's enrolment or last move
    error MoveNotAfterLast(uint32 fromMonth, uint32 lastFromMonth);

    /// @notice Enrols a fleet. REGISTRAR.
    /// @param fleetId its id, never zero-checked: any 32 bytes name a fleet
    /// @param operator who operates it; holds no role here
    function enrolFleet(bytes32 fleetId, address operator) external;

    /// @notice Gives a fleet another operator; claims that name the old one die. REGISTRAR.
    /// @param fleetId the fleet
    /// @param operator who operates it from now on; holds no role here
    function setOperator(bytes32 fleetId, address operator) external;

    /// @notice Enrols vehicles in a fleet. REGISTRAR.
    /// @param fleetId the fleet
    /// @param commitments HMAC-SHA256 of each VIN under the registry key; each enrols once, ever
    /// @param fromMonth first creditable month of all of them; may lie in the past
    /// @return firstIndex index of the first; the others follow
    function enrolVehicles(bytes32 fleetId, bytes32[] calldata commitments, uint32 fromMonth)
        external
        returns (uint32 firstIndex);

    /// @notice Moves a vehicle to another fleet. REGISTRAR.
    /// @param vehicleIndex the vehicle
    /// @param toFleetId the other fleet
    /// @param fromMonth a future month, later than the vehicle's last move
    function moveVehicle(uint32 vehicleIndex, bytes32 toFleetId, uint32 fromMonth) external;

    /// @param fleetId the fleet
    /// @return who operates it, or zero
    function operatorOf(bytes32 fleetId) external view returns (address);

    /// @param vehicleIndex the vehicle, from 1
    /// @param month UTC month
    /// @return commitment HMAC-SHA256 of its VIN, zero if there is no such vehicle
    /// @return fleetId its fleet in that month, zero if none
    /// @return fromMonth its first creditable month
    function vehicle(uint32 vehicleIndex, uint32 month)
        external
        view
        returns (bytes32 commitment, bytes32 fleetId, uint32 fromMonth);

    /// @param commitment HMAC-SHA256 of a VIN
    /// @return the vehicle's index, 0 if it is not enrolled
    function vehicleIndexOf(bytes32 commitment) external view returns (uint32);

    /// @param month UTC month
    /// @param wordIndex vehicleIndex / 256
    /// @return one bit per vehicle (vehicleIndex % 256) credited for that month
    function creditedWord(uint32 month, uint24 wordIndex) external view returns (uint256);

    // --- issue -----------------------------------------------------------------------------------

    /// @notice A batch exists; everything a reader needs is in here and in the block's time.
    /// @param batchId EIP-712 hashStruct of the claim
    /// @param fleetId the fleet
    /// @param methodologyId the methodology
    /// @param demo for demonstration only
    /// @param claim the whole claim
    /// @param wordIndex which bitmap words, ascending
    /// @param bits credited vehicles of each word
    event BatchIssued(
        uint256 indexed batchId,
        bytes32 indexed fleetId,
        bytes32 indexed methodologyId,
        bool demo,
        BatchClaim claim,
        uint24[] wordIndex,
        uint256[] bits
    );

    /// @param batchId what exists; the claim was issued before and nothing is lost
    error BatchAlreadyIssued(uint256 batchId);
    /// @param verifier who does not hold `VERIFIER`
    error NotVerifier(address verifier);
    /// @param batchId the claim's id
    /// @param verifier who did not sign it for this chain and contract
    error BadVerifierSignature(uint256 batchId, address verifier);
    /// @param fleetId the fleet
    /// @param operator who operates it
    /// @param claimedOperator whom the claim names
    error OperatorMismatch(bytes32 fleetId, address operator, address claimedOperator);
    /// @param validUntil last second of the claim, Unix time
    /// @param blockTime this block's time, Unix time
    error ClaimExpired(uint64 validUntil, uint256 blockTime);
    /// @param month the claim's month
    /// @param currentMonth the month of this block
    error MonthStillRunning(uint32 month, uint32 currentMonth);
    /// @param month the claim's month
    /// @param firstMonth first month of this contract
    /// @param lastMonth last month of this contract
    error MonthOutOfRange(uint32 month, uint32 firstMonth, uint32 lastMonth);
    /// @notice No trips, no evidence root or no report.
    error NoEvidence();
    /// @notice The claim's grams add up to zero.
    error NothingToIssue();
    /// @param totalG grams claimed
    /// @param maxG largest batch in grams
    error BatchTooLarge(uint256 totalG, uint256 maxG);
    /// @param bufferG grams of buffer claimed
    /// @param neededG least grams of buffer
    error BufferTooSmall(uint256 bufferG, uint256 neededG);
    /// @param driversG grams for drivers
    /// @param payoutRoot the root that is missing or too many
    error PayoutRootMismatch(uint64 driversG, bytes32 payoutRoot);
    /// @param vehiclesHash what the claim says
    /// @param actualHash hash of the words given
    error VehiclesHashMismatch(bytes32 vehiclesHash, bytes32 actualHash);
    /// @param words how many word indices
    /// @param bitmaps how many bitmaps; both must be equal and above zero
    error BadWordCount(uint256 words, uint256 bitmaps);
    /// @param wordIndex the word that does not come after the one before it
    error WordsNotAscending(uint24 wordIndex);
    /// @param wordIndex the word without a vehicle
    error EmptyWord(uint24 wordIndex);
    /// @param vehicleIndex the vehicle
    /// @param fleetId the fleet of the claim
    /// @param month the month in which it is elsewhere or nowhere
    error VehicleNotInFleet(uint32 vehicleIndex, bytes32 fleetId, uint32 month);
    /// @param vehicleIndex the vehicle
    /// @param month the month it was credited for before
    error VehicleMonthAlreadyCredited(uint32 vehicleIndex, uint32 month);

    /// @notice Issues a batch. ISSUER, with the verifier's signature over the EIP-712 digest.
    /// @param batchClaim the claim
    /// @param wordIndex bitmap words of the credited vehicles, strictly ascending
    /// @param bits one bit per vehicle of each word, none zero
    /// @param signature the verifier's (ECDSA or ERC-1271)
    /// @return batchId EIP-712 hashStruct of the claim
    function issue(
        BatchClaim calldata batchClaim,
        uint24[] calldata wordIndex,
        uint256[] calldata bits,
        bytes calldata signature
    ) external returns (uint256 batchId);

    /// @param batchClaim a claim
    /// @return its EIP-712 hashStruct as a number
    function batchIdOf(BatchClaim calldata batchClaim) external pure returns (uint256);

    /// @param batchId the batch
    /// @return where it stands; status `None` if it was never issued
    function batch(uint256 batchId) external view returns (Batch memory);

    /// @param batchId the batch
    /// @return keccak256(abi.encode(string classLabel, uint256 vintageYear)), zero if never issued
    function classOf(uint256 batchId) external view returns (bytes32);

    /// @return where the whole bank stands
    function state() external view returns (BankState memory);

    /// @return 6: the smallest unit is a gram, a credit is a tonne
    function decimals() external pure returns (uint8);

    // --- payouts ---------------------------------------------------------------------------------

    /// @param batchId what was named
    error BatchNotFound(uint256 batchId);
    /// @param batchId the batch
    /// @param status where it stands
    error BatchNotActive(uint256 batchId, Status status);
    /// @param batchId the batch
    /// @param index the payout paid before
    error PayoutAlreadyClaimed(uint256 batchId, uint256 index);
    /// @param batchId the batch
    /// @param index the payout that is not under its payout root
    error BadPayoutProof(uint256 batchId, uint256 index);
    /// @param batchId the batch
    /// @param amountG grams asked for
    /// @param claimableG grams left
    error ClaimExceedsPayout(uint256 batchId, uint256 amountG, uint256 claimableG);
    /// @param payouts how many payouts
    /// @param proofs how many proofs
    error BadProofCount(uint256 payouts, uint256 proofs);

    /// @notice Pays one payout to its account. Anyone may send it.
    /// @param batchId the batch
    /// @param payout the leaf
    /// @param proof siblings from the leaf to the root
    function claim(uint256 batchId, Payout calldata payout, bytes32[] calldata proof) external;

    /// @notice Pays many; those paid before are passed over, any other failure reverts all.
    /// @param batchId the batch
    /// @param payouts the leaves
    /// @param proofs one proof each
    function claimMany(uint256 batchId, Payout[] calldata payouts, bytes32[][] calldata proofs)
        external;

    /// @param batchId the batch
    /// @param payoutRoot the payout root of its claim
    /// @param index the payout
    /// @return whether it was paid
    function isClaimed(uint256 batchId, bytes32 payoutRoot, uint256 index)
        external
        view
        returns (bool);

    // --- retirement ------------------------------------------------------------------------------

    /// @notice Grams are used up for ever.
    /// @param retirementId sequential, from 1
    /// @param batchId the batch
    /// @param holder whose grams they were
    /// @param amountG grams
    /// @param fromSerial first serial, from 1
    /// @param toSerial last serial
    /// @param beneficiary for whom, 32 bytes of text or a hash
    /// @param purpose what for, 32 bytes of text or a hash
    event CreditsRetired(
        uint256 indexed retirementId,
        uint256 indexed batchId,
        address indexed holder,
        uint256 amountG,
        uint256 fromSerial,
        uint256 toSerial,
        bytes32 beneficiary,
        bytes32 purpose
    );

    /// @notice Nothing was asked for.
    error ZeroAmount();

    /// @notice Retires grams of the sender.
    /// @param batchId the batch
    /// @param amountG grams
    /// @param beneficiary for whom, 32 bytes of text or a hash
    /// @param purpose what for, 32 bytes of text or a hash
    /// @return retirementId sequential, from 1
    function retire(uint256 batchId, uint256 amountG, bytes32 beneficiary, bytes32 purpose)
        external
        returns (uint256 retirementId);

    /// @notice Retires grams of a holder who approved the sender.
    /// @param holder whose grams
    /// @param batchId the batch
    /// @param amountG grams
    /// @param beneficiary for whom, 32 bytes of text or a hash
    /// @param purpose what for, 32 bytes of text or a hash
    /// @return retirementId sequential, from 1
    function retireFrom(
        address holder,
        uint256 batchId,
        uint256 amountG,
        bytes32 beneficiary,
        bytes32 purpose
    ) external returns (uint256 retirementId);

    // --- freezing --------------------------------------------------------------------------------

    /// @param batchId the batch
    /// @param until the second (Unix time) from which anyone may end the freeze
    /// @param reason why, in words
    event BatchFrozen(uint256 indexed batchId, uint64 until, string reason);
    /// @param batchId the batch
    event BatchUnfrozen(uint256 indexed batchId);

    /// @param batchId the batch
    /// @param status where it stands
    error BatchNotFrozen(uint256 batchId, Status status);

    /// @notice Freezes an Active batch for 30 days, or renews the freeze from now. GUARDIAN.
    /// @param batchId the batch
    /// @param reason why, in words
    function freeze(uint256 batchId, string calldata reason) external;

    /// @notice Ends a freeze. GUARDIAN, or anyone once it has run out.
    /// @param batchId the batch
    function unfreeze(uint256 batchId) external;

    // --- corrections -----------------------------------------------------------------------------

    /// @param batchId the batch
    /// @param proofId the fact that was proven against it
    event BatchDisproven(uint256 indexed batchId, bytes32 indexed proofId);
    /// @param batchId the batch, Active again
    /// @param excessG grams there were too many, cancelled out of buffers
    /// @param reason why, in words
    event BatchCorrected(uint256 indexed batchId, uint64 excessG, string reason);
    /// @param batchId the batch that was corrected
    /// @param sourceBatchId whose buffer gave the grams; its own is the first
    /// @param amountG grams cancelled
    event BufferCancelled(uint256 indexed batchId, uint256 indexed sourceBatchId, uint64 amountG);
    /// @param batchId the batch
    /// @param cancelledG all its grams that were not retired
    /// @param reason why, in words
    event BatchCancelled(uint256 indexed batchId, uint64 cancelledG, string reason);
    /// @notice Serials retired from a cancelled batch are covered by as many of another batch.
    /// @param batchId the cancelled batch
    /// @param sourceBatchId whose buffer was retired instead
    /// @param fromSerial first serial of the cancelled batch
    /// @param toSerial last serial of the cancelled batch
    /// @param sourceFromSerial first serial of the source
    /// @param sourceToSerial last serial of the source
    event RetirementReplaced(
        uint256 indexed batchId,
        uint256 indexed sourceBatchId,
        uint64 fromSerial,
        uint64 toSerial,
        uint64 sourceFromSerial,
        uint64 sourceToSerial
    );

    /// @param proofId what did its work before: it stopped the batch
    error ProofSettled(bytes32 proofId);
    /// @param batchId the batch
    /// @param status where it stands; only Active and Frozen can be disproven
    error BatchNotDisprovable(uint256 batchId, Status status);
    /// @param batchId the batch
    /// @param status where it stands
    error BatchNotDisproven(uint256 batchId, Status status);
    /// @param batchId the batch
    /// @param excessG grams too many
    /// @param coveredG grams in the buffers that were named
    error ExcessNotCovered(uint256 batchId, uint256 excessG, uint256 coveredG);
    /// @param batchId the batch
    /// @param status where it stands
    /// @param sinceS seconds it has been Frozen, of 7 days needed; zero if it is not
    error BatchNotCancellable(uint256 batchId, Status status, uint256 sinceS);
    /// @param batchId the batch
    /// @param status where it stands
    error BatchNotCancelled(uint256 batchId, Status status);
    /// @param batchId the batch, of whose retired grams all are replaced
    error NothingToReplace(uint256 batchId);

    /// @notice An Active or Frozen batch is proven wrong: nothing of it moves before it is
    /// corrected, and no time and no guardian can undo that otherwise. CHALLENGER.
    /// @param batchId the batch
    /// @param proofId the fact that was proven, never one that was proven before
    function disprove(uint256 batchId, bytes32 proofId) external;

    /// @notice Freezes an Active batch for 30 days from now, or a Frozen one for at least as long,
    /// because it and another contradict one another. Once per batch and proof. CHALLENGER.
    /// @param batchId the batch
    /// @param proofId the fact that was proven
    function freezeProven(uint256 batchId, bytes32 proofId) external;

    /// @notice Cancels the grams a Disproven batch has too many, out of its own buffer, then out of
    /// the buffers of others; all or nothing. The proof is settled, the batch Active. GUARDIAN.
    /// @param batchId the batch
    /// @param excessG grams too many
    /// @param sources Active batches, in the order in which they give
    /// @param reason why, in words
    function correct(
        uint256 batchId,
        uint64 excessG,
        uint256[] calldata sources,
        string calldata reason
    ) external;

    /// @notice Ends a batch that is Disproven, or Frozen for 7 days, for ever: what is not retired
    /// is cancelled, every balance of it answers zero. GUARDIAN.
    /// @param batchId the batch
    /// @param reason why, in words
    function cancel(uint256 batchId, string calldata reason) external;

    /// @notice Retires buffer grams of other batches in place of those retired from a Cancelled
    /// one; takes what is there and may be called again. GUARDIAN.
    /// @param batchId the cancelled batch
    /// @param sources Active batches, in the order in which they give
    function replaceFromBuffer(uint256 batchId, uint256[] calldata sources) external;
}
