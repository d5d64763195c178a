"""The level of a SARIF result, resolved as section 3.27.10 of the standard says."""

from __future__ import annotations

from typing import Any

from dpone.evidence.fields import Field

RANKS = {"none": 0, "note": 1, "warning": 2, "error": 3}
_KINDS = ("fail", "pass", "open", "review", "informational", "notApplicable")


class Levels:
    """The level of a result: its own, else of an override, else of its rule, else warning (3.27.10)."""

    def __init__(self, run: Field, driver: Field, invocations: list[Field]) -> None:
        extensions = array_of(run.at("tool"), "extensions")
        self._rules = [array_of(component, "rules") for component in (driver, *extensions)]
        self._by_id: dict[str, Field] = {}
        for rules in self._rules:
            for rule in rules:
                self._by_id.setdefault(rule.at("id").text(), rule)
        self._overrides = [self._override(each) for each in invocations]

    def of(self, result: Field) -> str:
        """Resolve the level of one result."""
        level = result.get("level")
        if level:
            return level.choice(RANKS)
        if result_kind(result) != "fail":
            return "none"
        rule = self._rule(result)
        name = rule.at("id").text() if rule else rule_id(result)
        provenance = result.get("provenance")
        index = provenance.get("invocationIndex") if provenance else None
        at = index.integer(-1) if index else -1
        if 0 <= at < len(self._overrides) and name in self._overrides[at]:
            return self._overrides[at][name]
        default = rule.get("defaultConfiguration") if rule else None
        level = default.get("level") if default else None
        return level.choice(RANKS) if level else "warning"

    def _rule(self, result: Field) -> Field | None:
        reference = result.get("rule")
        component = reference.get("toolComponent") if reference else None
        index = component.get("index") if component else None
        rules = self._at(self._rules, index.integer(-1) + 1 if index else 0) or []
        number = result.get("ruleIndex") or (reference.get("index") if reference else None)
        return self._at(rules, number.integer(-1) if number else -1) or self._named(rule_id(result))

    def _named(self, name: str) -> Field | None:
        # a hierarchical id such as CA1000/1 stands for its rule CA1000 (3.27.5)
        return self._by_id.get(name) or self._by_id.get(name.rpartition("/")[0])

    @staticmethod
    def _at(values: list[Any], index: int) -> Any:
        return values[index] if 0 <= index < len(values) else None

    def _override(self, invocation: Field) -> dict[str, str]:
        found = {}
        for each in array_of(invocation, "ruleConfigurationOverrides"):
            level = each.at("configuration").get("level")
            descriptor = each.at("descriptor")
            name = descriptor.get("id")
            index = descriptor.get("index")
            rule = None if name else self._at(self._rules[0], index.integer(-1) if index else -1)
            target = name.text() if name else rule.at("id").text() if rule else ""
            if level and target:
                found[target] = level.choice(RANKS)
        return found


def result_kind(result: Field) -> str:
    """The kind of a result; `fail` where it says none (3.27.9)."""
    kind = result.get("kind")
    return kind.choice(_KINDS) if kind else "fail"


def rule_id(result: Field) -> str:
    """The id of the rule of a result, of either place where it may stand, or an empty text."""
    reference = result.get("rule")
    found = result.get("ruleId") or (reference.get("id") if reference else None)
    return found.text() if found else ""


def array_of(parent: Field, key: str) -> list[Field]:
    """The elements of an optional array."""
    found = parent.get(key)
    return found.array() if found else []
