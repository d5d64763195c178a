"""What the packs have in common: evidence is attached by name, judged by the rules of its kind, and told for people:
what happened when, what is red, and in which order to mend it.

Nothing here decides. The texts come from the findings of this decision and, where an attached artifact of dpone's own
carries a seal that holds, from the findings in it: presentation of what was signed, never a verdict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from dpone.decisions.request import GateRequest, Verdict, View
from dpone.decisions.result import Finding
from dpone.errors import UsageError, one_line
from dpone.evidence.model import Evidence
from dpone.ops.session import Session
from dpone.policy.shipped_rules import mandatory_rules
from dpone.record import dataclass, replace

LISTED = 100
"""How many findings of one attached artifact are told."""
LONGEST = 300
TITLE_LIMIT = 200

_GATE = re.compile(r"[a-z][a-z0-9-]{0,63}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@:/-]{0,127}")
_STAGES = (
    ("required", "present", "named_once"),
    ("well_formed", "recognized", "consistent"),
    ("current", "seal_holds", "not_foreign", "not_from_future"),
    ("sealed", "bound", "dated", "fresh"),
)
"""Rules on all evidence in the order in which mending them makes sense: a file must be there before it can be
read, and be the right one before what it says matters."""
_CONTENT, _INSIDE, _AGAIN = len(_STAGES), len(_STAGES) + 1, len(_STAGES) + 2


@dataclass(frozen=True)
class Action:
    """One thing to mend: the attached item (empty: the pack itself), the rule that is red, what and how.
    `command` takes the decision again, empty where only a person knows."""

    item: str
    rule: str
    message: str
    remedy: str
    command: str
    mandatory: bool
    order: tuple[Any, ...]

    def row(self, number: int) -> dict[str, Any]:
        """The action in an artifact."""
        return {
            "order": number,
            "item": self.item,
            "rule": self.rule,
            "message": self.message,
            "remedy": self.remedy,
            "command": self.command,
            "mandatory": self.mandatory,
        }


def pack(session: Session, artifact: str, artifacts: Sequence[str], view: View) -> GateRequest:
    """The request of a pack: everything declared in dpone.yaml and given as `name=path`."""
    return replace(session.ask(artifact, view), given=session.evidence(artifacts), required=session.required())


def required_names(session: Session) -> list[str]:
    """Names of the evidence that the configuration requires of this pack."""
    return [r.name for r in session.required()]


def title_of(text: str, option: str = "--title") -> str:
    """A text for people from the command line. Raises `UsageError` when it is empty, long or not printable."""
    if not text.strip() or len(text) > TITLE_LIMIT or not text.isprintable():
        raise UsageError(
            f"{option}: {one_line(text)[:80]!r} is not usable", f"write 1 to {TITLE_LIMIT} printable characters"
        )
    return clean(text)


def clean(text: object) -> str:
    """A text as packs show it: one line, no secret, cut where it is very long."""
    from dpone.data.secrets.redact import redact

    told = redact(one_line(str(text)))
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"


def artifact_root(item: Evidence) -> Mapping[str, Any]:
    """The document of one of dpone's own artifacts whose seal holds, for what it shows; empty for all else."""
    whole = item.state == "present" and item.seal.state == "valid" and item.seal.trust != "none"
    if item.producer != "dpone" or not whole:
        return {}
    try:
        root = json.loads(item.data)
    except (ValueError, RecursionError):
        return {}
    return root if isinstance(root, dict) else {}


def timeline(verdict: Verdict) -> list[dict[str, Any]]:
    """What happened when, oldest first: each item by its own date, and this pack. What has no date stands last."""
    rows = [
        {
            "at": e.produced_at,
            "name": e.name,
            "what": clean(e.summary or e.message or e.state),
            "dated": e.dated,
        }
        for e in verdict.evidence
    ]
    rows.append({"at": verdict.decided_at, "name": "", "what": "this pack was made", "dated": "producer"})
    return sorted(rows, key=lambda row: (row["at"] == "", row["at"], row["name"] == "", row["name"]))


def actions(verdict: Verdict, required: Sequence[str] = ()) -> list[Action]:
    """Everything that is red, in the order to mend it: what is mandatory or required first, then by what rests on
    what: the right files, their seals and subjects, their content, the decisions made from them, inner ones
    first."""
    items = {e.name: e for e in verdict.evidence}
    depth = depths(verdict.evidence)
    found = list(_own(verdict, items, depth, required))
    for name, item in items.items():
        if item.reported != "passed":
            found += _inside(item, depth.get(name, 0), {e.sha256 for e in verdict.evidence if e.name != name})
    return sorted(found, key=lambda action: action.order)


def action_rows(verdict: Verdict, required: Sequence[str] = ()) -> list[dict[str, Any]]:
    """`actions` as artifacts show them, numbered from 1."""
    return [action.row(number) for number, action in enumerate(actions(verdict, required), 1)]


def _own(
    verdict: Verdict, items: Mapping[str, Evidence], depth: Mapping[str, int], required: Sequence[str]
) -> Iterator[Action]:
    for finding in verdict.result.denied:
        stage = _stage(finding)
        first = finding.mandatory or (finding.evidence in required and stage < _INSIDE)
        item = items.get(finding.evidence)
        yield Action(
            finding.evidence, finding.rule, clean(finding.message), clean(finding.remedy),
            _command(item) if stage == _AGAIN and item else "", finding.mandatory,
            (not first, stage, depth.get(finding.evidence, 0), finding.evidence, finding.rule, finding.key),
        )  # fmt: skip


def _stage(finding: Finding) -> int:
    package, _, name = finding.rule.rpartition(".")
    if name == "artifact_passed":
        return _AGAIN
    return next((n for n, names in enumerate(_STAGES) if package == "evidence" and name in names), _CONTENT)


def _inside(item: Evidence, depth: int, attached: AbstractSet[str]) -> Iterator[Action]:
    """What is red inside an artifact that did not pass, as its own findings say. That a decision below it did not
    pass is left out where that decision is attached too and says so itself."""
    root = artifact_root(item)
    digests = {str(row.get("name", "")): row.get("sha256") for row in item.facts.get("items", [])}
    findings = root.get("rule_findings", root.get("findings", []))
    rows = [f for f in findings if isinstance(f, dict)] if isinstance(findings, list) else []
    known = mandatory_rules()
    red = [f for f in rows if f.get("state") in ("denied", "undetermined")]
    for finding in red[:LISTED]:
        rule, about = str(finding.get("rule", "")), str(finding.get("evidence", ""))
        if rule == "evidence.artifact_passed" and digests.get(about) in attached:
            continue
        mandatory = rule in known
        yield Action(
            item.name, clean(rule), clean(finding.get("message", "")), clean(finding.get("remedy", "")), "", mandatory,
            (not mandatory, _INSIDE, depth, item.name, rule, about, str(finding.get("key", ""))),
        )  # fmt: skip


def _command(item: Evidence) -> str:
    """The command that takes a decision of dpone's again, about what it was about; its other options are its own."""
    root = artifact_root(item)
    gate, decision = str(item.facts.get("gate", "")), root.get("decision", {})
    if not root or not _GATE.fullmatch(gate) or not isinstance(decision, dict):
        return ""
    subject = decision.get("subject", {})
    words = ["dpone ops", gate]
    for name in ("release", "environment", "commit", "run_id"):
        value = str(subject.get(name, "")) if isinstance(subject, dict) else ""
        if _ID.fullmatch(value):
            words += [f"--{name.replace('_', '-')}", value]
    return " ".join(words)


def depths(evidence: Sequence[Evidence]) -> dict[str, int]:
    """How far an item rests on other attached ones: 0 for one that rests on none. An artifact rests on what its
    items name by digest; a circle, which no honest artifacts form, counts as its length."""
    by_digest: dict[str, list[str]] = {}
    for item in evidence:
        if item.sha256:
            by_digest.setdefault(item.sha256, []).append(item.name)
    rests: dict[str, set[str]] = {item.name: set() for item in evidence}
    for item in evidence:
        rows = item.facts.get("items", []) if item.producer == "dpone" else []
        for row in rows:
            rests[item.name].update(n for n in by_digest.get(str(row.get("sha256", "")), []) if n != item.name)
    found = dict.fromkeys(rests, 0)
    for _ in range(len(rests)):
        after = {n: max((found[m] + 1 for m in below), default=0) for n, below in rests.items()}
        after = {n: min(value, len(rests)) for n, value in after.items()}
        if after == found:
            break
        found = after
    return found
