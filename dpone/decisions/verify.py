"""Verifying a decision: seal, files, evidence, input, policies, configuration, result and ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from dpone.canonical import sha256_hex
from dpone.decisions.request import Context
from dpone.decisions.stored import Stored
from dpone.errors import UndecidedError
from dpone.evidence.seals import DECISION_PREDICATE, Judges, known_keys
from dpone.ledger.service import verify_ledger
from dpone.policy.layer import layer_digest
from dpone.record import dataclass
from dpone.shipped import shipped
from dpone.signing.dsse import DECISION, BrokenSeal, open_envelope
from dpone.signing.statement import Statement, read_statement
from dpone.workspace import ReadProblem

Holds = Literal["holds", "broken", "unchecked"]
FILE_LIMIT = 1_000_000_000


@dataclass(frozen=True)
class Check:
    """One thing that was checked: `what` it is, whether it holds, and one sentence."""

    what: str
    state: Holds
    message: str


def verify_decision(stored: Stored, context: Context) -> list[Check]:
    """Check everything about one decision; the ledger as a whole is checked too.

    `broken` means that something is false, and the message names it; `unchecked` that it could not be
    looked at (a file that is no longer there and was not kept).
    """
    judges = context.judges(stored.subject.environment)
    checks, statement = _seal(stored, judges)
    if statement is None:
        return checks
    checks += list(_objects(stored, statement))
    checks += list(_shapes(stored, statement))
    checks += list(_files(stored, statement, context))
    checks += list(_evidence(stored, statement, context))
    report = verify_ledger(stored.ledger, known_keys(judges))
    for defect in report.defects:
        checks.append(Check("ledger", "broken", f"{defect.message} ({defect.what})"))
    if report.intact:
        checks.append(
            Check("ledger", "holds", f"entry {stored.entry.index + 1} of {report.size}, chain and checkpoint")
        )
    return checks


def _seal(stored: Stored, judges: Judges) -> tuple[list[Check], Statement | None]:
    try:
        envelope = stored.read(stored.id)
        verified = open_envelope(envelope, DECISION).verify(known_keys(judges))
        statement = read_statement(verified.payload, DECISION_PREDICATE)
    except UndecidedError as gone:
        return [Check("seal", "broken", gone.message)], None
    except BrokenSeal as broken:
        return [Check("seal", "broken", broken.message)], None
    signed = statement.predicate
    standing = judges.trust.standing(
        verified.signers[0], judges.own, judges.at, kind=str(signed.get("kind")), gate=stored.gate,
        environment=stored.subject.environment,
    )  # fmt: skip
    if standing.trust == "none":
        return [Check("seal", "broken", standing.reason)], statement
    checks = [Check("seal", "holds", f"signed by {standing.identity}, trust {standing.trust}")]
    checks += [
        Check("entry", "broken", f"the ledger entry and the signed decision differ in {name}")
        for name in ("gate", "kind", "passed", "status", "input", "config", "result", "subject")
        if signed.get(name) != stored.entry.body.get(name)
    ]
    return checks, statement


def _objects(stored: Stored, statement: Statement) -> Iterator[Check]:
    for name in ("input", "config", "result"):
        yield _object(stored, name, str(statement.predicate.get(name)))
    for layer, digest in stored.digests("layers").items():
        try:
            document = stored.json(digest)
        except UndecidedError as gone:
            yield Check(f"policy {layer}", "broken", gone.message)
            continue
        signed = statement.predicate.get("policies", {}).get(layer)
        if document.get("digest") != signed:
            yield Check(f"policy {layer}", "broken", "the kept policy is not the one that was signed")
        elif digest_kept(document) != signed:
            yield Check(f"policy {layer}", "broken", "the kept modules do not have the digest that was signed")
        else:
            yield Check(f"policy {layer}", "holds", f"{len(document['modules'])} modules as decided")


def _shapes(stored: Stored, statement: Statement) -> Iterator[Check]:
    """Whether what was signed and kept has the documented shape: schemas/*.v1.json (JSON Schema 2020-12)."""
    from jsonschema import Draft202012Validator

    files, stem = stored.digests("files"), stored.entry.body.get("stem", "")
    digests = {"input": stored.digest("input"), "artifact": files.get(f"{stem}.json", "")}
    for name in ("decision", "input", "artifact"):
        try:
            document = stored.json(digests[name]) if name in digests else statement.predicate
        except UndecidedError as gone:
            yield Check(f"shape {name}", "broken", gone.message)
            continue
        schema = json.loads(shipped("schemas", f"{name}.v1.json").read_text("utf-8"))
        wrong = next(iter(Draft202012Validator(schema).iter_errors(document)), None)
        if wrong is None:
            yield Check(f"shape {name}", "holds", f"as schemas/{name}.v1.json says")
        else:
            yield Check(f"shape {name}", "broken", f"{wrong.json_path}: {wrong.message[:120]}")


def _object(stored: Stored, name: str, digest: str) -> Check:
    try:
        data = stored.read(digest)
    except UndecidedError as gone:
        return Check(name, "broken", gone.message)
    return Check(name, "holds", f"{len(data)} bytes, sha256 {digest[:16]}")


def _files(stored: Stored, statement: Statement, context: Context) -> Iterator[Check]:
    folder = context.workspace.path(str(stored.entry.body["folder"]))
    envelope = f"{stored.entry.body['stem']}.dsse.json"
    for name, digest in [*sorted(stored.digests("files").items()), (envelope, stored.id)]:
        if name != envelope and not statement.names(digest):
            yield Check(f"artifact {name}", "broken", "it is not among the files that were signed")
            continue
        try:
            data = context.workspace.read(folder / name, FILE_LIMIT)
        except ReadProblem:
            yield Check(
                f"artifact {name}",
                "unchecked",
                "no longer where it was written; its kept copy is checked above",
            )
            continue
        if sha256_hex(data) == digest:
            yield Check(f"artifact {name}", "holds", "same bytes")
        elif _is_newer(data, stored, name):
            yield Check(f"artifact {name}", "unchecked", "a later decision was written over it")
        else:
            yield Check(f"artifact {name}", "broken", f"{folder.name}/{name} was changed after it was signed")


def _is_newer(data: bytes, stored: Stored, name: str) -> bool:
    """Whether a later recorded decision wrote these very bytes to the same place."""
    digest = sha256_hex(data)
    folder = stored.entry.body["folder"]
    return any(
        later.body.get("folder") == folder
        and digest in (later.body.get("files", {}).get(name), later.body.get("envelope"))
        for later in stored.ledger.entries(stored.entry.index + 1)
    )


def _evidence(stored: Stored, statement: Statement, context: Context) -> Iterator[Check]:
    sources: dict[str, Any] = stored.json(stored.digest("question")).get("sources", {})
    for material in statement.predicate.get("materials", []):
        uri, digest, name = material.get("uri", ""), material.get("sha256", ""), material.get("name", "")
        if not digest or uri in ("inline", "stdin") or uri.startswith("service:"):
            continue
        if uri.startswith("ledger:"):
            yield _object(stored, f"evidence {name}", digest)
            continue
        try:
            data = context.workspace.read(context.workspace.path(uri), FILE_LIMIT)
        except ReadProblem:
            kept = sources.get(uri, {}).get("kept", False)
            message = (
                "no longer there; the kept copy has the digest that was signed" if kept else "no longer there"
            )
            yield Check(f"evidence {name}", "holds" if kept else "unchecked", f"{uri}: {message}")
            continue
        if sha256_hex(data) == digest:
            yield Check(f"evidence {name}", "holds", f"{uri}: same bytes")
        else:
            yield Check(f"evidence {name}", "broken", f"{uri} was changed since the decision")


def digest_kept(document: Mapping[str, Any]) -> str:
    """The digest of a layer as it was kept."""
    return layer_digest(document["modules"], document.get("kinds", {}), document.get("replaces", ""))
