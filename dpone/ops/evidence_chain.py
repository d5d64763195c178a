"""Evidence chain: which artifacts existed at a release, linked release after release in the ledger.

The ledger holds the chain; the files in the chain folder are a view of it and can be written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dpone.canonical import JsonProblem, parse_json, pretty_bytes, sha256_hex
from dpone.decisions.record import open_ledger_of
from dpone.decisions.request import GateRequest, Required, Verdict
from dpone.errors import UndecidedError
from dpone.evidence.collect import Service
from dpone.ledger.interface import Ledger
from dpone.locks import exclusive
from dpone.ops.session import Session
from dpone.record import dataclass, fields
from dpone.workspace import STATE_FOLDER, ReadProblem, file_stem, time_text

GATE, ARTIFACT = "evidence-chain", "evidence_chain"
VERIFY, VERIFY_ARTIFACT = "evidence-chain-verify", "evidence_chain_verify"
GENESIS = "genesis"
INDEX_NAME = "evidence_chain_index.json"
ENTRY_TYPE = "index"
LOCK_SECONDS = 60


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


@contextmanager
def chain_lock(session: Session) -> Iterator[None]:
    """Hold the chain while reading its last link and appending the next: one critical section."""
    folder = session.workspace.root / STATE_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with exclusive(folder / "evidence-chain.lock", LOCK_SECONDS):
            yield
    except TimeoutError:
        raise UndecidedError(
            "another process holds the evidence chain", "wait for it, then run again"
        ) from None


def request(session: Session, index: str, previous_entry: str) -> GateRequest:
    """Ask to append the artifact index of a release to the chain. Call it inside `chain_lock`."""
    ledger = open_ledger_of(session.context)
    chain = links(ledger)
    previous = chain[-1].chain_hash if chain else GENESIS
    created = time_text(session.workspace.clock.now())
    data = _read(session, index)
    made = link(session.subject.release, session.workspace.uri(session.workspace.path(index)),
                sha256_hex(data) if data is not None else "", previous, created)  # fmt: skip
    facts = {
        "previous": previous,
        "named_previous": _named_previous(session, previous_entry),
        "named": bool(previous_entry),
        "links": len(chain),
        "release": session.subject.release,
    }
    service = Service("chain", "evidence_chain_link", facts, f"link {len(chain) + 1}, after {previous[:12]}")
    return GateRequest(
        GATE,
        ARTIFACT,
        session.subject,
        session.output_dir,
        lambda verdict: view(verdict, made, session),
        given=(session.descriptor("artifact_index", index, kind="artifact_index"),),
        services=(service,),
        required=(Required("artifact_index", ("artifact_index",)),),
        claimed=session.claimed,
        policies=session.policies,
        files=lambda verdict: {
            INDEX_NAME: pretty_bytes(index_view([*chain, made] if verdict.passed else chain))
        },
        title=f"Evidence chain {session.subject.release}",
        name=f"{file_stem(session.subject.release)}__evidence_chain" if session.subject.release else "",
        entry=ENTRY_TYPE,
        noted=made.fields(),
    )


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


def verify_request(session: Session) -> GateRequest:
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
    return GateRequest(
        VERIFY,
        VERIFY_ARTIFACT,
        session.subject,
        session.output_dir,
        lambda verdict: _verify_view(verdict, len(chain)),
        services=(service,),
        claimed=session.claimed,
        policies=session.policies,
        title="Evidence chain verification",
    )


def _verify_view(verdict: Verdict, count: int) -> dict[str, Any]:
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
    shown = _json(session, session.output_dir / INDEX_NAME)
    if shown is not None and shown != index_view(chain):
        problems.append(INDEX_NAME)
    newest = {made.release: made for made in chain}
    for release, made in sorted(newest.items()):
        name = f"{file_stem(release)}__evidence_chain.json"
        entry = _json(session, session.output_dir / name)
        if entry is not None and any(entry.get(k) != v for k, v in made.fields().items()):
            problems.append(name)
    return problems


def _leaves(session: Session, chain: Sequence[Link]) -> list[tuple[str, str]]:
    """The state of the newest artifact index and of every file it lists: same, changed or missing."""
    if not chain:
        return []
    newest = chain[-1]
    data = _read(session, newest.artifact_index_path)
    if data is None:
        return [(newest.artifact_index_path, "missing")]
    if sha256_hex(data) != newest.artifact_index_hash:
        return [(newest.artifact_index_path, "changed")]
    found = [(newest.artifact_index_path, "same")]
    root = parse_json(data)
    for item in root.get("items", []) if isinstance(root, dict) else []:
        uri, digest = str(item.get("path", "")), str(item.get("sha256", ""))
        leaf = _read(session, uri)
        state = "missing" if leaf is None else ("same" if sha256_hex(leaf) == digest else "changed")
        found.append((uri, state))
    return found


def _ledger_state(session: Session, ledger: Ledger | None) -> str:
    """`intact`, `broken` or `none`: what verifying the whole ledger says."""
    if ledger is None:
        return "none"
    from dpone.evidence.seals import Judges, known_keys

    context = session.context
    own = context.signer.public if context.signer else None
    judges = Judges(context.trust, own, context.workspace.clock.now())
    return "intact" if ledger.verify(known_keys(judges)).intact else "broken"


def _named_previous(session: Session, path: str) -> str:
    entry = _json(session, session.workspace.path(path)) if path else None
    return str(entry.get("chain_hash", "")) if entry else ""


def _json(session: Session, path: Path) -> Mapping[str, Any] | None:
    data = _read(session, str(path))
    if data is None:
        return None
    try:
        root = parse_json(data)
    except JsonProblem:
        return {}
    return root if isinstance(root, dict) else {}


def _read(session: Session, path: str) -> bytes | None:
    try:
        return session.workspace.read(session.workspace.path(path), session.config.get("limits", "file"))
    except ReadProblem:
        return None
