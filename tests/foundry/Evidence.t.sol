// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaf} from "../../contracts/interfaces/ICarbonChallenge.sol";
import {Evidence} from "../../contracts/libraries/Evidence.sol";
import {Trees} from "./Trees.sol";
import {Prover} from "./Vm.sol";

contract EvidenceTest is Prover, Trees {
    function included(
        bytes32 hash,
        uint64 index,
        uint64 size,
        bytes32[] calldata path,
        bytes32 root
    ) external view returns (bool) {
        return Evidence.isIncluded(hash, index, size, path, root);
    }

    function hashed(Leaf calldata leaf) external pure returns (bytes32) {
        return Evidence.leafHash(leaf);
    }

    function ordered(Leaf calldata a, Leaf calldata b) external pure returns (bool) {
        return Evidence.precedes(a, b);
    }

    function _hashes(uint256 size) private pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            hashes[i] = keccak256(abi.encode("leaf", i));
        }
    }

    function test_every_leaf_of_every_tree_up_to_20_leaves_is_included() external view {
        for (uint64 size = 1; size <= 20; ++size) {
            bytes32[] memory hashes = _hashes(size);
            bytes32 root = rootOf(hashes, 0, size);
            for (uint64 i = 0; i < size; ++i) {
                bytes32[] memory path = pathOf(hashes, i, 0, size);
                claimThat(this.included(hashes[i], i, size, path, root), "a leaf of the tree");
            }
        }
    }

    function test_no_leaf_is_included_at_another_place() external view {
        for (uint64 size = 1; size <= 9; ++size) {
            bytes32[] memory hashes = _hashes(size);
            bytes32 root = rootOf(hashes, 0, size);
            for (uint64 i = 0; i < size; ++i) {
                bytes32[] memory path = pathOf(hashes, i, 0, size);
                for (uint64 other = 0; other < size + 3; ++other) {
                    if (other == i) continue;
                    claimThat(
                        !this.included(hashes[i], other, size, path, root), "at another index"
                    );
                    claimThat(
                        !this.included(_hashes(size + 3)[other], i, size, path, root),
                        "another leaf"
                    );
                }
                claimThat(!this.included(hashes[i], i, size, path, "root"), "another root");
            }
        }
    }

    function test_a_path_is_as_long_as_the_tree_is_high() external view {
        for (uint64 size = 1; size <= 9; ++size) {
            bytes32[] memory hashes = _hashes(size);
            bytes32 root = rootOf(hashes, 0, size);
            for (uint64 i = 0; i < size; ++i) {
                bytes32[] memory path = pathOf(hashes, i, 0, size);
                bytes32[] memory longer = new bytes32[](path.length + 1);
                for (uint256 k = 0; k < path.length; ++k) {
                    longer[k] = path[k];
                }
                claimThat(!this.included(hashes[i], i, size, longer, root), "one too many");
                // Hashed on, a root of more leaves comes out; the size says that there are none.
                bytes32 above = sha256(abi.encodePacked(uint8(1), root, bytes32(0)));
                claimThat(!this.included(hashes[i], i, size, longer, above), "above the root");
                above = sha256(abi.encodePacked(uint8(1), bytes32(0), root));
                claimThat(!this.included(hashes[i], i, size, longer, above), "beside the root");
                if (path.length == 0) continue;
                bytes32[] memory shorter = new bytes32[](path.length - 1);
                bytes32 here = hashes[i];
                for (uint256 k = 0; k < shorter.length; ++k) {
                    shorter[k] = path[k];
                }
                claimThat(!this.included(here, i, size, shorter, root), "one too few");
                claimThat(!this.included(here, i, size, new bytes32[](0), here), "a leaf alone");
            }
        }
    }

    function test_an_empty_tree_includes_nothing() external view {
        bytes32[] memory path = new bytes32[](0);
        claimThat(!this.included("x", 0, 0, path, "x"), "no leaves");
        claimThat(!this.included("x", 1, 1, path, "x"), "after the last");
        claimThat(this.included("x", 0, 1, path, "x"), "the only one");
    }

    function test_the_greatest_trees_are_walked_too() external view {
        bytes32[] memory path = new bytes32[](1);
        path[0] = "left";
        bytes32 root = sha256(abi.encodePacked(uint8(1), path[0], bytes32("x")));
        claimThat(this.included("x", 2 ** 63, 2 ** 63 + 1, path, root), "alone on the right");
        claimThat(!this.included("x", 2 ** 62, 2 ** 63 + 1, path, root), "not there");
        // 2^64 - 1 leaves, the first: 64 siblings, all on the right.
        path = new bytes32[](64);
        root = "x";
        for (uint256 i = 0; i < 64; ++i) {
            path[i] = bytes32(i);
            root = sha256(abi.encodePacked(uint8(1), root, path[i]));
        }
        claimThat(this.included("x", 0, type(uint64).max, path, root), "64 levels");
        claimThat(!this.included("x", 0, 2 ** 63, path, root), "63 levels");
    }

    function test_a_leaf_is_68_bytes_behind_a_zero() external view {
        Leaf memory leaf =
            Leaf(0x01020304, 0x1112131415161718, 0x2122232425262728, -2, 5, bytes32("r"));
        bytes memory packed = abi.encodePacked(
            hex"00",
            hex"01020304",
            hex"1112131415161718",
            hex"2122232425262728",
            hex"fffffffffffffffe",
            hex"0000000000000005",
            bytes32("r")
        );
        claimEqual(packed.length, 69, "a zero and 68 bytes");
        claimThat(this.hashed(leaf) == sha256(packed), "SHA-256 of them");
    }

    function test_leaves_stand_by_vehicle_and_then_by_time() external view {
        Leaf memory a = Leaf(2, 100, 200, 0, 0, 0);
        Leaf memory b = Leaf(2, 200, 300, 0, 0, 0);
        claimThat(this.ordered(a, b), "it begins when the other ends");
        claimThat(!this.ordered(b, a), "but not before");
        b.startAt = 199;
        claimThat(!this.ordered(a, b), "they share a second");
        claimThat(!this.ordered(a, a), "a trip is not before itself");
        b.vehicleIndex = 3;
        claimThat(this.ordered(a, b), "of a later vehicle, whenever it is");
        claimThat(!this.ordered(b, a), "of an earlier vehicle, whenever it is");
        b.startAt = 10 ** 6;
        b.vehicleIndex = 1;
        claimThat(!this.ordered(a, b), "of an earlier vehicle, also if it is later");
    }
}
