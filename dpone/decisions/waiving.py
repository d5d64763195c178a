"""Waivers applied to findings: the one place where a finding stops counting because somebody answers for it.

Which waivers are good is what the rules on waivers said; here they only meet the findings they speak of.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from dpone.decisions.result import Finding
from dpone.record import dataclass, replace

SHOWN = ("id", "owner", "approver", "not_after", "ticket", "reason")
"""What a waived finding says of its waiver."""


@dataclass(frozen=True)
class Opinions:
    """What the rules said of the waivers: the ids that a built-in rule cleared, and those refused, each with the
    severity of findings it is refused for (empty: for any)."""

    cleared: frozenset[str] = frozenset()
    refused: frozenset[tuple[str, str]] = frozenset()

    def good(self, waiver: str, severity: str) -> bool:
        """Whether a waiver counts for findings of that severity: looked at, and refused by nobody."""
        return waiver in self.cleared and not self.refused & {(waiver, ""), (waiver, severity)}

    def refused_for_all(self, waiver: str) -> bool:
        """Whether it counts for nothing."""
        return (waiver, "") in self.refused or waiver not in self.cleared


def waive(
    findings: Iterable[Finding],
    document: Mapping[str, Any],
    opinions: Opinions,
    known: Collection[str],
) -> list[Finding]:
    """The findings with those waived that a good waiver speaks of, and a warning for each waiver that speaks of
    none. What is mandatory, cannot be waived or was not determined stays as it is. `known` are the ids of the
    rules that were asked: a waiver of a built-in rule of another gate is not unused here.
    """
    waivers = sorted(document["waivers"], key=lambda w: (w["not_after"], w["id"]), reverse=True)
    digests = (
        {item["name"]: item["source"].get("sha256", "") for item in document["evidence"]} if waivers else {}
    )
    used: set[str] = set()
    told: list[Finding] = []
    for finding in findings:
        fitting = [w for w in waivers if _speaks_of(w, finding, digests)]
        used.update(w["id"] for w in fitting)
        good = [w for w in fitting if opinions.good(w["id"], finding.severity)]
        waivable = finding.state == "denied" and finding.waivable and not finding.mandatory
        told.append(_waived(finding, good[0]) if good and waivable else finding)
    idle = [w for w in waivers if w["id"] not in used and not opinions.refused_for_all(w["id"])]
    return told + [_unused(w) for w in idle if w["gate"] or w["rule"] in known or not w["builtin"]]


def _waived(finding: Finding, waiver: Mapping[str, Any]) -> Finding:
    said = {name: str(waiver[name]) for name in SHOWN}
    said["until"] = said.pop("not_after")
    return replace(finding, state="waived", waiver=said)


def relevant(findings: Iterable[Finding], refusals: Sequence[tuple[Finding, str, str]]) -> list[Finding]:
    """What is to be said of refused waivers (finding, waiver, severity): one that is refused for findings of one
    severity only where such a finding is there."""
    there = {(f.rule, f.severity) for f in findings}
    return [told for told, rule, severity in refusals if not severity or (rule, severity) in there]


def matches(pattern: str, key: str) -> bool:
    """Whether a finding's key is the one of a waiver: letter for letter, but for `*`, which is any text. No
    pattern takes the finding without a key, or the one that stands for all that were too many to list."""
    if "*" not in pattern:
        return pattern == key
    parts = (re.escape(part) for part in pattern.split("*"))
    return bool(key) and not key.startswith("~") and re.fullmatch(".*".join(parts), key, re.DOTALL) is not None


def _speaks_of(waiver: Mapping[str, Any], finding: Finding, digests: Mapping[str, str]) -> bool:
    return (
        waiver["rule"] == finding.rule
        and matches(waiver["match"], finding.key)
        and waiver["evidence"] in ("", finding.evidence)
        and waiver["kind"] in ("", finding.kind)
        and (not waiver["sha256"] or waiver["sha256"] == digests.get(finding.evidence))
    )


def _unused(waiver: Mapping[str, Any]) -> Finding:
    key = f" with the key {waiver['match']}" if waiver["match"] else ""
    return Finding(
        "dpone.waiver_unused", "warning", "warned", "", "", waiver["id"], "", {"rule": waiver["rule"]},
        f"waiver {waiver['id']} speaks of {waiver['rule']}{key}, and there is no such finding",
        "take it out, or correct it: dpone waiver list",
        waivable=False,
    )  # fmt: skip
