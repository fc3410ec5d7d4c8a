// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title CallingMoney
/// @notice Money that, while it is paid, makes a call of its holder's choice. For tests.
contract CallingMoney is ERC20 {
    address private target;
    bytes private callData;
    bytes public answer;

    /// @param holder who gets all of it
    constructor(address holder) ERC20("Calling", "CALL") {
        _mint(holder, 10 ** 12);
    }

    /// @param target_ whom to call while money moves
    /// @param callData_ what to call
    function plan(address target_, bytes calldata callData_) external {
        target = target_;
        callData = callData_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target == address(0)) return;
        address once = target;
        target = address(0);
        bool success;
        (success, answer) = once.call(callData);
    }
}

/// @title OddMoney
/// @notice Money that behaves as it is told: well but without an answer, with a false one, not at
/// all, or to the end of the gas. For tests.
contract OddMoney {
    enum Mood {
        Silent,
        Refusing,
        Lying,
        Hungry,
        Loud
    }

    mapping(address account => uint256) public balanceOf;
    Mood private immutable mood;

    /// @param mood_ how it behaves
    constructor(Mood mood_) {
        mood = mood_;
    }

    /// @param account who gets money
    function give(address account) external {
        balanceOf[account] += 10 ** 12;
    }

    /// @notice No answer at all, as some old money has none.
    /// @param from who pays
    /// @param to who is paid
    /// @param units how much
    function transferFrom(address from, address to, uint256 units) external {
        if (mood == Mood.Silent) {
            balanceOf[from] -= units;
            balanceOf[to] += units;
        } else if (mood == Mood.Refusing) {
            _answer(abi.encode(false));
        } else if (mood == Mood.Lying) {
            _answer(abi.encode(true));
        } else if (mood == Mood.Hungry) {
            while (true) balanceOf[to] += 1;
        } else {
            _fail(new bytes(200_000));
        }
    }

    function _answer(bytes memory data) private pure {
        assembly {
            return(add(data, 32), mload(data))
        }
    }

    function _fail(bytes memory data) private pure {
        assembly {
            revert(add(data, 32), mload(data))
        }
    }
}

/// @title CallingHolder
/// @notice A holder that, when credits arrive, makes a call of its owner's choice. For tests.
contract CallingHolder is ERC1155Holder {
    address private target;
    bytes private callData;
    bytes public answer;
    bool public refuses;

    /// @param target_ whom to call when credits arrive
    /// @param callData_ what to call
    function plan(address target_, bytes calldata callData_) external {
        target = target_;
        callData = callData_;
    }

    /// @param refuses_ whether it takes no credits
    function refuse(bool refuses_) external {
        refuses = refuses_;
    }

    /// @param where whom to call now, as this holder
    /// @param data what to call
    /// @return what it answered
    function act(address where, bytes calldata data) external returns (bytes memory) {
        (bool success, bytes memory said) = where.call(data);
        require(success, "the act failed");
        return said;
    }

    /// @inheritdoc ERC1155Holder
    function onERC1155Received(address, address, uint256, uint256, bytes memory)
        public
        override
        returns (bytes4)
    {
        require(!refuses, "takes no credits");
        if (target != address(0)) {
            address once = target;
            target = address(0);
            bool success;
            (success, answer) = once.call(callData);
        }
        return this.onERC1155Received.selector;
    }
}
