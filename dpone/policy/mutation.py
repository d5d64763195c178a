"""Running mutants: which of them a test notices. Engines stay warm, and every core has one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from dpone.policy.dialect.render import render_module
from dpone.policy.dialect.tree import Module
from dpone.policy.engines.interface import Engine, EngineFault
from dpone.policy.lint.definitions import uses_of
from dpone.policy.lint.world import World, make_world
from dpone.policy.mutants import Mutant, mutated
from dpone.policy.outcomes import Outcome
from dpone.policy.reads import Key, needed
from dpone.policy.runner import Group, Runner
from dpone.policy.worlds import plain_rule
from dpone.record import dataclass

MOST_ENGINES = 4


class Slot:
    """A place for one engine: started when it is needed, started again after it had to be ended."""

    def __init__(self, start: Callable[[], Engine]) -> None:
        self._start = start
        self._engine: Engine | None = None

    def load(self, modules: Mapping[str, str], data: Mapping[str, Any], entrypoints: Sequence[str]) -> None:
        """Load modules and wait until they are built. Raises `EngineFault`."""
        if self._engine is None:
            self._engine = self._start()
        try:
            self._engine.load(modules, data, entrypoints)
            self._engine.wait()
        except EngineFault:
            self.close()
            raise

    def evaluate(self, input_text: str, entrypoints: Sequence[str] | None = None) -> dict[str, Any]:
        """Ask what was loaded. Raises `EngineFault`."""
        assert self._engine is not None
        try:
            return self._engine.evaluate(input_text, entrypoints)
        except EngineFault:
            self.close()
            raise

    def close(self) -> None:
        """End the engine, if there is one."""
        if self._engine:
            self._engine.close()
        self._engine = None


class Watch(Protocol):
    """Tests that may notice a mutant. Used from several threads, each with a slot of its own."""

    def notices(self, mutant: Mutant, text: str, slot: Slot) -> str:
        """The name of the first test that does not hold with `text` in the place of the mutant's module, or
        nothing. Raises `EngineFault` (load) where the changed module does not build."""


@dataclass(frozen=True)
class Tried:
    """A mutant and the test that noticed it; `noticed` is empty for a survivor. `fault` is set where the
    mutant does not build, which proves nothing."""

    mutant: Mutant
    noticed: str = ""
    fault: str = ""


class TestWatch:
    """The tests of one `*_test.rego` that pass, each in its world."""

    __test__ = False  # no test class of pytest's, whatever its name begins with

    def __init__(
        self, runner: Runner, path: str, dependencies: Mapping[str, frozenset[Key]], world: World
    ) -> None:
        self.runner, self.module, self.world = runner, runner.trees[path], world
        self.groups: list[Group] = runner.prepare(path)[1]
        self.dependencies = dependencies
        """What each test that counts depends on; tests that are not in it are not run."""

    def notices(self, mutant: Mutant, text: str, slot: Slot) -> str:
        """See `Watch`: only tests that depend on the changed rule are run."""
        entry = "/".join(self.module.package)
        for group in self.groups:
            asked = [
                (case, given)
                for case, given in group.tests
                if (mutant.package, mutant.rule) in self.dependencies.get(case.rule.name, ())
            ]
            if not asked:
                continue
            program = self.runner.program(self.module, [plain_rule(case) for case, _ in asked])
            if mutant.path not in program:
                continue
            program[mutant.path] = text
            names = [f"{entry}/{case.rule.name}" for case, _ in asked]
            slot.load(program, {"dpone": {"config": group.config}}, names)
            for (case, given), name in zip(asked, names, strict=True):
                try:
                    held = slot.evaluate(given, [name]).get(name) is True
                except EngineFault:
                    held = False
                if not held:
                    return f"{self.module.path}:{case.rule.at.line} {case.rule.name}"
        return ""


def watches(runner: Runner, outcomes: Iterable[Outcome]) -> list[TestWatch]:
    """A watch for every test file, with the tests in it that passed; what each of them depends on is read
    from the syntax trees."""
    passed = {(o.path, o.name.rpartition(".")[2]) for o in outcomes if o.passed and o.path in runner.trees}
    world = make_world(runner.trees.values())
    found = []
    for path in sorted({path for path, _ in passed}):
        module = runner.trees[path]
        package = ".".join(module.package)
        depends = {
            rule.name: needed(world, (package, rule.name))
            for rule in module.rules
            if (path, rule.name) in passed
        }
        found.append(TestWatch(runner, path, depends, world))
    return found


def direct_uses(watch: TestWatch, test: str) -> set[Key]:
    """The rules that a test names itself."""
    return uses_of(watch.world, (".".join(watch.module.package), test))


def try_mutants(
    mutants: Sequence[Mutant],
    trees: Mapping[str, Module],
    watching: Callable[[Mutant], Sequence[Watch]],
    start: Callable[[], Engine],
) -> list[Tried]:
    """Try every mutant with the watches meant for it, in their order, on as many engines as there are cores."""
    tried: list[Tried | None] = [None] * len(mutants)
    failed: list[BaseException] = []
    waiting = iter(range(len(mutants)))
    lock = threading.Lock()

    def work() -> None:
        slot = Slot(start)
        try:
            while True:
                with lock:
                    place = next(waiting, None)
                if place is None or failed:
                    return
                tried[place] = _try(mutants[place], trees, watching(mutants[place]), slot)
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            failed.append(error)
        finally:
            slot.close()

    count = min(MOST_ENGINES, os.cpu_count() or 1, max(len(mutants), 1))
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [one for one in tried if one is not None]


def _try(mutant: Mutant, trees: Mapping[str, Module], watching: Sequence[Watch], slot: Slot) -> Tried:
    module = trees[mutant.path]
    text = render_module(module.package, module.imports, mutated(module, mutant))
    for watch in watching:
        try:
            noticed = watch.notices(mutant, text, slot)
        except EngineFault as fault:
            if fault.fault == "load":
                return Tried(mutant, fault=fault.message)
            noticed = f"the engine: {fault.fault}"
        if noticed:
            return Tried(mutant, noticed)
    return Tried(mutant)
