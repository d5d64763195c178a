"""The bare minimum of checking a ledger: python benchmarks/verify_signatures.py COUNT Ed25519 signatures."""

from __future__ import annotations

import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if __name__ == "__main__":
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    message = bytes(500)
    signature = private.sign(message)
    for _ in range(int(sys.argv[1])):
        public.verify(signature, message)
