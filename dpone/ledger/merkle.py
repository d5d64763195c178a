"""The Merkle tree over the entries (RFC 6962 section 2.1), kept as its frontier."""

from __future__ import annotations

import hashlib

from dpone.record import dataclass


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry: SHA-256(0x00 || bytes)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """The roots of the perfect subtrees of a tree of `size` leaves, largest first: all that is needed to
    append in O(log n) and to know the root. There is one hash per 1 bit of `size`.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """The frontier with one more leaf, given as its `leaf_hash`."""
        hashes, carry = list(self.hashes), self.size
        while carry & 1:
            leaf = node_hash(hashes.pop(), leaf)
            carry >>= 1
        return Frontier(self.size + 1, (*hashes, leaf))

    def root(self) -> bytes:
        """The Merkle tree hash; of no leaves: SHA-256 of nothing."""
        if not self.hashes:
            return hashlib.sha256().digest()
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root
