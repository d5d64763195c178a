"""Evidence chain: which artifacts existed at a release, linked release after release in the ledger.

The ledger holds the chain; the files in the chain folder are a view of it and can be written again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from dpone.canonical import JsonProblem, parse_json, pretty_bytes, sha256_hex
from dpone.decisions.record import settled_ledger_of
from dpone.decisions.request import GateRequest, Required, Verdict
from dpone.evidence.collect import Service
from dpone.ledger.interface import Ledger
from dpone.ops.critical import held
from dpone.ops.session import Session
from dpone.record import dataclass, fields, replace
from dpone.workspace import ReadProblem, file_stem, time_text

GATE, ARTIFACT = "evidence-chain", "evidence_chain"
GENESIS = "genesis"
INDEX_NAME = "evidence_chain_index.json"
ENTRY_TYPE = "index"


@dataclass(frozen=True)
class Link:
    """One entry of the chain, with the seed's fields."""

    release: str
    artifact_index_path: str
    artifact_index_hash: str
    previous_chain_hash: str
    chain_hash: str
    created_at: str

    def fields(self) -> dict[str, str]:
        """The link as a JSON object."""
        return dict(vars(self))


def link(release: str, path: str, index_hash: str, previous: str, created_at: str) -> Link:
    """Make a link; its hash covers release, index digest, previous hash and time, each with its length,
    so that no two different links share the text that is hashed."""
    text = "".join(f"{len(part)}:{part}" for part in (release, index_hash, previous, created_at))
    return Link(release, path, index_hash, previous, sha256_hex(text.encode("utf-8")), created_at)


def links(ledger: Ledger | None) -> list[Link]:
    """The chain as the ledger has it, oldest first."""
    if ledger is None:
        return []
    noted = (e.body["noted"] for e in ledger.entries() if e.type == ENTRY_TYPE and e.body.get("passed") is True)
    return [Link(**{name: str(values[name]) for name in (f.name for f in fields(Link))}) for values in noted]


def chain_lock(session: Session) -> AbstractContextManager[None]:
    """Hold the chain while reading its last link and appending the next: one critical section."""
    return held(session, "evidence-chain.lock", "another process holds the evidence chain")


def request(session: Session, index: str, previous_entry: str) -> GateRequest:
    """Ask to append the artifact index of a release to the chain. Call it inside `chain_lock`."""
    ledger = settled_ledger_of(session.context)
    head = ledger.head()
    chain = links(ledger)
    previous = chain[-1].chain_hash if chain else GENESIS
    created = time_text(session.workspace.clock.now())
    data = read_or_none(session, index)
    made = link(session.subject.release, session.workspace.uri(session.workspace.path(index)),
                sha256_hex(data) if data is not None else "", previous, created)  # fmt: skip
    facts = {
        "previous": previous,
        "named_previous": _named_previous(session, previous_entry),
        "named": bool(previous_entry),
        "links": len(chain),
        "release": session.subject.release,
        "index_sha256": made.artifact_index_hash,
    }
    service = Service("chain", "evidence_chain_link", facts, f"link {len(chain) + 1}, after {previous[:12]}")
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, made, session)),
        given=(session.descriptor("artifact_index", index, kind="artifact_index"),),
        services=(service,),
        required=(Required("artifact_index", ("artifact_index",)),),
        files=lambda verdict: {
            INDEX_NAME: pretty_bytes(index_view([*chain, made] if verdict.passed else chain))
        },
        title=f"Evidence chain {session.subject.release}",
        name=stem(session),
        entry=ENTRY_TYPE,
        alone_since=head.size if head else 0,
        noted=made.fields(),
    )


def stem(session: Session) -> str:
    """The stem of the files of a release's entry; empty when no release is named."""
    return f"{file_stem(session.subject.release)}__evidence_chain" if session.subject.release else ""


def view(verdict: Verdict, made: Link, session: Session) -> dict[str, Any]:
    """The seed's fields of a chain entry."""
    stem = file_stem(made.release) if made.release else ""
    folder = session.workspace.uri(session.output_dir)
    return {
        **made.fields(),
        "entry_path": f"{folder}/{stem}__evidence_chain.json",
        "markdown_path": f"{folder}/{stem}__evidence_chain.md",
        "verified": verdict.passed,
    }


def index_view(chain: Sequence[Link]) -> dict[str, Any]:
    """The chain as `evidence_chain_index.json` shows it."""
    return {
        "entries": [made.fields() for made in chain],
        "entry_count": len(chain),
        "latest_chain_hash": chain[-1].chain_hash if chain else GENESIS,
    }


def _named_previous(session: Session, path: str) -> str:
    entry = read_fields(session, session.workspace.path(path)) if path else None
    return str(entry.get("chain_hash", "")) if entry else ""


def read_fields(session: Session, path: Path) -> Mapping[str, Any] | None:
    """The fields of a JSON file: none when it is not there, empty when it is not an object."""
    data = read_or_none(session, str(path))
    if data is None:
        return None
    try:
        root = parse_json(data)
    except JsonProblem:
        return {}
    return root if isinstance(root, dict) else {}


def read_or_none(session: Session, path: str) -> bytes | None:
    """The bytes of a file, or None when it cannot be read."""
    try:
        return session.workspace.read(session.workspace.path(path), session.config.get("limits", "file"))
    except ReadProblem:
        return None
