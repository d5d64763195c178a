"""The tree hash, against the test vectors of Certificate Transparency and the definition itself."""

from __future__ import annotations

import hashlib
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from dpone.ledger.merkle import Frontier, leaf_hash, node_hash

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def defined(leaves):
    """The Merkle tree hash exactly as RFC 6962 section 2.1 defines it."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(defined(leaves[:split]), defined(leaves[split:]))


def frontier(leaves):
    """The frontier after appending all leaves."""
    return reduce(lambda tree, leaf: tree.append(leaf_hash(leaf)), leaves, Frontier())


def test_roots_are_those_of_certificate_transparency():
    """The published vectors for 0 to 8 leaves."""
    leaves = [bytes.fromhex(text) for text in LEAVES]
    assert [frontier(leaves[:size]).root().hex() for size in range(9)] == ROOTS


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_frontier_gives_the_defined_root_and_stays_small(leaves):
    """Appending one by one ends where the recursive definition does, with one hash per 1 bit of the size."""
    tree = frontier(leaves)
    assert tree.root() == defined(leaves)
    assert (tree.size, len(tree.hashes)) == (len(leaves), len(leaves).bit_count())


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_any_other_leaf_gives_another_root(leaves, data):
    """Changing, removing, or swapping leaves changes the root."""
    place = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:place], leaves[place] + b"x", *leaves[place + 1 :]]
    assert frontier(changed).root() != frontier(leaves).root()
    assert frontier(leaves[:place]).root() != frontier(leaves).root()
