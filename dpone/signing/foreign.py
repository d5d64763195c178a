"""Envelopes that other tools wrote: in-toto Statements in DSSE, read for collectors and never written."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from dpone.record import dataclass, field
from dpone.signing.dsse import IN_TOTO, BrokenSeal, Signature, Verified, pae, parse_envelope, signature_items
from dpone.signing.public import SIGNATURE_BYTES, PublicKey


@dataclass(frozen=True)
class ForeignEnvelope:
    """An in-toto envelope of another tool, whatever its white space and key ids.

    Its payload may be read before it is verified, because such a statement is judged by its content
    when no known key signed it; the caller must then call it unsealed.
    """

    signatures: tuple[Signature, ...]
    unverified_payload: bytes = field(repr=False)

    def verify(self, keys: Iterable[PublicKey]) -> Verified:
        """Which of `keys` signed. Key ids of other tools follow no common rule, so every key is tried.

        Raises `BrokenSeal` with reason `unknown_key` when none did.
        """
        message = pae(IN_TOTO, self.unverified_payload)
        signers: list[PublicKey] = []
        unknown: list[str] = []
        known = tuple(keys)
        for signature in self.signatures:
            right = len(signature.sig) == SIGNATURE_BYTES
            signer = next((key for key in known if right and key.verify(signature.sig, message)), None)
            if signer is None:
                unknown.append(signature.keyid)
            elif signer not in signers:
                signers.append(signer)
        if not signers:
            raise BrokenSeal("unknown_key", "signed by no known key")
        return Verified(self.unverified_payload, IN_TOTO, tuple(signers), tuple(unknown))


def open_foreign_envelope(data: bytes) -> ForeignEnvelope:
    """Read a DSSE envelope of type ``application/vnd.in-toto+json``.

    Standard and URL-safe base64 are allowed and `keyid` may be missing, as envelope.md says; other
    keys beside a signature (certificates) are ignored. Raises `BrokenSeal`.
    """
    root = parse_envelope(data)
    if root["payloadType"] != IN_TOTO:
        raise BrokenSeal("wrong_type", f"it holds {str(root['payloadType'])[:80]!r}, not {IN_TOTO!r}")
    signatures = []
    for item in signature_items(root):
        keyid = item.get("keyid") or ""
        if not isinstance(keyid, str):
            raise BrokenSeal("wrong_shape", "a keyid is not text")
        signatures.append(Signature(keyid, _either_base64(item.get("sig"), "a signature")))
    return ForeignEnvelope(tuple(signatures), _either_base64(root["payload"], "its payload"))


def _either_base64(text: object, what: str) -> bytes:
    if isinstance(text, str):
        try:
            return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            pass
    raise BrokenSeal("wrong_shape", f"{what} is not base64")
