"""Running `*_test.rego`: every rule called `test_…`, in the embedded engine. Zero tests found is not passed.

Case files for people who do not write Rego are run beside the tests: `dpone.decisions.cases`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dpone.policy.engines.interface import Engine
from dpone.policy.outcomes import Outcome, Report
from dpone.policy.runner import Runner
from dpone.policy.sources import parse_all


def run_tests(
    modules: Mapping[str, str],
    tests: Mapping[str, str],
    start: Callable[[], Engine],
    config: Mapping[str, Any] | None = None,
) -> Report:
    """Run all tests in `tests` against `modules` (texts by path).

    `start` makes an engine; a new one is made after each that had to be ended. `config` is what
    `data.dpone.config` holds where a test does not replace it.
    """
    trees, problems = parse_all({**modules, **tests})
    outcomes = [Outcome(p.path, p.path, p.line, p.message) for p in problems]
    runner = Runner(modules, {tree.path: tree for tree in trees}, start, config or {})
    try:
        for path in sorted(tests):
            if path in runner.trees:
                outcomes += runner.file(path)
    finally:
        runner.close()
    return Report(tuple(sorted(outcomes, key=lambda o: (o.path, o.line, o.name))))
