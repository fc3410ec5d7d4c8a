// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchClaim, Status} from "../../contracts/interfaces/ICarbonBank.sol";
import {Order} from "../../contracts/interfaces/ICarbonMarket.sol";
import {Stage} from "./Stage.sol";

/// @notice One act, one refusal or one event at a time; what random sequences do not look at.
abstract contract Acts is Stage {
    uint256[] internal none;

    function setUp() public virtual {
        raise();
        enrol(FLEET, 1, 260);
        enrol(FLEET_B, 261, 10);
    }

    event TransferSingle(
        address indexed operator,
        address indexed from,
        address indexed to,
        uint256 id,
        uint256 value
    );

    function _words(uint24 word, uint256 bitmap)
        internal
        pure
        returns (uint24[] memory words, uint256[] memory bits)
    {
        words = new uint24[](1);
        bits = new uint256[](1);
        (words[0], bits[0]) = (word, bitmap);
    }

    /// @dev 600 g to the operator, 300 g to drivers, 100 g of buffer.
    function _claim(bytes32 fleetId, uint32 month, uint24 word, uint256 bitmap)
        internal
        view
        returns (BatchClaim memory)
    {
        (uint24[] memory words, uint256[] memory bits) = _words(word, bitmap);
        return BatchClaim(
            fleetId,
            fleetId == FLEET ? people[0] : people[1],
            verifier,
            FOR_EVER,
            METHOD,
            month,
            1,
            "e",
            "r",
            payoutRootOf(300),
            600,
            300,
            100,
            keccak256(abi.encode(words, bits))
        );
    }

    function _issueCall(BatchClaim memory made, uint24 word, uint256 bitmap)
        internal
        view
        returns (bytes memory)
    {
        (uint24[] memory words, uint256[] memory bits) = _words(word, bitmap);
        return abi.encodeCall(bank.issue, (made, words, bits, signClaim(VERIFIER_KEY, made)));
    }

    function _mustIssue(bytes32 fleetId, uint32 month, uint24 word, uint256 bitmap)
        internal
        returns (uint256)
    {
        BatchClaim memory made = _claim(fleetId, month, word, bitmap);
        (uint24[] memory words, uint256[] memory bits) = _words(word, bitmap);
        bytes memory signature = signClaim(VERIFIER_KEY, made);
        vm.prank(ISSUER);
        return bank.issue(made, words, bits, signature);
    }

    function _refuseIssue(
        bytes32 fleetId,
        uint32 month,
        uint24 word,
        uint256 bitmap,
        bytes4 selector
    ) internal {
        bytes memory call = _issueCall(_claim(fleetId, month, word, bitmap), word, bitmap);
        mustRefuse(ISSUER, address(bank), call, selector);
    }

    function _refuseClaim(BatchClaim memory made, bytes4 selector) internal {
        mustRefuse(ISSUER, address(bank), _issueCall(made, 0, 2), selector);
    }

    function _refuseWords(uint24[] memory words, uint256[] memory bits, bytes4 selector) internal {
        BatchClaim memory made = _claim(FLEET, JANUARY - 1, 0, 2);
        made.vehiclesHash = keccak256(abi.encode(words, bits));
        bytes memory signature = signClaim(VERIFIER_KEY, made);
        mustRefuse(
            ISSUER,
            address(bank),
            abi.encodeCall(bank.issue, (made, words, bits, signature)),
            selector
        );
    }

    function _refuseFill(Order memory order, uint256 id, uint64 amountG, bytes4 selector) internal {
        mustRefuse(
            people[5],
            address(market),
            abi.encodeCall(market.fill, (order, signOrder(1, order), id, amountG)),
            selector
        );
    }

    function _refuseAs(address sender, bytes memory call) internal {
        mustRefuse(
            sender,
            address(bank),
            call,
            bytes4(keccak256("AccessControlUnauthorizedAccount(address,bytes32)"))
        );
    }

    function _refuseRole(string memory role, address account, bytes4 selector) internal {
        mustRefuse(
            ADMIN,
            address(bank),
            abi.encodeCall(bank.grantRole, (keccak256(bytes(role)), account)),
            selector
        );
    }

    function _stands(uint256 id, Status status) internal view {
        claimEqual(uint8(bank.batch(id).status), uint8(status), "status");
    }
}
