"""What a command asks the pipeline to decide, and the surroundings it decides in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dpone.config.load import Config
from dpone.evidence.collect import Descriptor, Service
from dpone.evidence.model import Evidence, Subject
from dpone.evidence.seals import Judges
from dpone.record import dataclass, field
from dpone.workspace import Workspace

if TYPE_CHECKING:
    from dpone.decisions.result import Result
    from dpone.signing.keys import Signer
    from dpone.signing.public import PublicKey
    from dpone.signing.trust import Trust


@dataclass(frozen=True)
class Required:
    """Evidence that must be there: its name, the kinds that count (none: any), its oldest age, and whether the
    configuration demands it, not the gate itself."""

    name: str
    kinds: tuple[str, ...] = ()
    max_age_seconds: int = 0
    configured: bool = False

    def item(self) -> dict[str, Any]:
        """The form Rego sees."""
        return {"name": self.name, "kinds": list(self.kinds), "max_age_seconds": self.max_age_seconds}


@dataclass(frozen=True)
class Verdict:
    """What a command's own view of its artifact may use: the result and the evidence behind it."""

    subject: Subject
    decided_at: str
    result: Result
    evidence: tuple[Evidence, ...]
    output_dir: str

    @property
    def passed(self) -> bool:
        """Whether the gate may be passed."""
        return self.result.passed

    def blockers(self) -> list[str]:
        """Names of the evidence that keeps the gate shut; a finding about the gate itself gives its rule."""
        return list(dict.fromkeys(f.evidence or f.rule for f in self.result.denied))

    def red(self, evidence: str) -> dict[str, str]:
        """Keys of the findings that keep one piece of evidence shut, with their remedies."""
        return {f.key: f.remedy for f in self.result.denied if f.evidence == evidence and f.key}

    def noted(self, evidence: str) -> dict[str, str]:
        """Keys of the findings that only warn about one piece of evidence, with their remedies."""
        return {f.key: f.remedy for f in self.result.warned if f.evidence == evidence and f.key}

    def items(self) -> list[dict[str, Any]]:
        """The evidence in the form the old scripts read: name, path, sha256, passed, summary."""
        return [
            {
                "name": e.name,
                "path": e.uri,
                "kind": e.kind,
                "sha256": e.sha256,
                "passed": self.result.item_passed(e.name),
                "summary": e.summary or e.message,
            }
            for e in self.evidence
        ]


View = Callable[[Verdict], Mapping[str, Any]]
"""Makes a command's own top-level fields of its artifact."""

Files = Callable[[Verdict], Mapping[str, bytes]]
"""Makes further files of an artifact, by name."""


def no_files(verdict: Verdict) -> Mapping[str, bytes]:
    """An artifact that is its JSON and Markdown and nothing else."""
    del verdict
    return {}


Lines = Callable[[Verdict], Sequence[str]]
"""Makes further lines of an artifact's Markdown, escaped."""


def no_lines(verdict: Verdict) -> Sequence[str]:
    """An artifact whose Markdown is what every decision has."""
    del verdict
    return ()


@dataclass(frozen=True)
class Beside:
    """A signed thing that is recorded in the ledger before the decision it counts for: the type of the entry,
    its body, and the objects it needs, its envelope among them."""

    type: str
    body: Mapping[str, Any]
    objects: tuple[bytes, ...]


@dataclass(frozen=True)
class GateRequest:
    """One question. `artifact` is the kind of the artifact and, unless `name` says otherwise, the stem of
    its files (`release_gate`); `view` gives its top-level fields; `claimed` is a typed name (`--actor`),
    only a claim; `files` are further files that belong to the artifact, by name; `sections` are Markdown
    lines, and so is what `told` makes of the verdict; `entry` is the type of the ledger entry and `noted`
    what it says beside the decision; `said` are facts about the subject that are signed with the decision,
    for the gates that come later (at `facts.said` of this artifact as evidence); `approvals` are the votes a
    gate counts, as rules see them, and `beside` what is recorded together with the decision; `free` are the
    kinds of decisions about the subject that may be red and left out, None: all of them, for a gate that does
    not answer for the subject as a whole; `alone_since` is the size the ledger had when what this decision continues
    was read: no entry of the same type may have come in between."""

    gate: str
    artifact: str
    subject: Subject
    output_dir: Path
    view: View
    given: tuple[Descriptor, ...] = ()
    services: tuple[Service, ...] = ()
    required: tuple[Required, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    claimed: str = ""
    policies: tuple[str, ...] = ()
    files: Files = no_files
    sections: tuple[str, ...] = ()
    told: Lines = no_lines
    title: str = ""
    name: str = ""
    entry: str = "decision"
    noted: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    approvals: tuple[Mapping[str, Any], ...] = ()
    beside: tuple[Beside, ...] = ()
    free: tuple[str, ...] | None = None
    alone_since: int | None = None

    @property
    def stem(self) -> str:
        """The stem of the files written."""
        return self.name or self.artifact


@dataclass(frozen=True)
class Context:
    """The surroundings of every command: workspace, effective configuration, trust and key.

    `config` already has the profile `strict` as its floor where the environment is protected; `signer`
    is None in CI without a key, and then the decision is an unsealed preview.
    """

    workspace: Workspace
    config: Config
    trust: Trust
    signer: Signer | None
    protected: bool
    loosened_by: str = ""

    @property
    def own(self) -> PublicKey | None:
        """The public half of the key this run signs with, None without one."""
        return self.signer.public if self.signer else None

    @property
    def recorder(self) -> Signer | None:
        """The key that may append to the ledger, or None. Where there is a trust file, that is a key it lists: an
        entry by any other could not be read by anybody else, and neither could the ledger after it."""
        listed = self.trust.state == "absent" or (
            self.own is not None and self.trust.find(self.own) is not None
        )
        return self.signer if listed else None

    def judges(self, environment: str = "", at: datetime | None = None) -> Judges:
        """Whose word counts for an environment (empty: any) at a time, now where none is given."""
        return Judges(self.trust, self.own, at or self.workspace.clock.now(), environment)
