"""The answer to a gate: the table of rules against evidence, and the findings that follow from it.

The host owns exactly this much of the judgment: the table must be answered completely, denied means not
passed, and nothing evaluated is never passed. Every condition beyond that is a rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from dpone.canonical import canonical_bytes, sha256_hex
from dpone.record import dataclass, field

FindingState = Literal["denied", "warned", "waived", "undetermined", "shadow", "upcoming"]
"""A `waived` one would be denied, had not somebody answered for it until a day. `shadow` and `upcoming` findings
are shown and never counted: of rules that are only tried out, or that count from a later date."""


class Row(NamedTuple):
    """One answered pair of the table: `rule` looked at `evidence` (empty: at the gate as a whole). There are hundreds
    in a decision, and tuples cost least."""

    rule: str
    evidence: str
    ok: bool


@dataclass(frozen=True)
class Finding:
    """Something a rule has to say. `params` are the rule's own values; the sentences are the host's.

    `key` tells findings of one rule on one item apart; `pointer` (RFC 6901) leads into the item;
    `fingerprint` is the SHA-256 of rule, kind, name and key and stays the same from run to run. `waiver` says
    of a waived one by which waiver (id, owner, approver, until, ticket, reason).
    """

    rule: str
    severity: str
    state: FindingState
    evidence: str
    kind: str
    key: str
    pointer: str
    params: Mapping[str, Any]
    message: str = ""
    remedy: str = ""
    mandatory: bool = False
    concern: str = ""
    waivable: bool = True
    waiver: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Stable id of this finding across runs."""
        return sha256_hex(canonical_bytes([self.rule, self.kind, self.evidence, self.key]))

    def compared(self) -> dict[str, Any]:
        """What replay compares: everything but the sentences, which belong to the version of the text."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "state": self.state,
            "evidence": self.evidence,
            "kind": self.kind,
            "key": self.key,
            "pointer": self.pointer,
            "params": dict(self.params),
            "fingerprint": self.fingerprint,
            **({"waiver": dict(self.waiver)} if self.waiver else {}),
        }

    def public(self) -> dict[str, Any]:
        """The finding as artifacts show it."""
        return {**self.compared(), "message": self.message, "remedy": self.remedy}


@dataclass(frozen=True)
class Result:
    """What the rules say about one canonical input.

    `status` is passed, failed or undecided; `judged` are the names of evidence that at least one rule
    about content cleared; `problem` says in one sentence why nothing could be decided; `values` are what
    rules say beside their answers (a level, a score), by rule; `notes` are what rules say that do not count,
    tried out or yet to come: they are shown and are no part of what is signed by digest and replayed.
    """

    status: Literal["passed", "failed", "undecided"]
    findings: tuple[Finding, ...]
    table: tuple[Row, ...]
    rules: int
    judged: frozenset[str] = frozenset()
    problem: str = ""
    code: str = ""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the gate may be passed."""
        return self.status == "passed"

    @property
    def denied(self) -> tuple[Finding, ...]:
        """The findings that keep the gate shut."""
        return tuple(f for f in self.findings if f.state in ("denied", "undetermined"))

    @property
    def warned(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return tuple(f for f in self.findings if f.state == "warned")

    @property
    def waived(self) -> tuple[Finding, ...]:
        """The findings that would, had not somebody answered for them."""
        return tuple(f for f in self.findings if f.state == "waived")

    def item_passed(self, name: str) -> bool:
        """Whether a piece of evidence stands: a rule about content cleared it and no finding denies it."""
        return (
            self.status != "undecided" and name in self.judged and all(f.evidence != name for f in self.denied)
        )

    def checks(self) -> dict[str, int]:
        """Counts of the table, part of what is signed."""
        return {
            "rules": self.rules,
            "answered": len(self.table),
            "cleared": sum(row.ok for row in self.table),
            "denied": len(self.denied),
            "warned": len(self.warned),
            **({"waived": len(self.waived)} if self.waived else {}),
        }

    def compared(self) -> dict[str, Any]:
        """The canonical form that is signed by digest and that a replay must reproduce."""
        return {
            "schema": "dpone.result/v1",
            "status": self.status,
            "findings": [f.compared() for f in self.findings],
            "table": [[row.rule, row.evidence, row.ok] for row in self.table],
            "checks": self.checks(),
            "values": {rule: dict(params) for rule, params in sorted(self.values.items())},
        }


def undecided(problem: str, code: str, rules: int = 0) -> Result:
    """The result when the rules could not be run: never a pass."""
    return Result("undecided", (), (), rules, problem=problem, code=code)


NOTHING_EVALUATED = Finding(
    "dpone.nothing_evaluated",
    "error",
    "denied",
    "",
    "",
    "",
    "",
    {},
    "no rule about content cleared any evidence: nothing was evaluated",
    "give evidence that a rule can judge; see dpone evidence show PATH",
    mandatory=True,
)
"""The host's own finding when nothing else keeps a gate shut that looked at nothing."""


def in_order(finding: Finding) -> tuple[str, ...]:
    """A place for every finding among others, down to its numbers: the members of a set come in an order of
    the engine's own, and no result may depend on it."""
    numbers = json.dumps(finding.params, sort_keys=True, default=str)
    return (finding.rule, finding.evidence, finding.key, finding.pointer, numbers, finding.severity)


def conclude(
    rows: Iterable[Row],
    findings: Iterable[Finding],
    rules: int,
    judged: frozenset[str],
    values: Mapping[str, Mapping[str, Any]],
) -> Result:
    """The status that follows from a completely answered table."""
    findings = list(findings)
    if not judged and all(f.state not in ("denied", "undetermined") for f in findings):
        findings.append(NOTHING_EVALUATED)
    ordered = tuple(sorted(findings, key=lambda f: (f.state, *in_order(f))))
    undetermined = [f for f in ordered if f.state == "undetermined"]
    status: Literal["passed", "failed", "undecided"] = "passed"
    problem = ""
    if undetermined:
        first = undetermined[0]
        status, problem = "undecided", f"rule {first.rule} gave no answer about {first.evidence or 'the gate'}"
    elif any(f.state == "denied" for f in ordered) or not judged:
        status = "failed"
    table = tuple(sorted(set(rows)))
    code = "undetermined" if undetermined else ""
    return Result(status, ordered, table, rules, judged, problem, code, values=values)
