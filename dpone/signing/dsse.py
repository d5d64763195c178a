"""DSSE v1 envelopes (github.com/secure-systems-lab/dsse, protocol.md and envelope.md).

What an envelope holds can only be reached through `Envelope.verify`: bytes are checked before anything
parses them. Our own envelopes have exactly one form (RFC 8785 bytes), so that each changed byte shows.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from dpone.canonical import JsonProblem, parse_json
from dpone.errors import UndecidedError
from dpone.record import dataclass, field
from dpone.signing.keys import Signer
from dpone.signing.public import SIGNATURE_BYTES, PublicKey, decode_base64

DECISION = "application/vnd.dpone.decision.v1+json"
EVIDENCE_SEAL = "application/vnd.dpone.evidence-seal.v1+json"
WAIVER = "application/vnd.dpone.waiver.v1+json"
APPROVAL = "application/vnd.dpone.approval.v1+json"
POLICY_BUNDLE = "application/vnd.dpone.policy-bundle.v1+json"
IN_TOTO = "application/vnd.in-toto+json"
"""Other tools' statements (in-toto envelope.md): read, never written."""

PAYLOAD_TYPES = (DECISION, EVIDENCE_SEAL, WAIVER, APPROVAL, POLICY_BUNDLE)
"""One per signed thing, so that none can ever stand in another's place."""

MAX_ENVELOPE_BYTES = 10_000_000
MAX_SIGNATURES = 8


class BrokenSeal(Exception):
    """An envelope that proves nothing. `reason` is a stable code: `too_large`, `not_json`, `wrong_shape`,
    `not_canonical`, `wrong_type`, `unknown_key`, `bad_signature`; the message is one sentence.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


@dataclass(frozen=True)
class Verified:
    """What an envelope says, and who vouches for it: `signers` are at least one of the keys that were
    asked for, in the envelope's order; `unknown` are the key ids of signatures by other keys.
    """

    payload: bytes
    payload_type: str
    signers: tuple[PublicKey, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signature:
    """One signature of an envelope; `keyid` is a hint (ours: the key's fingerprint), never a proof."""

    keyid: str
    sig: bytes


@dataclass(frozen=True)
class Envelope:
    """An envelope of the right shape, not yet checked. `data` are its bytes as they were read."""

    payload_type: str
    signatures: tuple[Signature, ...]
    data: bytes = field(repr=False)
    _payload: bytes = field(repr=False)

    def verify(self, keys: Iterable[PublicKey]) -> Verified:
        """Check the signatures against `keys` and hand out the payload.

        At least one of `keys` must have signed; a signature whose key id names one of them and that
        does not verify breaks the seal, whatever the others say. Raises `BrokenSeal` with reason
        `unknown_key` or `bad_signature`.
        """
        by_id = {key.fingerprint: key for key in keys}
        message = pae(self.payload_type, self._payload)
        signers: list[PublicKey] = []
        unknown: list[str] = []
        for signature in self.signatures:
            key = by_id.get(signature.keyid)
            if key is None:
                unknown.append(signature.keyid)
            elif key.verify(signature.sig, message):
                signers.append(key)
            else:
                raise BrokenSeal("bad_signature", f"the signature by {key.fingerprint} is not over these bytes")
        if not signers:
            raise BrokenSeal("unknown_key", f"signed by no known key, only by {', '.join(unknown)[:200]}")
        return Verified(self._payload, self.payload_type, tuple(signers), tuple(unknown))


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed (Pre-Authentication Encoding, protocol.md)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, payload_type: str, signer: Signer) -> bytes:
    """Sign `payload` and return the envelope's bytes; its SHA-256 may serve as an id.

    `payload_type` is one of `PAYLOAD_TYPES`. Raises `UndecidedError` when the signer fails, gives a
    signature that does not verify, or the envelope would be larger than readers accept.
    """
    if payload_type not in PAYLOAD_TYPES:
        raise ValueError(f"{payload_type} is not a type of thing dpone signs")
    message = pae(payload_type, payload)
    signature = signer.sign(message)
    if not signer.public.verify(signature, message):
        raise UndecidedError(
            f"the signature made by {signer.source} does not verify",
            "check signing.key",
            code="signing.bad_signer",
        )
    data = _render(payload, payload_type, [Signature(signer.public.fingerprint, signature)])
    if len(data) > MAX_ENVELOPE_BYTES:
        raise UndecidedError(
            f"what was to be signed has {len(payload)} bytes, too many for an envelope of {MAX_ENVELOPE_BYTES}",
            "sign a digest of it instead",
            code="signing.too_large",
        )
    return data


def countersign(envelope: Envelope, payload: bytes, signer: Signer) -> bytes:
    """The envelope with one more signature over the same payload, which its reader has verified.

    Raises `BrokenSeal` when that key has signed already or there are too many signatures, `UndecidedError` when
    the signer fails.
    """
    if any(signature.keyid == signer.public.fingerprint for signature in envelope.signatures):
        raise BrokenSeal("signed_already", f"{signer.public.fingerprint} has signed it already")
    if len(envelope.signatures) >= MAX_SIGNATURES:
        raise BrokenSeal("wrong_shape", f"it has {MAX_SIGNATURES} signatures, as many as there may be")
    added = open_envelope(seal(payload, envelope.payload_type, signer), envelope.payload_type).signatures
    return _render(payload, envelope.payload_type, [*envelope.signatures, *added])


def open_envelope(data: bytes, payload_type: str) -> Envelope:
    """Read one of our own envelopes, exactly of type `payload_type`; check it with `Envelope.verify`.

    Strict: canonical JSON, exactly the keys of the specification, canonical standard base64, 1 to 8
    signatures of 64 bytes by different keys. Raises `BrokenSeal`.
    """
    root = parse_envelope(data)
    found = root["payloadType"]
    if found != payload_type:
        raise BrokenSeal("wrong_type", f"it holds {str(found)[:80]!r}, not {payload_type!r}")
    payload = decode_base64(root["payload"]) if isinstance(root["payload"], str) else None
    if payload is None:
        raise BrokenSeal("wrong_shape", "its payload is not canonical base64")
    signatures = []
    for item in signature_items(root):
        if set(item) != {"keyid", "sig"} or not all(isinstance(value, str) for value in item.values()):
            raise BrokenSeal("wrong_shape", "a signature has other keys than keyid and sig")
        sig = decode_base64(item["sig"])
        if sig is None or len(sig) != SIGNATURE_BYTES:
            raise BrokenSeal("wrong_shape", "a signature is not base64 of 64 bytes")
        signatures.append(Signature(item["keyid"], sig))
    if len({signature.keyid for signature in signatures}) != len(signatures):
        raise BrokenSeal("wrong_shape", "two of its signatures name the same key")
    if _render(payload, payload_type, signatures) != data:
        raise BrokenSeal("not_canonical", "it was rewritten: these are not the bytes that dpone writes")
    return Envelope(payload_type, tuple(signatures), data, payload)


def parse_envelope(data: bytes) -> dict[str, Any]:
    """The envelope as JSON with exactly the keys of envelope.md; raises `BrokenSeal`."""
    if len(data) > MAX_ENVELOPE_BYTES:
        raise BrokenSeal("too_large", f"it has {len(data)} bytes, the limit is {MAX_ENVELOPE_BYTES}")
    try:
        root = parse_json(data, max_depth=4)
    except JsonProblem as problem:
        raise BrokenSeal("not_json", f"it is not JSON: {problem}") from None
    if not isinstance(root, dict) or set(root) != {"payload", "payloadType", "signatures"}:
        raise BrokenSeal("wrong_shape", "it is not an object of payload, payloadType and signatures")
    return root


def signature_items(root: dict[str, Any]) -> list[dict[str, Any]]:
    """The 1 to 8 signature objects of a parsed envelope; raises `BrokenSeal`."""
    items = root["signatures"]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BrokenSeal("wrong_shape", "its signatures are not a list of objects")
    if not 1 <= len(items) <= MAX_SIGNATURES:
        raise BrokenSeal("wrong_shape", f"it has {len(items)} signatures, not 1 to {MAX_SIGNATURES}")
    return items


def _render(payload: bytes, payload_type: str, signatures: list[Signature]) -> bytes:
    # Everything in it is ASCII text, for which sorted compact JSON is RFC 8785.
    root = {
        "payload": base64.b64encode(payload).decode("ascii"),
        "payloadType": payload_type,
        "signatures": [
            {"keyid": signature.keyid, "sig": base64.b64encode(signature.sig).decode("ascii")}
            for signature in signatures
        ],
    }
    return json.dumps(root, sort_keys=True, separators=(",", ":")).encode("ascii")
