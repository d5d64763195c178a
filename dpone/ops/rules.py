"""The rules a gate asks, for people: the catalogue behind `dpone policy list`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dpone.errors import UsageError
from dpone.policy.inventory import RuleInfo
from dpone.policy.layers import load_builtin, load_layer
from dpone.shipped import shipped
from dpone.workspace import Workspace


def gates() -> list[str]:
    """The ids of all gates: the folders of the shipped policies."""
    return _names("gates")


def kinds() -> list[str]:
    """The ids of all kinds of evidence that have rules."""
    return _names("kinds")


def rules_of(workspace: Workspace, gate: str, policies: Sequence[str]) -> list[RuleInfo]:
    """Every rule that answers, sorted by id: of one gate, or of all; raises `UsageError` for an unknown gate."""
    if gate and gate not in gates():
        raise UsageError(f"there is no gate {gate[:80]!r}", f"known: {', '.join(gates())}")
    found: dict[str, RuleInfo] = {}
    for name in [gate] if gate else gates():
        layers = [
            load_builtin(name, kinds(), waivers=True),
            *(load_layer(workspace.path(p), name) for p in policies),
        ]
        for layer in layers:
            for rule in layer.inventory:
                if rule.kind in ("check", "code"):
                    found[rule.id] = rule
    return [found[key] for key in sorted(found)]


def _names(folder: str) -> list[str]:
    root = Path(shipped("policies", "dpone", folder))
    return sorted(path.name.replace("_", "-") for path in root.iterdir() if path.is_dir())
