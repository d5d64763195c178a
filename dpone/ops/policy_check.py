"""Checking policies before they decide anything: lint, tests, what the tests reach, and what they notice."""

from __future__ import annotations

from pathlib import Path

from dpone.errors import UsageError
from dpone.ops.policy_bench import Bench, is_shipped, read_policies, shipped_tests
from dpone.policy.equivalents import Judged, ListProblem, judge, read_equivalents
from dpone.policy.folder import read_folder
from dpone.policy.formatting import check_format
from dpone.policy.layers import lint_layer, lint_shipped
from dpone.policy.outcomes import Outcome, Report
from dpone.policy.problems import LintProblem
from dpone.policy.reach import Reach
from dpone.policy.shipped_rules import shipped_modules
from dpone.policy.sources import parse_all
from dpone.record import dataclass
from dpone.workspace import Workspace

__all__ = ["is_shipped"]


@dataclass(frozen=True)
class Tested:
    """The report on a folder's tests, what they reach (None where it was not asked), and the engine."""

    folder: str
    report: Report
    reach: Reach | None
    engine: str


@dataclass(frozen=True)
class Mutated:
    """How many conditions were changed, and what came of it; tests that failed make the rest meaningless."""

    folder: str
    report: Report
    mutants: int
    judged: Judged


def lint_folder(path: Path) -> list[LintProblem]:
    """Everything that is wrong with a folder of policies, sorted by place."""
    if is_shipped(path):
        return lint_shipped()
    found = read_folder(path)
    if found.problems:
        return list(found.problems)
    trees, problems = parse_all({**found.modules, **found.tests})
    return problems or lint_layer(found.name, trees, found.roots)


def format_folder(path: Path) -> list[LintProblem]:
    """Every place of a folder of policies that the canonical format writes otherwise, sorted."""
    if is_shipped(path):
        texts = {**shipped_modules(), **shipped_tests(path)}
    else:
        found = read_folder(path)
        if found.problems:
            return list(found.problems)
        texts = {**found.modules, **found.tests}
    return [problem for inside, text in sorted(texts.items()) for problem in check_format(text, inside)]


def run_folder_tests(path: Path, workspace: Workspace, *, reached: bool | None = None) -> Tested:
    """Run every test and every case of a folder of policies; `data.dpone.config` holds the workspace's
    effective configuration where a Rego test does not set it, and the shipped defaults in a case. What the
    tests reach is found out for a layer, and for dpone's own policies where `reached` asks for it."""
    found = read_folder(path) if not is_shipped(path) else None
    if found is not None and found.problems:
        where = workspace.uri(path)
        problems = tuple(Outcome(p.path or where, p.path or where, p.line, p.message) for p in found.problems)
        return Tested(str(path), Report(problems), None, "")
    bench = Bench(read_policies(path), workspace)
    report = bench.run()
    wanted = reached if reached is not None else not bench.policies.builtin
    return Tested(str(path), report, bench.reach() if wanted else None, bench.engine)


def mutate_folder(path: Path, workspace: Workspace) -> Mutated:
    """Change every condition of a folder's rules, one at a time, and see whether a test notices. Raises
    `UsageError` for a list of equivalent changes that cannot be read."""
    policies = read_policies(path)
    try:
        listed = read_equivalents(path)
    except ListProblem as problem:
        raise UsageError(f"{path.name}/{problem}", "see docs/policies/testing.md") from None
    bench = Bench(policies, workspace)
    report = bench.run()
    if not report.passed:
        return Mutated(str(path), report, 0, Judged((), 0, ()))
    tried = bench.conditions()
    return Mutated(str(path), report, len(tried), judge(tried, listed))
