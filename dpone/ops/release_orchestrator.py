"""Release orchestrator: index, chain, gate, docs pack and runbook in one go, each a decision of its own.

A run that was interrupted goes on where it stopped: a step is not taken again when it passed, no run came to its
end after it, its file is where it was written, and the rules, asked again, say the same of the same evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dpone.canonical import sha256_hex
from dpone.decisions.gather import recall_of
from dpone.decisions.recall import Recall, Recalled
from dpone.decisions.record import settled_ledger_of
from dpone.decisions.rehearse import rehearse
from dpone.decisions.request import GateRequest, Verdict
from dpone.ops import artifact_index, docs_publish_pack, evidence_chain, release_gate, runbook_pack
from dpone.ops.parts import Part, taken
from dpone.ops.session import Session
from dpone.record import asdict, dataclass, replace
from dpone.workspace import MEGABYTE, ReadProblem

GATE, ARTIFACT = "release-orchestrator", "release_orchestration"
STEPS = ("artifact-index", "evidence-chain", "release-gate", "docs-publish-pack", "runbook-pack")
Tell = Callable[[str], None]
"""Is told what happens, step by step."""


@dataclass(frozen=True)
class Order:
    """What is asked of a run: the folders to index, the evidence as `name=path`, and whether the steps after one
    that is red are left out."""

    roots: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    stop: bool = False


def request(session: Session, order: Order, tell: Tell) -> GateRequest:
    """Take the steps in their order and ask whether the release is ready with all of them.

    Raises `UndecidedError` when a step could not be decided: then nothing is said about the release either.
    """
    session.attached(order.artifacts)  # a path that cannot be one is refused before anything is written
    run = _Run(session, order, tell)
    parts = run.steps() if session.subject.release else ()
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, parts)),
        services=tuple(part.service() for part in parts),
        said={"reused": [part.name for part in parts if part.reused]},
        title=f"Release orchestration {session.subject.release}".rstrip(),
    )


class _Run:
    """One run through the steps."""

    def __init__(self, session: Session, order: Order, tell: Tell) -> None:
        self.session, self.order, self.tell = session, order, tell
        settled_ledger_of(session.context)
        self.recall = recall_of(session.context, session.subject.environment)
        ended = self.recall.latest(ARTIFACT, asdict(session.subject))
        self.after = ended.stored.entry.index if ended else -1

    def steps(self) -> tuple[Part, ...]:
        """Take them, each after the one before, until one is red where the run is to stop there."""
        parts: list[Part] = []
        for number, name in enumerate(STEPS, 1):
            if self.order.stop and parts and not parts[-1].passed:
                self.tell(f"{number}/{len(STEPS)} {name}: not run, {parts[-1].name} is {parts[-1].status}")
                continue
            part = self._step(name)
            parts.append(part)
            self.tell(f"{number}/{len(STEPS)} {name}: {part.status}{' (reused)' if part.reused else ''}")
        return tuple(parts)

    def _step(self, name: str) -> Part:
        if name == "evidence-chain":
            return self._chained()
        part = self._request(name)
        return self._proved(name, part) or taken(self.session, name, part)

    def _request(self, name: str) -> GateRequest:
        session = self._at(name)
        gate = self._file("release-gate", "release_gate")
        index = self._file("artifact-index", "artifact_index")
        if name == "artifact-index":
            return artifact_index.request(session, self.order.roots, beside=(self.session.output_dir,))
        if name == "release-gate":
            chain = f"{self._folder('evidence-chain')}/{evidence_chain.stem(session)}.json"
            own = (f"artifact_index={index}", f"evidence_chain={chain}")
            return release_gate.request(session, (*self.order.artifacts, *own))
        attached = (f"artifact_index={index}", f"release_gate={gate}")
        if name == "docs-publish-pack":
            return docs_publish_pack.request(session, attached)
        release = session.subject.release
        return runbook_pack.request(session, release, f"{release} go-live", (*attached, *self.order.artifacts))

    def _chained(self) -> Part:
        """Append to the chain, unless the interrupted run has done it for this very index, by the same rules."""
        session = self._at("evidence-chain")
        index = self._file("artifact-index", "artifact_index")
        with evidence_chain.chain_lock(session):
            request = evidence_chain.request(session, str(index), "")
            recalled = self._earlier(evidence_chain.ARTIFACT)
            if recalled and recalled.stored.entry.body["noted"].get("artifact_index_hash") == self._sha(index):
                found = self._part("evidence-chain", recalled)
                now = rehearse(request, session.context)
                if found and now.result.passed and now.same_rules(recalled):
                    return found
            return taken(session, "evidence-chain", request)

    def _proved(self, name: str, request: GateRequest) -> Part | None:
        """The step as an interrupted run took it, when it would be answered the same now."""
        recalled = self._earlier(request.artifact)
        found = self._part(name, recalled) if recalled else None
        if recalled and found and rehearse(request, self.session.context).confirms(recalled):
            return found
        return None

    def _earlier(self, kind: str) -> Recalled | None:
        """The latest passed decision of that kind about this subject, if no run has ended since."""
        recall: Recall = self.recall
        recalled = recall.latest(kind, asdict(self.session.subject))
        if recalled is None or recalled.stored.entry.index <= self.after or not recalled.signed["passed"]:
            return None
        return recalled

    def _part(self, name: str, recalled: Recalled) -> Part | None:
        """The part that a recorded decision is, when its files and its seal stand where they were written: a
        process that was killed may have written some of them."""
        body, folder = recalled.stored.entry.body, self._folder(name)
        if self.session.workspace.path(str(body["folder"])) != folder:
            return None
        written = recalled.stored.digests("files")
        path, digest = folder / f"{body['stem']}.json", written[f"{body['stem']}.json"]
        written[f"{body['stem']}.dsse.json"] = recalled.stored.id
        if any(self._sha(folder / file) != sha for file, sha in written.items()):
            return None
        checks = recalled.signed["checks"]
        return Part(
            name,
            str(recalled.signed["gate"]),
            str(recalled.signed["kind"]),
            str(recalled.signed["status"]),
            recalled.signed["passed"] is True,
            recalled.stored.id,
            self.session.workspace.uri(path),
            digest,
            (checks["cleared"], checks["denied"], checks["warned"]),
            "taken before the run was interrupted",
            reused=True,
        )

    def _at(self, name: str) -> Session:
        return replace(self.session, gate=name, output_dir=self._folder(name), claimed="")

    def _folder(self, name: str) -> Path:
        return self.session.output_dir / name

    def _file(self, name: str, stem: str) -> Path:
        return self._folder(name) / f"{stem}.json"

    def _sha(self, path: Path) -> str:
        try:
            return sha256_hex(self.session.workspace.read(path, 1000 * MEGABYTE))
        except ReadProblem:
            return ""


def view(verdict: Verdict, parts: Sequence[Part]) -> dict[str, Any]:
    """The fields old scripts read; whether a step passed is what the rules said about it."""
    return {
        "release": verdict.subject.release,
        "blockers": list(dict.fromkeys(f.key or f.evidence or f.rule for f in verdict.result.denied)),
        "output_dir": verdict.output_dir,
        "steps": [
            {
                **part.row(verdict.result.item_passed(part.name)),
                "summary": f"{part.gate} {part.status}",
                "reused": part.reused,
            }
            for part in parts
        ],
    }
