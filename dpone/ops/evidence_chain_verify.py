"""Verifying the evidence chain: every link, the ledger, the view in the folder, and the files it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dpone.canonical import parse_json, sha256_hex
from dpone.decisions.record import open_ledger_of
from dpone.decisions.request import GateRequest, Verdict
from dpone.evidence.collect import Service
from dpone.evidence.seals import known_keys
from dpone.ledger.interface import Ledger
from dpone.ledger.service import verify_ledger
from dpone.ops.evidence_chain import (
    GENESIS,
    INDEX_NAME,
    Link,
    index_view,
    link,
    links,
    read_fields,
    read_or_none,
)
from dpone.ops.session import Session
from dpone.record import replace
from dpone.workspace import file_stem

ARTIFACT = "evidence_chain_verify"


def request(session: Session) -> GateRequest:
    """Ask whether the chain holds: every link, the view of it, and the files it is about."""
    ledger = open_ledger_of(session.context)
    chain = links(ledger)
    broken = _broken(chain)
    shown = _view_problems(session, chain)
    leaves = _leaves(session, chain)
    facts = {
        "links": len(chain),
        "broken": sorted(broken),
        "view_problems": shown,
        "changed": [name for name, state in leaves if state == "changed"][:100],
        "missing": [name for name, state in leaves if state == "missing"][:100],
        "leaves": len(leaves),
        "ledger": _ledger_state(session, ledger),
    }
    service = Service("chain", "evidence_chain_state", facts, f"{len(chain)} links, {len(leaves)} files")
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, len(chain))),
        services=(service,),
        title="Evidence chain verification",
    )


def view(verdict: Verdict, count: int) -> dict[str, Any]:
    """The fields old scripts read."""
    broken = [f.key or f.rule for f in verdict.result.denied]
    return {"verified": verdict.passed, "entry_count": count, "broken_entries": list(dict.fromkeys(broken))}


def _broken(chain: Sequence[Link]) -> list[str]:
    """Releases whose link does not have its own hash, or not the hash before it."""
    broken = []
    previous = GENESIS
    for made in chain:
        again = link(
            made.release, made.artifact_index_path, made.artifact_index_hash, previous, made.created_at
        )
        if again.chain_hash != made.chain_hash or made.previous_chain_hash != previous:
            broken.append(made.release)
        previous = made.chain_hash
    return broken


def _view_problems(session: Session, chain: Sequence[Link]) -> list[str]:
    """What the files of the chain folder say differently from the ledger. Files that are not there say nothing."""
    problems = []
    shown = read_fields(session, session.output_dir / INDEX_NAME)
    if shown is not None and shown != index_view(chain):
        problems.append(INDEX_NAME)
    newest = {made.release: made for made in chain}
    for release, made in sorted(newest.items()):
        name = f"{file_stem(release)}__evidence_chain.json"
        entry = read_fields(session, session.output_dir / name)
        if entry is not None and any(entry.get(k) != v for k, v in made.fields().items()):
            problems.append(name)
    return problems


def _leaves(session: Session, chain: Sequence[Link]) -> list[tuple[str, str]]:
    """The state of the newest artifact index and of every file it lists: same, changed or missing."""
    if not chain:
        return []
    newest = chain[-1]
    data = read_or_none(session, newest.artifact_index_path)
    if data is None:
        return [(newest.artifact_index_path, "missing")]
    if sha256_hex(data) != newest.artifact_index_hash:
        return [(newest.artifact_index_path, "changed")]
    found = [(newest.artifact_index_path, "same")]
    root = parse_json(data)
    for item in root.get("items", []) if isinstance(root, dict) else []:
        uri, digest = str(item.get("path", "")), str(item.get("sha256", ""))
        leaf = read_or_none(session, uri)
        state = "missing" if leaf is None else ("same" if sha256_hex(leaf) == digest else "changed")
        found.append((uri, state))
    return found


def _ledger_state(session: Session, ledger: Ledger) -> str:
    """`intact`, `broken` or `empty`: what verifying the whole ledger says."""
    if ledger.origin() is None:
        return "empty"
    return "intact" if verify_ledger(ledger, known_keys(session.context.judges())).intact else "broken"
