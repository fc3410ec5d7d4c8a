"""The payout tree against npm's `@openzeppelin/merkle-tree`, run by node on random cases."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from eth_utils import to_checksum_address

from carbonbank.audit.trees import standard_tree
from carbonbank.domain.payout import LEAF_ENCODING, Payout, payout_tree

ROOT = Path(__file__).parents[2]
SIZES = (1, 2, 3, 4, 5, 7, 8, 13, 33, 100)

# Reads [{values, dump}], answers per case their root, their dump, every proof, and whether our dump
# loads and validates there.
SCRIPT = """
const { StandardMerkleTree } = require('@openzeppelin/merkle-tree');
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const encoding = ['uint256', 'address', 'uint256', 'uint256'];
console.log(JSON.stringify(cases.map(({ values, dump }) => {
  const tree = StandardMerkleTree.of(values, encoding);
  const loaded = StandardMerkleTree.load(dump);
  return {
    root: tree.root,
    loadedRoot: loaded.root,
    dump: tree.dump(),
    proofs: values.map((_, i) => tree.getProof(i)),
  };
})));
"""


def random_payouts(size, seed):
    dice = random.Random(seed)
    from_g = 0
    payouts = []
    for index in range(size):
        amount_g = dice.randrange(1, 10 ** dice.randrange(1, 14))
        account = to_checksum_address(f"0x{dice.getrandbits(160):040x}")
        payouts.append(Payout(index=index, account=account, from_g=from_g, amount_g=amount_g))
        from_g += amount_g
    return payouts


@pytest.fixture(scope="module")
def cases():
    node = shutil.which("node")
    assert node, "node is missing: install Node 20 or newer, then run `npm ci --ignore-scripts`"
    trees = [payout_tree(random_payouts(size, seed=size)) for size in SIZES]
    asked = [
        {"values": [v["value"] for v in tree.dump()["values"]], "dump": tree.dump()}
        for tree in trees
    ]
    done = subprocess.run(
        [node, "-e", SCRIPT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return list(zip(trees, json.loads(done.stdout), strict=True))


def test_roots_dumps_and_proofs_equal_the_npm_package_s(cases):
    for tree, theirs in cases:
        assert "0x" + tree.root.hex() == theirs["root"] == theirs["loadedRoot"]
        assert tree.dump() == theirs["dump"]
        ours = [["0x" + step.hex() for step in tree.proof(i)] for i in range(len(tree.payouts))]
        assert ours == theirs["proofs"]


def test_the_audit_s_own_tree_equals_the_npm_package_s(cases):
    for tree, theirs in cases:
        values = [value["value"] for value in tree.dump()["values"]]
        assert standard_tree(values) == [bytes.fromhex(n[2:]) for n in theirs["dump"]["tree"]]


def test_the_encoding_is_the_contract_s():
    assert LEAF_ENCODING == ("uint256", "address", "uint256", "uint256")
