"""Rules that do not count: tried out (`shadow`), or from a later day on (`upcoming`).

They are taken out of a layer before anything is asked, and asked after the result is fixed, in an engine of their
own: neither what they say nor how they end can change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dpone.decisions.grading import IDLE, mode_of
from dpone.policy.layer import Layer

if TYPE_CHECKING:
    from dpone.policy.inventory import RuleInfo


def split(layer: Layer, now: str) -> tuple[Layer, Layer | None]:
    """The layer with the rules that count at that instant (RFC 3339, UTC), and the same layer with those that do
    not, or None when all count."""
    out = idle(layer, now)
    if not out:
        return layer, None
    from dpone.decisions.cutting import cut  # reads Rego, which no gate does otherwise

    counted = cut(layer, lambda package, name: (package, name) not in out)
    return counted, cut(layer, lambda package, name: (package, name) in out)


def idle(layer: Layer, now: str) -> frozenset[tuple[str, str]]:
    """The rules and codes of a layer that do not count at that instant, each with its package."""
    return frozenset(place(rule) for rule in layer.inventory if mode_of(rule, now) in IDLE)


def place(rule: RuleInfo) -> tuple[str, str]:
    """The package of a rule, and its id there, or its code."""
    return rule.package, rule.code or rule.id
