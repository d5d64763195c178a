"""Module texts to syntax trees."""

from __future__ import annotations

from collections.abc import Mapping

from dpone.policy.dialect.parser import parse_module
from dpone.policy.dialect.tokens import DialectError
from dpone.policy.dialect.tree import Module
from dpone.policy.problems import LintProblem


def parse_all(texts: Mapping[str, str]) -> tuple[list[Module], list[LintProblem]]:
    """Parse texts by path; a text outside the dialect is a problem, and its module is missing."""
    modules: list[Module] = []
    problems: list[LintProblem] = []
    for path, text in sorted(texts.items()):
        try:
            modules.append(parse_module(text, path))
        except DialectError as error:
            problems.append(LintProblem(path, error.at.line, error.at.column, "syntax", error.message))
    return modules, problems
