// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title HoldingWallet
/// @notice An honest wallet: two keys sign together for it (ERC-1271), it takes credits, and it
/// acts when it is asked. For tests.
contract HoldingWallet is IERC1271, ERC1155Holder {
    address private immutable first;
    address private immutable second;

    /// @param first_ who signs before
    /// @param second_ who signs behind
    constructor(address first_, address second_) {
        first = first_;
        second = second_;
    }

    /// @notice Makes a call as this wallet; anyone may ask, which a real wallet would not allow.
    /// @param where whom to call
    /// @param data what to call
    /// @return what it answered
    function act(address where, bytes calldata data) external returns (bytes memory) {
        (bool success, bytes memory said) = where.call(data);
        require(success, "the act failed");
        return said;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        view
        returns (bytes4)
    {
        if (signature.length != 130) return 0xffffffff;
        bool valid = ECDSA.recoverCalldata(hash, signature[:65]) == first
            && ECDSA.recoverCalldata(hash, signature[65:]) == second;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @title MoodyWallet
/// @notice A wallet that answers whatever it is asked, and never as it should. For tests.
contract MoodyWallet {
    enum Mood {
        Agreeing,
        Refusing,
        Short,
        Dirty,
        Hungry,
        Loud
    }

    Mood private immutable mood;

    /// @param mood_ how it answers
    constructor(Mood mood_) {
        mood = mood_;
    }

    fallback() external {
        if (mood == Mood.Agreeing) _answer(abi.encode(bytes4(0x1626ba7e)));
        if (mood == Mood.Refusing) revert("no");
        if (mood == Mood.Short) _answer(hex"1626ba7e");
        if (mood == Mood.Dirty) _answer(abi.encode(bytes32(hex"1626ba7e01")));
        if (mood == Mood.Loud) _answer(new bytes(100_000));
        while (true) {}
    }

    function _answer(bytes memory data) private pure {
        assembly {
            return(add(data, 32), mload(data))
        }
    }
}
