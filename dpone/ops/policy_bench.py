"""A folder of policies with its tests: read once, run, and kept ready to be asked what they notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dpone.config.load import load_config
from dpone.decisions.casefile import case_files
from dpone.decisions.cases import CaseRunner, CaseWatch, Prepared, case_watches
from dpone.decisions.gate_input import config_document
from dpone.errors import UsageError
from dpone.policy.dialect.tree import Module
from dpone.policy.engines.interface import Engine
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.files import MAX_FILES
from dpone.policy.folder import MAX_MODULE, Folder, read_folder
from dpone.policy.layers import LIBRARY, LayerRefused, library
from dpone.policy.mutants import Mutant, body_mutants, condition_mutants
from dpone.policy.mutation import TestWatch, Tried, Watch, try_mutants, watches
from dpone.policy.outcomes import Outcome, Report
from dpone.policy.problems import LintProblem
from dpone.policy.reach import Reach, reach
from dpone.policy.runner import Runner
from dpone.policy.shipped_rules import shipped_modules
from dpone.policy.sources import parse_all
from dpone.record import dataclass
from dpone.shipped import shipped
from dpone.workspace import ReadProblem, Workspace, read_file


@dataclass(frozen=True)
class Policies:
    """The texts of a folder by their paths inside it. `builtin` tells dpone's own policies from a layer;
    `library` is what a layer may use and does not hold."""

    path: Path
    name: str
    builtin: bool
    modules: Mapping[str, str]
    tests: Mapping[str, str]
    library: Mapping[str, str]
    roots: tuple[str, ...] = ()
    replaces: str = ""


def is_shipped(path: Path) -> bool:
    """Whether a folder is that of dpone's own policies."""
    return path.resolve() == shipped("policies").resolve()


def chosen_folder(folder: str, workspace: Workspace) -> Path:
    """The folder that was given, else the one layer that dpone.yaml names. Raises `UsageError` for none or
    several."""
    if folder:
        return workspace.argument(folder)
    named = list(load_config(workspace).get("policies"))
    if len(named) != 1:
        said = f"dpone.yaml names {', '.join(named)}" if named else "dpone.yaml names no policies"
        raise UsageError(f"no folder was given, and {said}", "give one: dpone policy test policies/payments")
    return workspace.path(named[0])


def read_policies(path: Path) -> Policies:
    """Read a folder. Raises `LayerRefused` (exit 3) for a layer that is no folder of plain policy files."""
    if is_shipped(path):
        return Policies(path, "dpone", True, shipped_modules(), shipped_tests(path), {})
    if (path / LIBRARY / "lib.rego").is_file():
        return _copy_of_shipped(path)
    found: Folder = read_folder(path)
    if found.problems:
        raise LayerRefused(found.name, found.problems)
    return Policies(path, found.name, False, found.modules, found.tests, library(), found.roots, found.replaces)


def _copy_of_shipped(path: Path) -> Policies:
    """Built-in policies in another folder: an older version beside this one, for example."""
    texts: dict[str, str] = {}
    for file in sorted(path.rglob("*.rego"))[: 5 * MAX_FILES]:
        try:
            texts[file.relative_to(path).as_posix()] = read_file(file, MAX_MODULE).decode("utf-8")
        except (ReadProblem, UnicodeDecodeError) as problem:
            where = file.relative_to(path).as_posix()
            raise LayerRefused(
                "dpone", [LintProblem(where, 1, 1, "file", f"cannot be read: {problem}")]
            ) from None
    tests = {inside: text for inside, text in texts.items() if inside.endswith("_test.rego")}
    return Policies(path, "dpone", True, {i: t for i, t in texts.items() if i not in tests}, tests, {})


def shipped_tests(path: Path) -> dict[str, str]:
    """Every `*_test.rego` of dpone's own policies."""
    return {p.relative_to(path).as_posix(): p.read_text("utf-8") for p in sorted(path.rglob("*_test.rego"))}


class Bench:
    """Policies, the outcomes of their tests, and the watches made of the tests that passed."""

    def __init__(self, policies: Policies, workspace: Workspace) -> None:
        self.policies = policies
        trees, problems = parse_all({**policies.library, **policies.modules, **policies.tests})
        self.trees: Mapping[str, Module] = {tree.path: tree for tree in trees}
        config = config_document(load_config(workspace), "release-gate")
        modules = {**policies.library, **policies.modules}
        self.runner = Runner(modules, self.trees, RegopyEngine, config)
        self.problems = tuple(problems)
        self.outcomes = [Outcome(p.path, p.path, p.line, p.message) for p in problems]
        self.prepared: list[Prepared] = []
        self.engine = ""
        self._watches: list[TestWatch] | None = None
        self._cases: list[CaseWatch] = []

    def run(self) -> Report:
        """Run every Rego test and every case, in the order of files and lines."""
        try:
            for path in sorted(self.policies.tests):
                if path in self.trees:
                    self.outcomes += self.runner.file(path)
        finally:
            self.runner.close()
        if case_files(self.policies.path) and not self.policies.builtin:
            cases = CaseRunner(self.policies.path, RegopyEngine)
            try:
                outcomes, self.prepared = cases.run()
            finally:
                cases.close()
            self.outcomes += outcomes
        with RegopyEngine() as engine:
            self.engine = f"{engine.name} {engine.version}"
        ordered = sorted(self.outcomes, key=lambda o: (not o.path.endswith(".rego"), o.path, o.line, o.name))
        return Report(tuple(ordered))

    def reach(self) -> Reach:
        """What the tests that passed reach."""
        return reach(self.trees, list(self.policies.modules), self.tried(list(body_mutants(self.own()))))

    def conditions(self) -> list[Tried]:
        """Every condition mutant, and the test that noticed it."""
        return self.tried(list(condition_mutants(self.own())))

    def tried(self, mutants: Sequence[Mutant]) -> list[Tried]:
        """Try mutants against the tests that passed."""
        self.watches()
        if self.prepared and not self._cases:
            self._cases = case_watches(self.prepared, _engine)
        return try_mutants(mutants, self.trees, self._watching, _engine)

    def watches(self) -> list[TestWatch]:
        """The tests that passed, file by file, ready to be asked in their worlds."""
        if self._watches is None:
            try:
                self._watches = watches(self.runner, self.outcomes)
            finally:
                self.runner.close()
        return self._watches

    def own(self) -> list[Module]:
        """The syntax trees of the folder's own modules, without tests."""
        return [self.trees[path] for path in sorted(self.policies.modules) if path in self.trees]

    def _watching(self, mutant: Mutant) -> list[Watch]:
        """The tests that may notice: of dpone's own policies those of the package itself, so that each
        package is held to its own tests; of a layer all of them, and its cases."""
        found = self._watches or []
        if self.policies.builtin:
            return [w for w in found if ".".join(w.module.package) == f"{mutant.package}_test"]
        return [*found, *self._cases]


def _engine() -> Engine:
    return RegopyEngine()
