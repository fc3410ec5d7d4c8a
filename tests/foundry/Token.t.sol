// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Acts} from "./Acts.sol";

interface IToken is IERC20 {
    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
    function burn(uint256 units) external;
    function hasRole(bytes32 role, address account) external view returns (bool);
    function MINTER() external view returns (bytes32);
    function isTrustedForwarder(address forwarder) external view returns (bool);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
}

contract TokenTest is Acts {
    bytes32 private constant MINTER = keccak256("MINTER");

    function _token() private view returns (IToken) {
        return IToken(address(money));
    }

    function _unauthorized(address account, bytes32 role) private pure returns (bytes memory) {
        return
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", account, role
            );
    }

    function test_the_token_says_what_it_is() external view {
        IToken token = _token();
        claimThat(keccak256(bytes(token.name())) == keccak256("Money"), "name");
        claimThat(keccak256(bytes(token.symbol())) == keccak256("MON"), "symbol");
        claimEqual(token.decimals(), 6, "a token is 1,000,000 units");
        claimThat(token.MINTER() == MINTER, "the role's name");
        claimThat(token.hasRole(0, ADMIN), "the admin");
        claimThat(!token.hasRole(0, stranger), "nobody else");
        claimThat(token.isTrustedForwarder(FORWARDER), "the forwarder");
        claimEqual(token.totalSupply(), 0, "nothing at first");
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,"
                    "address verifyingContract)"
                ),
                keccak256("Money"),
                keccak256("1"),
                block.chainid,
                address(token)
            )
        );
        claimThat(token.DOMAIN_SEPARATOR() == domain, "what permits are signed under");
    }

    function test_only_a_minter_pays_money_in() external {
        bytes memory mint = abi.encodeCall(money.mint, (people[0], 5));
        mustRefuseWith(stranger, address(money), mint, _unauthorized(stranger, MINTER));
        // Nor through the forwarder, whoever signed.
        mustRefuseWith(
            FORWARDER,
            address(money),
            abi.encodePacked(mint, ADMIN),
            _unauthorized(FORWARDER, MINTER)
        );
        vm.prank(ADMIN);
        money.mint(people[0], 5);
        claimEqual(money.balanceOf(people[0]), 5, "paid in");
        claimEqual(money.totalSupply(), 5, "in all");
    }

    function test_only_the_admin_names_minters() external {
        mustRefuseWith(
            stranger,
            address(money),
            abi.encodeCall(money.grantRole, (MINTER, stranger)),
            _unauthorized(stranger, 0)
        );
    }

    function test_accounts_pay_and_burn_through_the_forwarder() external {
        vm.prank(ADMIN);
        money.mint(people[0], 50);
        _relay(abi.encodeCall(money.transfer, (people[1], 20)), people[0]);
        claimEqual(money.balanceOf(people[0]), 30, "paid");
        claimEqual(money.balanceOf(people[1]), 20, "got");
        _relay(abi.encodeCall(_token().burn, (7)), people[1]);
        claimEqual(money.balanceOf(people[1]), 13, "burnt");
        _relay(abi.encodeCall(money.approve, (stranger, 3)), people[0]);
        claimEqual(money.allowance(people[0], stranger), 3, "approved");
        // Whoever is not the forwarder only appends data.
        vm.prank(people[0]);
        (bool done,) = address(money)
            .call(abi.encodePacked(abi.encodeCall(money.transfer, (people[2], 1)), people[1]));
        claimThat(done, "its own money");
        claimEqual(money.balanceOf(people[0]), 29, "the sender paid");
        claimEqual(money.balanceOf(people[1]), 13, "the named did not");
    }

    function _relay(bytes memory call, address account) private {
        vm.prank(FORWARDER);
        (bool done,) = address(money).call(abi.encodePacked(call, account));
        claimThat(done, "relayed");
    }
}
