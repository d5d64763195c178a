"""Comparing two folders or archives of policies: by rule, and by configuration key where they hold a dpone.yaml."""

from __future__ import annotations

import json
from pathlib import Path

from dpone.config.load import CONFIG_LIMIT, read_config
from dpone.errors import UsageError
from dpone.ops.policy_bench import Policies, read_policies
from dpone.policy.comparing import Change, Difference, compare, compare_keys, entries
from dpone.policy.dialect.tree import Module
from dpone.policy.folder import is_archive
from dpone.policy.layers import LayerRefused
from dpone.policy.sources import parse_all
from dpone.record import dataclass
from dpone.workspace import CONFIG_NAME, ReadProblem, read_file


@dataclass(frozen=True)
class Diff:
    """What is not the same: rules and helpers, configuration keys, and what the manifests say."""

    rules: tuple[Difference, ...]
    config: tuple[Change, ...]
    manifest: tuple[Change, ...]

    @property
    def mandatory(self) -> list[str]:
        """The mandatory rules that are removed or changed."""
        return [d.id for d in self.rules if d.mandatory and d.what != "added"]


def diff_folders(old: Path, new: Path) -> Diff:
    """Compare two folders or archives. Raises `LayerRefused` for one that cannot be read or parsed, `UsageError` for a
    dpone.yaml that says what no configuration can."""
    before, after = read_policies(old), read_policies(new)
    rules = compare(entries(_trees(before)), entries(_trees(after)))
    config = compare_keys(_keys(old), _keys(new))
    manifest = compare_keys(_manifest(before), _manifest(after))
    return Diff(tuple(rules), tuple(config), tuple(manifest))


def _trees(policies: Policies) -> list[Module]:
    trees, problems = parse_all(policies.modules)
    if problems:
        raise LayerRefused(policies.name, problems)
    return trees


def _manifest(policies: Policies) -> dict[str, str]:
    said = {f"root {root}": "yes" for root in policies.roots}
    return {**said, **({"replaces": policies.replaces} if policies.replaces else {})}


def _keys(folder: Path) -> dict[str, str]:
    """The keys that a dpone.yaml beside the policies sets itself, with their values as JSON; an archive has none."""
    if is_archive(folder):
        return {}
    try:
        data = read_file(folder / CONFIG_NAME, CONFIG_LIMIT)
    except ReadProblem as problem:
        if problem.state == "missing":
            return {}
        raise UsageError(f"{folder.name}/{CONFIG_NAME}: {problem.message}", "make it a readable file") from None
    found: dict[str, str] = {}
    for path, value in read_config(data).leaves.items():
        if value.origin == CONFIG_NAME and path != ("version",):
            # Settings are one value of dpone's and many of a team's.
            rows = value.raw.items() if path[-1] == "settings" and isinstance(value.raw, dict) else ()
            found |= {".".join((*path, name)): json.dumps(raw, ensure_ascii=False) for name, raw in rows}
            if not rows:
                found[".".join(path)] = json.dumps(value.raw, ensure_ascii=False)
    return found
