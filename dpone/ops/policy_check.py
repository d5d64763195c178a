"""Checking policies before they decide anything: the lint and the tests, of a team's folder or of dpone's own."""

from __future__ import annotations

from pathlib import Path

from dpone.config.load import load_config
from dpone.decisions.gate_input import config_document
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.folder import read_folder
from dpone.policy.layers import library, lint_layer, lint_shipped
from dpone.policy.problems import LintProblem
from dpone.policy.shipped_rules import shipped_modules
from dpone.policy.sources import parse_all
from dpone.policy.testing import Report, run_tests
from dpone.shipped import shipped
from dpone.workspace import Workspace


def is_shipped(path: Path) -> bool:
    """Whether a folder is that of dpone's own policies."""
    return path.resolve() == shipped("policies").resolve()


def lint_folder(path: Path) -> list[LintProblem]:
    """Everything that is wrong with a folder of policies, sorted by place."""
    if is_shipped(path):
        return lint_shipped()
    found = read_folder(path)
    if found.problems:
        return list(found.problems)
    trees, problems = parse_all({**found.modules, **found.tests})
    return problems or lint_layer(found.name, trees, found.roots)


def test_folder(path: Path, workspace: Workspace) -> Report:
    """Run every test of a folder of policies, each in the world it sets up; `data.dpone.config` holds the
    workspace's effective configuration where a test does not set it."""
    if is_shipped(path):
        modules = shipped_modules()
        tests = {
            p.relative_to(path).as_posix(): p.read_text("utf-8") for p in sorted(path.rglob("*_test.rego"))
        }
    else:
        found = read_folder(path)
        modules, tests = {**library(), **found.modules}, dict(found.tests)
    config = config_document(load_config(workspace), "release-gate")
    return run_tests(modules, tests, RegopyEngine, config)
