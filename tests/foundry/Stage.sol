// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {BatchClaim, ICarbonBank, Payout} from "../../contracts/interfaces/ICarbonBank.sol";
import {ICarbonMarket, Order} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Prover} from "./Vm.sol";

/// @dev Deployed from the artefacts, never by `new`: a changed contract recompiles alone.
interface IBank is ICarbonBank, IERC1155 {
    function grantRole(bytes32 role, address account) external;
    function hasRole(bytes32 role, address account) external view returns (bool);
}

interface IMoney is IERC20 {
    function mint(address to, uint256 units) external;
    function grantRole(bytes32 role, address account) external;
    function nonces(address owner) external view returns (uint256);
}

/// @notice The deployed contracts and the people around them; hashes are spelled out here again,
/// so that a test never asks the contract what to sign.
abstract contract Stage is Prover {
    // 15 January 2040 12:00 UTC: December 2039 is the last month that is over.
    uint256 internal constant START = 2_210_241_600;
    uint32 internal constant JANUARY = 2040 * 12;
    uint32 internal constant FIRST_MONTH = 2020 * 12;
    uint64 internal constant FOR_EVER = 2 ** 40;
    uint16 internal constant BUFFER_BPS = 1000;
    uint16 internal constant FEE_BPS = 30;

    uint256 internal constant VERIFIER_KEY = 0xA1;
    uint256 internal constant STRANGER_KEY = 0xA2;

    address internal constant FORWARDER = address(0xF0);
    address internal constant ADMIN = address(0xAD);
    address internal constant CERTIFIER = address(0xCE);
    address internal constant ISSUER = address(0x15);
    address internal constant REGISTRAR = address(0x4E);
    address internal constant GUARDIAN = address(0x60);
    address internal constant CHALLENGER = address(0xC4);
    address internal constant FEE_BOX = address(0xFEE);

    bytes32 internal constant FLEET = keccak256("fleet");
    bytes32 internal constant FLEET_B = keccak256("fleet b");
    bytes32 internal constant METHOD = keccak256("methodology");
    bytes32 internal constant CLASS_2039 = keccak256(abi.encode("AMS-III.C/16", uint256(2039)));

    IBank internal bank;
    ICarbonMarket internal market;
    IMoney internal money;
    address internal verifier;
    address internal stranger;
    /// @dev Keys 1 to 6: two operators, three drivers, one buyer.
    address[] internal people;

    function raise() internal {
        vm.warp(START);
        verifier = vm.addr(VERIFIER_KEY);
        stranger = vm.addr(STRANGER_KEY);
        for (uint256 key = 1; key <= 6; ++key) {
            people.push(vm.addr(key));
        }
        bank = IBank(
            vm.deployCode(
                "CarbonBank.sol:CarbonBank",
                abi.encode(FORWARDER, ADMIN, uint48(0), FIRST_MONTH, keccak256("key"), "uri")
            )
        );
        money = IMoney(
            vm.deployCode(
                "SettlementToken.sol:SettlementToken", abi.encode(FORWARDER, ADMIN, "Money", "MON")
            )
        );
        market = ICarbonMarket(
            vm.deployCode(
                "CarbonMarket.sol:CarbonMarket",
                abi.encode(FORWARDER, ADMIN, bank, FEE_BPS, FEE_BOX)
            )
        );
        empower("CERTIFIER", CERTIFIER);
        empower("VERIFIER", verifier);
        empower("ISSUER", ISSUER);
        empower("REGISTRAR", REGISTRAR);
        empower("GUARDIAN", GUARDIAN);
        empower("CHALLENGER", CHALLENGER);
        vm.prank(CERTIFIER);
        bank.certifyMethodology(METHOD, "AMS-III.C/16", BUFFER_BPS, false);
        vm.prank(REGISTRAR);
        bank.enrolFleet(FLEET, people[0]);
        vm.prank(REGISTRAR);
        bank.enrolFleet(FLEET_B, people[1]);
        vm.prank(ADMIN);
        money.grantRole(keccak256("MINTER"), ADMIN);
    }

    function empower(string memory role, address account) internal {
        vm.prank(ADMIN);
        bank.grantRole(keccak256(bytes(role)), account);
    }

    function enrol(bytes32 fleetId, uint256 from, uint256 count) internal {
        bytes32[] memory commitments = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            commitments[i] = keccak256(abi.encode("vehicle", from + i));
        }
        vm.prank(REGISTRAR);
        bank.enrolVehicles(fleetId, commitments, FIRST_MONTH);
    }

    // --- what is signed --------------------------------------------------------------------------

    function idOf(BatchClaim memory batchClaim) internal pure returns (uint256) {
        return uint256(
            keccak256(
                abi.encode(
                    keccak256(
                        "BatchClaim(bytes32 fleetId,address operator,"
                        "address verifier,uint64 validUntil,bytes32 methodologyId,"
                        "uint32 month,uint64 tripCount,bytes32 evidenceRoot,"
                        "bytes32 reportHash,bytes32 payoutRoot,uint64 operatorG,"
                        "uint64 driversG,uint64 bufferG,bytes32 vehiclesHash)"
                    ),
                    batchClaim
                )
            )
        );
    }

    function hashOf(Order memory order) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Order(address maker,uint8 side,uint256 batchId,"
                    "bytes32 classId,address money,uint64 amountG,"
                    "uint128 priceUnitsPerT,uint16 maxFeeBp,uint64 minFillG,"
                    "uint32 minAgeS,uint64 signedAt,uint64 validUntil," "uint256 salt)"
                ),
                order
            )
        );
    }

    function digestOf(string memory name, address contract_, bytes32 structHash)
        internal
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,"
                    "address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                contract_
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function signClaim(uint256 key, BatchClaim memory batchClaim)
        internal
        view
        returns (bytes memory)
    {
        return signed(key, digestOf("CarbonBank", address(bank), bytes32(idOf(batchClaim))));
    }

    function signOrder(uint256 key, Order memory order) internal view returns (bytes memory) {
        return signed(key, digestOf("CarbonMarket", address(market), hashOf(order)));
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    // --- payouts ---------------------------------------------------------------------------------

    /// @dev Three drivers share all; the fourth leaf asks for one gram more than there ever is.
    function payoutsOf(uint64 driversG) internal view returns (Payout[4] memory payouts) {
        uint256 third = driversG / 3;
        payouts[0] = Payout(0, people[2], 0, third);
        payouts[1] = Payout(1, people[3], third, third);
        payouts[2] = Payout(2, people[4], 2 * third, driversG - 2 * third);
        payouts[3] = Payout(3, people[4], 0, uint256(driversG) + 1);
    }

    function leafOf(Payout memory payout) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(payout))));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function payoutRootOf(uint64 driversG) internal view returns (bytes32) {
        Payout[4] memory all = payoutsOf(driversG);
        return pair(pair(leafOf(all[0]), leafOf(all[1])), pair(leafOf(all[2]), leafOf(all[3])));
    }

    function proofOf(uint64 driversG, uint256 index)
        internal
        view
        returns (Payout memory payout, bytes32[] memory proof)
    {
        Payout[4] memory all = payoutsOf(driversG);
        payout = all[index];
        proof = new bytes32[](2);
        proof[0] = leafOf(all[index ^ 1]);
        uint256 other = index < 2 ? 2 : 0;
        proof[1] = pair(leafOf(all[other]), leafOf(all[other + 1]));
    }
}
