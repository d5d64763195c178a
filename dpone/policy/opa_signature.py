"""OPA's signatures of bundles: `.signatures.json`, a JWT over the hash of every file, read and checked.

Form: OPA's documentation of bundle signing; RFC 7515 (compact JWS), RFC 7518 (algorithms), RFC 8037 (EdDSA).
Secrets shared by both sides (HS256 and the like) and `none` prove nothing about who signed, and are refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from dpone.canonical import JsonProblem, parse_json, sha256_hex
from dpone.errors import UsageError
from dpone.record import dataclass
from dpone.signing.dsse import BrokenSeal
from dpone.signing.public import PublicKey, fingerprint_text

ALGORITHMS = (
    "EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
)  # fmt: skip
STRUCTURED = (".manifest", "data.json")
"""Files whose content counts and not how it is written: OPA hashes their JSON with sorted keys."""
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True)
class OpaKey:
    """A public key that OPA's signatures may be checked with; `public` is one of `cryptography`'s."""

    name: str
    public: Any


@dataclass(frozen=True)
class OpaSignature:
    """What `.signatures.json` says, not yet checked. `files` are name and SHA-256, as OPA hashes them."""

    algorithm: str
    keyid: str
    message: bytes
    signature: bytes
    files: Mapping[str, str]

    def signed_by(self, keys: Iterable[OpaKey]) -> OpaKey | None:
        """Which of `keys` signed; None when none of them did."""
        return next((key for key in keys if _holds(self, key.public)), None)


def read_opa_signature(data: bytes) -> OpaSignature:
    """Read a signature file. Raises `BrokenSeal` for one that can prove nothing."""
    root = _object(data, "it")
    tokens = root.get("signatures")
    if not isinstance(tokens, list) or len(tokens) != 1 or not isinstance(tokens[0], str):
        raise BrokenSeal("wrong_shape", "it does not hold exactly one signature")
    parts = tokens[0].split(".")
    if len(parts) != 3:
        raise BrokenSeal("wrong_shape", "its signature is not a compact JWS")
    head, payload = _object(_decoded(parts[0]), "its header"), _object(_decoded(parts[1]), "its payload")
    algorithm = head.get("alg")
    if algorithm not in ALGORITHMS:
        raise BrokenSeal(
            "wrong_type", f"it uses the algorithm {str(algorithm)[:20]!r}, which does not say who signed"
        )
    if "crit" in head:
        raise BrokenSeal("wrong_shape", "its header demands an extension")
    listed = payload.get("files")
    if not isinstance(listed, list) or not listed:
        raise BrokenSeal("wrong_shape", "it lists no files")
    files: dict[str, str] = {}
    for item in listed:
        if not isinstance(item, dict) or not all(
            isinstance(item.get(k), str) for k in ("name", "hash", "algorithm")
        ):
            raise BrokenSeal("wrong_shape", "a file in it has no name, hash and algorithm")
        if item["algorithm"].upper() != "SHA-256":
            raise BrokenSeal(
                "wrong_type", f"it hashes {item['name'][:60]} with {item['algorithm'][:20]}, not SHA-256"
            )
        if item["name"].lstrip("/") in files:
            raise BrokenSeal("wrong_shape", f"it lists {item['name'][:60]} twice")
        files[item["name"].lstrip("/")] = item["hash"].lower()
    keyid = str(head.get("kid") or payload.get("keyid") or "")
    message = f"{parts[0]}.{parts[1]}".encode()
    return OpaSignature(algorithm, keyid, message, _decoded(parts[2]), files)


def opa_hash(name: str, data: bytes) -> str:
    """The SHA-256 that OPA gives a file of a bundle: over its bytes, and for structured files over their JSON with
    sorted keys and numbers as they are written. Raises `BrokenSeal` for structured files that are no JSON."""
    if name not in STRUCTURED:
        return sha256_hex(data)
    try:
        root = json.loads(data, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        raise BrokenSeal("not_json", f"{name} is not JSON") from None
    return sha256_hex(_walked(root).encode("utf-8"))


def verification_key(text: bytes, where: str) -> OpaKey:
    """A public key in PEM. Raises `UsageError`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        public = serialization.load_pem_public_key(text)
        algorithm_of(public)
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(
            f"{where} is not a public key that signs bundles",
            "give PEM of an RSA, EC (P-256, P-384, P-521) or Ed25519 public key",
        ) from None
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return OpaKey(fingerprint_text(spki), public)


def known_opa_key(public: PublicKey) -> OpaKey:
    """A key of the trust file, to check OPA's signatures with."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return OpaKey(public.fingerprint, Ed25519PublicKey.from_public_bytes(public.raw))


def algorithm_of(public: object) -> str:
    """The algorithm a key signs with by default; `ValueError` for keys of other types."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= 2048:
        return "RS256"
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in _CURVES:
        return _CURVES[public.curve.name]
    if isinstance(public, Ed25519PublicKey):
        return "EdDSA"
    raise ValueError("another type of key")


def _holds(found: OpaSignature, public: Any) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

    algorithm, own = found.algorithm, algorithm_of(public)
    try:
        if algorithm == "EdDSA" == own:
            public.verify(found.signature, found.message)
        elif algorithm[:2] in ("RS", "PS") and own == "RS256":
            chosen = hash_of(algorithm)
            pss = padding.PSS(padding.MGF1(chosen), padding.PSS.DIGEST_LENGTH)
            pad = pss if algorithm.startswith("PS") else padding.PKCS1v15()
            public.verify(found.signature, found.message, pad, chosen)
        elif algorithm == own and algorithm.startswith("ES"):
            size = (public.curve.key_size + 7) // 8
            if len(found.signature) != 2 * size:
                return False
            r, s = (int.from_bytes(half, "big") for half in (found.signature[:size], found.signature[size:]))
            public.verify(utils.encode_dss_signature(r, s), found.message, ec.ECDSA(hash_of(algorithm)))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def hash_of(algorithm: str) -> Any:
    """The hash function inside an algorithm, as `cryptography` has it."""
    from cryptography.hazmat.primitives import hashes

    known: dict[str, Any] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
    return known[algorithm[2:]]


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def _walked(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_walked(k)}:{_walked(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_walked(item) for item in value) + "]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        root = parse_json(data, max_depth=10)
    except JsonProblem as problem:
        raise BrokenSeal("not_json", f"{what} is not JSON: {problem}") from None
    if not isinstance(root, dict):
        raise BrokenSeal("wrong_shape", f"{what} is not an object")
    return root


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(
            text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        raise BrokenSeal("wrong_shape", "a part of its signature is not base64url") from None
    if encoded(data) != text:
        raise BrokenSeal("wrong_shape", "a part of its signature is not base64url")
    return data


def encoded(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
