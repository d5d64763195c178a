"""in-toto attestations: a Statement (v1, v0.1) in a DSSE envelope, with SLSA provenance v1 or a
test-result v0.1.

The signature is checked over the bytes before anything in them is used. What a broken envelope says is
not read at all; what an unknown key signed is read as a claim, and its signature is called untrusted.
Specifications: github.com/in-toto/attestation, slsa.dev/spec/v1.0/provenance.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dpone.canonical import JsonProblem, parse_json
from dpone.errors import UsageError
from dpone.evidence.fields import LISTED, Field, names_text, plural
from dpone.evidence.model import Counts, Document, Invalid, Reading, Reported, Subject
from dpone.record import dataclass

if TYPE_CHECKING:
    from dpone.signing.foreign import ForeignEnvelope
    from dpone.signing.public import PublicKey

KIND = "in-toto"
TITLE = "in-toto attestation"
PRODUCER = "attest and sign the build again"

_PAYLOAD_TYPE = "application/vnd.in-toto+json"
_STATEMENTS = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
_PROVENANCE = "https://slsa.dev/provenance/v1"
_TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
_RESULTS: dict[str, Reported] = {"PASSED": "passed", "WARNED": "passed", "FAILED": "failed"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GIT_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def recognize(document: Document) -> bool:
    """Whether this is a DSSE envelope of in-toto's payload type, or a bare Statement."""
    root = document.root
    if document.syntax != "json" or not isinstance(root, dict):
        return False
    if root.get("payloadType") == _PAYLOAD_TYPE:
        return {"payload", "signatures"} <= set(root)
    return root.get("_type") in _STATEMENTS and "predicateType" in root


def read(document: Document, options: Mapping[str, Any]) -> Reading:
    """Check the signature, then the subjects, then the predicate.

    `options["trusted_keys"]` are base64 of raw Ed25519 public keys (or OpenSSH lines);
    `options["artifacts"]` maps the name of a file to the SHA-256 (hex) it has here.
    """
    artifacts = _artifacts(options)
    if "payloadType" not in document.root:
        return _reading("absent", _statement(Field(document.root), artifacts), artifacts)
    from dpone.signing.dsse import BrokenSeal
    from dpone.signing.foreign import open_foreign_envelope

    try:
        envelope = open_foreign_envelope(document.data)
    except BrokenSeal as broken:
        raise Invalid(broken.reason, broken.message) from None
    signature = _signature(envelope, options)
    if signature == "broken":
        return _reading(signature, _Statement(), artifacts)
    try:
        payload = parse_json(envelope.unverified_payload)
    except JsonProblem as problem:
        raise Invalid(problem.reason, f"its payload: {problem}", "/payload") from None
    return _reading(signature, _statement(Field(payload), artifacts), artifacts)


@dataclass(frozen=True)
class _Statement:
    predicate_type: str = ""
    builder: str = ""
    build_type: str = ""
    result: str = ""
    commit: str = ""
    failed: int = 0
    warned: int = 0
    passed: int = 0
    produced_at: datetime | None = None
    subjects: tuple[Mapping[str, str], ...] = ()


def _signature(envelope: ForeignEnvelope, options: Mapping[str, Any]) -> str:
    """`valid`: at least one trusted key signed these bytes, and no signature that names a trusted key
    fails; `broken`: one does; `untrusted`: no trusted key is involved."""
    from dpone.signing.dsse import BrokenSeal

    keys = _keys(options)
    try:
        verified = envelope.verify(keys)
    except BrokenSeal:
        signers: set[bytes] = set()
    else:
        signers = {key.raw for key in verified.signers}
    named = {hint: key.raw for key in keys for hint in _key_ids(key)}
    claimed = {named[each.keyid] for each in envelope.signatures if each.keyid in named}
    if claimed - signers:
        return "broken"
    return "valid" if signers else "untrusted"


def _key_ids(key: PublicKey) -> tuple[str, ...]:
    """The forms in which tools write a key's id: OpenSSH, securesystemslib, SHA-256 of the raw key."""
    described = {"keytype": "ed25519", "keyval": {"public": key.raw.hex()}, "scheme": "ed25519"}
    canonical = json.dumps(described, sort_keys=True, separators=(",", ":")).encode()
    return (key.fingerprint, hashlib.sha256(canonical).hexdigest(), hashlib.sha256(key.raw).hexdigest())


def _keys(options: Mapping[str, Any]) -> list[PublicKey]:
    from dpone.signing.public import PublicKey

    given = Field(dict(options)).get("trusted_keys")
    try:
        return [PublicKey.parse(each.text(), "trusted_keys") for each in given.array()] if given else []
    except UsageError as error:
        raise Invalid("options", error.message) from None


def _artifacts(options: Mapping[str, Any]) -> dict[str, str]:
    given = Field(dict(options)).get("artifacts")
    return {name: digest.text().lower() for name, digest in given.members()} if given else {}


def _statement(root: Field, artifacts: Mapping[str, str]) -> _Statement:
    root.at("_type").choice(_STATEMENTS)
    predicate_type = root.at("predicateType").choice((_PROVENANCE, _TEST_RESULT))
    subjects = tuple(_subject(each, artifacts) for each in root.at("subject").array())
    if predicate_type == _PROVENANCE:
        return _provenance(root.at("predicate"), subjects)
    predicate = root.at("predicate")
    return _Statement(
        predicate_type,
        result=predicate.at("result").choice(_RESULTS),
        passed=_length(predicate, "passedTests"),
        warned=_length(predicate, "warnedTests"),
        failed=_length(predicate, "failedTests"),
        subjects=subjects,
    )


def _provenance(predicate: Field, subjects: tuple[Mapping[str, str], ...]) -> _Statement:
    build, run = predicate.at("buildDefinition"), predicate.at("runDetails")
    metadata = run.get("metadata")
    finished = metadata.get("finishedOn") if metadata else None
    dependencies = build.get("resolvedDependencies")
    commits = {_commit(each) for each in dependencies.array()} - {""} if dependencies else set()
    return _Statement(
        _PROVENANCE,
        builder=run.at("builder").at("id").text()[:300],
        build_type=build.at("buildType").text()[:300],
        commit=commits.pop() if len(commits) == 1 else "",
        produced_at=finished.instant() if finished else None,
        subjects=subjects,
    )


def _commit(dependency: Field) -> str:
    digest = dependency.get("digest")
    commit = digest.get("gitCommit") if digest else None
    text = commit.text() if commit else ""
    return text if _GIT_COMMIT.fullmatch(text) else ""


def _subject(subject: Field, artifacts: Mapping[str, str]) -> Mapping[str, str]:
    named, digest = subject.get("name"), subject.at("digest").get("sha256")
    name, sha256 = named.text() if named else "", digest.text() if digest else ""
    if sha256 and not _SHA256.fullmatch(sha256):
        raise Invalid(
            "wrong_shape", "a subject's sha256 is not 64 lowercase hex digits", f"{subject.pointer}/digest"
        )
    expected = artifacts.get(name)
    matches = "unchecked"
    if expected is not None:
        matches = "matched" if sha256 and sha256 == expected else "mismatch"
    return {"name": name[:200], "sha256": sha256, "matches": matches, "pointer": subject.pointer}


def _length(predicate: Field, key: str) -> int:
    found = predicate.get(key)
    return len(found.array()) if found else 0


def _reading(signature: str, statement: _Statement, artifacts: Mapping[str, str]) -> Reading:
    subjects = statement.subjects
    trusted = signature == "valid"
    mismatched = [each["name"] for each in subjects if each["matches"] == "mismatch"]
    matched = {each["name"] for each in subjects if each["matches"] == "matched"}
    missing = sorted(set(artifacts) - {each["name"] for each in subjects})
    reported: Reported = _RESULTS.get(statement.result, "unknown")
    worst_first = sorted(subjects, key=lambda each: ("mismatch", "matched", "unchecked").index(each["matches"]))
    facts: dict[str, Any] = {
        "signature": signature,
        "predicate_type": statement.predicate_type,
        "builder": statement.builder,
        "build_type": statement.build_type,
        "result": statement.result,
        "failed_tests": statement.failed,
        "warned_tests": statement.warned,
        "passed_tests": statement.passed,
        "subjects_total": len(subjects),
        "compared": len(matched) + len(mismatched),
        "matched": len(matched),
        "mismatched": len(mismatched),
        "mismatched_names": names_text(mismatched),
        "missing": len(missing),
        "missing_names": names_text([name[:200] for name in missing]),
        "subjects": [dict(each) for each in worst_first[:LISTED]],
    }
    return Reading(
        kind=KIND,
        tool="in-toto",
        reported=reported if subjects or signature == "broken" else "empty",
        counts=Counts(statement.passed, statement.failed, not_evaluated=0),
        facts=facts,
        summary=_summary(facts),
        claims=Subject(commit=statement.commit) if trusted else Subject(),
        produced_at=statement.produced_at if trusted else None,
        contradictions=_contradictions(statement),
    )


def _contradictions(statement: _Statement) -> tuple[str, ...]:
    if statement.result == "PASSED" and statement.failed:
        return (f"says PASSED and lists {plural(statement.failed, 'failed test')}",)
    return ()


def _summary(facts: Mapping[str, Any]) -> str:
    what = {_PROVENANCE: "provenance", _TEST_RESULT: f"test result {facts['result']}"}.get(
        facts["predicate_type"], ""
    )
    if facts["signature"] != "valid":
        return f"signature {facts['signature']}" + (f", {what}" if what else "")
    if facts["mismatched"] or facts["missing"]:
        wrong = facts["mismatched_names"] or facts["missing_names"]
        return f"{what}, about another file than {wrong}"
    return (
        f"{what}, signature valid, {facts['matched']} of {plural(facts['subjects_total'], 'subject')} compared"
    )
