"""What can be known to be wrong with policies before an engine sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpone.policy.dialect.tree import Module
from dpone.policy.inventory import take_inventory
from dpone.policy.lint.answers import check_answers
from dpone.policy.lint.definitions import check_circles, check_definitions, check_functions
from dpone.policy.lint.rulecheck import check_rules
from dpone.policy.lint.world import config_paths, is_test, make_world
from dpone.policy.problems import LintProblem


def lint(
    modules: Sequence[Module],
    library: Iterable[Module],
    schema: Mapping[str, Any] | None = None,
    *,
    team: bool,
) -> list[LintProblem]:
    """Every problem of `modules` (tests among them), sorted by place.

    `library` are the modules they may use and that are not checked here; `schema` is the JSON Schema of
    the input, without which paths below `input` are not checked; `team` tells a team's layer from the
    built-in one. Packages are checked by `dpone.policy.lint.packages`.
    """
    own = [module for module in modules if not is_test(module)]
    world = make_world([*library, *modules], schema, config_paths())
    inventory = take_inventory(own)
    problems = [*inventory.problems, *check_definitions(world, modules), *check_functions(world, modules)]
    circles = check_circles(world)
    if circles:
        return sorted([*problems, *circles])
    problems += check_rules(world, modules)
    problems += check_answers(world, inventory.rules, team=team)
    return sorted(set(problems))
