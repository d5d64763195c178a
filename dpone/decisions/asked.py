"""What rules are asked about: the pieces of evidence of an input that each must answer for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dpone.evidence.recognition import CUSTOM
from dpone.policy.inventory import RuleInfo


class Asked:
    """The names that checks must answer about in an input document, and how many pieces have each; the gate itself is
    the empty name."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._found: dict[tuple[str, str], Mapping[str, int]] = {}

    def names(self, rule: RuleInfo) -> Mapping[str, int]:
        """What this rule is asked about."""
        about = (rule.applies_to, rule.package if rule.applies_to == "kind" else "")
        if about not in self._found:
            self._found[about] = Counter(self._names(*about))
        return self._found[about]

    def _names(self, applies_to: str, package: str) -> list[str]:
        if applies_to == "gate":
            return [""]
        if applies_to == "waiver":
            return [waiver["id"] for waiver in self._document["waivers"]]
        if applies_to == "required":
            return [item["name"] for item in self._document["required"]]
        items: Sequence[Mapping[str, Any]] = self._document["evidence"]
        present = (item for item in items if item["state"] == "present")
        if applies_to == "kind":
            kind = package.rsplit(".", 1)[-1].replace("_", "-")
            return [item["name"] for item in present if _family(item["kind"]) == kind]
        if applies_to == "service":
            return [item["name"] for item in present if item["producer"] == "service"]
        if applies_to == "artifact":
            return [item["name"] for item in present if item["producer"] == "dpone"]
        return [item["name"] for item in items]


def _family(kind: str) -> str:
    """The kind whose rules judge evidence: all custom kinds have the same."""
    return CUSTOM.rstrip("/") if kind.startswith(CUSTOM) else kind.replace("_", "-")
