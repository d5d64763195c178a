"""Everything there is to say about one rule: why it is there, what it reads, its text and its tests."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path

from dpone.decisions.casefile import CaseProblem, case_files, read_cases
from dpone.errors import UsageError
from dpone.ops.policy_bench import Policies, read_policies
from dpone.policy.catalogue import SCOPES, defines, source
from dpone.policy.inventory import RuleInfo, take_inventory
from dpone.policy.layers import LayerRefused
from dpone.policy.lint.definitions import uses_of
from dpone.policy.lint.world import World, make_world
from dpone.policy.reads import config_keys
from dpone.policy.sources import parse_all
from dpone.record import dataclass
from dpone.shipped import shipped
from dpone.workspace import Workspace


@dataclass(frozen=True)
class TestOf:
    """A test or a case of a rule, and where it stands."""

    __test__ = False

    path: str
    line: int
    name: str


@dataclass(frozen=True)
class Explained:
    """A rule with its text. `folder` holds it, `asked_of` says what it looks at, `reads` are keys of the
    configuration, `tests` name the rule (Rego) or expect it (cases)."""

    rule: RuleInfo
    folder: str
    asked_of: str
    source: str
    reads: tuple[str, ...]
    tests: tuple[TestOf, ...]


def explain(identity: str, folders: Sequence[str], workspace: Workspace) -> Explained:
    """Explain the rule of this id, shipped or of one of the layers in `folders`. Raises `UsageError` (exit 2)
    where there is none, naming the nearest."""
    known: list[str] = []
    for path in (shipped("policies"), *(workspace.argument(folder) for folder in folders)):
        policies = read_policies(path)
        trees, problems = parse_all({**policies.library, **policies.modules, **policies.tests})
        if problems:
            raise LayerRefused(policies.name, problems)
        own = [tree for tree in trees if tree.path in policies.modules]
        rules = [rule for rule in take_inventory(own).rules if rule.kind in ("check", "code")]
        for rule in rules:
            if rule.id == identity:
                return _explained(rule, policies, make_world(trees), workspace)
        known += [rule.id for rule in rules]
    near = difflib.get_close_matches(identity, known, n=3)
    advice = f"did you mean {', '.join(near)}?" if near else "see them all: dpone policy list"
    raise UsageError(f"there is no rule {identity[:80]!r}", advice)


def _explained(rule: RuleInfo, policies: Policies, world: World, workspace: Workspace) -> Explained:
    trees = {tree.path: tree for tree in world.modules if tree.path in policies.modules}
    names = [rule.name] if rule.name else ["deny", "warn"]
    reads = {key for name in names for key in config_keys(world, (rule.package, name))}
    text = source(rule, trees, policies.modules)
    tests = [*_rego(rule, world, policies), *_cases(rule, policies.path)]
    where = "policies" if policies.builtin else workspace.uri(policies.path)
    return Explained(rule, where, SCOPES[rule.applies_to], text, tuple(sorted(reads)), tuple(tests))


def _rego(rule: RuleInfo, world: World, policies: Policies) -> Iterator[TestOf]:
    """Tests that name the rule itself; for a code, the set that yields it."""
    own = [tree for tree in world.modules if ".".join(tree.package) == rule.package]
    names = {found.name for tree in own for found in tree.rules if defines(rule, found)}
    for tree in world.modules:
        if tree.path in policies.tests:
            for found in tree.rules:
                used = uses_of(world, (".".join(tree.package), found.name))
                if found.name.startswith("test_") and any((rule.package, name) in used for name in names):
                    yield TestOf(tree.path, found.at.line, found.name)


def _cases(rule: RuleInfo, folder: Path) -> Iterator[TestOf]:
    for inside in case_files(folder):
        try:
            cases = read_cases(folder, inside)
        except CaseProblem:
            continue
        for case in cases:
            if any(finding.rule == rule.id for finding in case.expect.findings or ()):
                yield TestOf(inside, case.line_of("name"), case.name)
