"""Who vouches for a layer: signatures over its list of files, by dpone (DSSE) and by OPA (JWT).

A signature counts when a key made it that the trust file lets sign the kind `policy_bundle`, and when it lists
exactly the files that count in the layer, each with its SHA-256. One that does not hold makes the layer broken,
whatever the others say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dpone.evidence.seals import Judges, known_keys, verified_envelope
from dpone.policy.files import OPA_SEAL, SEAL
from dpone.policy.layer import Layer, Vouched
from dpone.policy.manifest import FILE as MANIFEST
from dpone.policy.opa_signature import OpaKey, known_opa_key, opa_hash, read_opa_signature
from dpone.record import dataclass
from dpone.signing.dsse import POLICY_BUNDLE, BrokenSeal, seal
from dpone.signing.keys import Signer
from dpone.signing.public import PublicKey
from dpone.signing.statement import StatementSubject, read_statement, statement_bytes
from dpone.workspace import read_time, time_text

KIND = "policy_bundle"
"""What a key must be granted to vouch for layers."""
BUNDLE_PREDICATE = "urn:dpone:policy-bundle:v1"


@dataclass(frozen=True)
class Signed:
    """What is signed: a layer or a whole bundle by name, its digest, its files with their SHA-256, the text of its
    manifest, and the paths of other files that lie beside them and count for nothing."""

    name: str
    digest: str
    files: Mapping[str, str]
    manifest: str = ""
    data: bytes = b""
    others: tuple[str, ...] = ()


def sign_bundle(what: Signed, at: datetime, signer: Signer) -> bytes:
    """A DSSE envelope over the list of files."""
    subjects = [StatementSubject(inside, digest) for inside, digest in what.files.items()]
    predicate = {"name": what.name, "digest": what.digest, "signed_at": time_text(at)}
    return seal(statement_bytes(subjects, BUNDLE_PREDICATE, predicate), POLICY_BUNDLE, signer)


def signed_layer(layer: Layer) -> Signed:
    """What a signature of a layer has to say."""
    return Signed(layer.name, layer.source_digest, layer.files, layer.manifest, others=layer.others)


def vouch(layer: Layer, judges: Judges) -> Vouched:
    """Who vouches for a layer, at the time and in the environment of `judges`."""
    pins = {pin.name: pin.digest for pin in judges.trust.layers}
    found = judge_signatures(signed_layer(layer), layer.signatures, judges)
    return Vouched(
        found.state, found.signer, found.trust, pins.get(layer.name) == layer.source_digest, found.note
    )


def judge_signatures(
    what: Signed, signatures: Mapping[str, bytes], judges: Judges, extra: Sequence[OpaKey] = ()
) -> Vouched:
    """What all signatures together are worth; `extra` are keys that OPA's may be made with beside those of the
    trust file. A signature by such a key holds, and gives no trust."""
    best, notes = Vouched(), []
    for name, data in sorted(signatures.items()):
        try:
            judge = _dsse if name.endswith(SEAL) else _opa
            found = judge(what, data, judges, extra)
        except BrokenSeal as broken:
            return Vouched("broken", note=f"{name}: {broken.message}")
        if found.note:
            notes.append(f"{name}: {found.note}")
        best = max(best, found, key=_worth)
    return Vouched(best.state, best.signer, best.trust, note="; ".join(notes))


def _worth(found: Vouched) -> tuple[bool, int]:
    order = ("none", "local", "workspace", "anchored")
    return found.state == "signed", order.index(found.trust)


def _dsse(what: Signed, data: bytes, judges: Judges, _: Sequence[OpaKey]) -> Vouched:
    verified = verified_envelope(data, POLICY_BUNDLE, judges)
    statement = read_statement(verified.payload, BUNDLE_PREDICATE)
    said = statement.predicate
    if set(said) != {"name", "digest", "signed_at"} or read_time(str(said["signed_at"])) is None:
        raise BrokenSeal("wrong_shape", "it does not say what was signed, and when")
    if said["name"] != what.name:
        raise BrokenSeal("other_name", f"it signs {str(said['name'])[:60]!r}, this is {what.name!r}")
    _same_files(what.files, {subject.name: subject.sha256 for subject in statement.subjects}, ())
    if said["digest"] != what.digest:
        raise BrokenSeal("other_bytes", "it says another digest")
    return _standing(verified.signers[0], judges)


def _opa(what: Signed, data: bytes, judges: Judges, extra: Sequence[OpaKey]) -> Vouched:
    found = read_opa_signature(data)
    own = known_keys(judges)
    expected = dict(what.files)
    for name, text in ((MANIFEST, what.manifest.encode()), ("data.json", what.data)):
        if name in expected:
            expected[name] = opa_hash(name, text)
    _same_files(expected, found.files, (*what.others, SEAL, OPA_SEAL))
    signer = found.signed_by([*map(known_opa_key, own), *extra])
    if signer is None:
        key = f"the key {found.keyid[:80]}" if found.keyid else "a key"
        if any(found.keyid == public.fingerprint for public in own):
            raise BrokenSeal("bad_signature", f"the signature by {found.keyid} is not over these bytes")
        return Vouched(note=f"signed for OPA ({found.algorithm}) by {key} that nobody here vouches for")
    public = next((key for key in own if key.fingerprint == signer.name), None)
    if public is not None:
        return _standing(public, judges)
    return Vouched("signed", signer.name, "none", note="by the key that was given")


def _standing(public: PublicKey, judges: Judges) -> Vouched:
    standing = judges.trust.standing(public, judges.own, judges.at, kind=KIND, environment=judges.environment)
    if standing.trust == "none":
        raise BrokenSeal("not_granted", standing.reason)
    return Vouched("signed", standing.identity, standing.trust)


def _same_files(have: Mapping[str, str], signed: Mapping[str, str], others: Sequence[str]) -> None:
    for inside in sorted(have.keys() | signed.keys()):
        if inside not in signed:
            raise BrokenSeal("other_files", f"{inside[:100]} was not there when it was signed")
        if inside not in have and inside not in others:
            raise BrokenSeal("other_files", f"{inside[:100]} was signed and is not there")
        if inside in have and have[inside] != signed[inside]:
            raise BrokenSeal("other_bytes", f"{inside[:100]} was changed after it was signed")
