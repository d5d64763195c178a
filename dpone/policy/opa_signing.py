"""Signing bundles the way OPA checks them: `.signatures.json`. How it is read: `dpone.policy.opa_signature`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dpone.canonical import canonical_bytes
from dpone.errors import UsageError
from dpone.policy.opa_signature import algorithm_of, encoded, hash_of, opa_hash
from dpone.record import dataclass
from dpone.signing.keys import Signer
from dpone.signing.public import fingerprint_text


@dataclass(frozen=True)
class OpaSigner:
    """A private key: its algorithm, the id that readers find it by, and what signs."""

    algorithm: str
    keyid: str
    sign: Callable[[bytes], bytes]


def sign_for_opa(files: Mapping[str, bytes], signer: OpaSigner) -> bytes:
    """`.signatures.json` over these files."""
    listed = [{"name": n, "hash": opa_hash(n, d), "algorithm": "SHA-256"} for n, d in sorted(files.items())]
    head = encoded(canonical_bytes({"alg": signer.algorithm, "kid": signer.keyid, "typ": "JWT"}))
    message = f"{head}.{encoded(canonical_bytes({'files': listed, 'keyid': signer.keyid}))}"
    token = f"{message}.{encoded(signer.sign(message.encode()))}"
    return canonical_bytes({"signatures": [token]}) + b"\n"


def own_opa_signer(signer: Signer) -> OpaSigner:
    """The key of this run."""
    return OpaSigner("EdDSA", signer.public.fingerprint, signer.sign)


def pem_opa_signer(text: bytes, where: str) -> OpaSigner:
    """A private key in PEM without a passphrase. Raises `UsageError` that shows none of it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        key = serialization.load_pem_private_key(text, password=None)
        algorithm = algorithm_of(key.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(
            f"{where} is not a private key that signs bundles",
            "give unencrypted PEM of an RSA, EC (P-256, P-384, P-521) or Ed25519 key, or `own`",
        ) from None
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def sign(message: bytes) -> bytes:
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(key, ec.EllipticCurvePrivateKey):
            r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hash_of(algorithm))))
            size = (key.curve.key_size + 7) // 8
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        assert isinstance(key, Ed25519PrivateKey)
        return key.sign(message)

    return OpaSigner(algorithm, fingerprint_text(spki), sign)
