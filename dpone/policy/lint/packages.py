"""Which packages a layer may define: its own, and nothing that another layer or the host owns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from dpone.policy.dialect.tree import Module
from dpone.policy.problems import LintProblem

_RESERVED_LAYERS = ("dpone", "evidence", "lib", "config", "canary", "all")


def check_packages(
    modules: Iterable[Module], layer: str, gates: Collection[str], kinds: Collection[str]
) -> Iterator[LintProblem]:
    """Packages of a team's layer are `dpone.custom.<gate or all>.<layer>`, with `_test` for its tests.

    `gates` and `kinds` are the known ones with underscores; the name of a layer starts the ids of its
    rules, so it is none that built-in rules start with.
    """
    taken = layer in _RESERVED_LAYERS or layer in gates or layer in kinds
    for module in modules:
        if taken:
            yield _problem(module, f"a layer cannot be called {layer!r}: built-in rules have ids of that name")
        found = ".".join(module.package)
        expected = f"dpone.custom.<gate or all>.{layer}"
        last = f"{layer}_test" if module.path.endswith("_test.rego") else layer
        if len(module.package) != 4 or module.package[:2] != ("dpone", "custom") or module.package[3] != last:
            suffix = "_test" if last != layer else ""
            yield _problem(module, f"package {found} is not the layer's own: write {expected}{suffix}")
        elif module.package[2] not in gates and module.package[2] != "all":
            yield _problem(module, f"package {found}: there is no gate {module.package[2]!r}")


def check_roots(modules: Iterable[Module], roots: Collection[str], layer: str) -> Iterator[LintProblem]:
    """A manifest's roots, where there are some, cover every package and claim nothing else."""
    for root in sorted(roots):
        parts = root.strip("/").split("/")
        if parts[:2] != ["dpone", "custom"] or len(parts) != 4 or parts[3] != layer:
            message = f"the root {root} is not the layer's own: write dpone/custom/<gate or all>/{layer}"
            yield LintProblem(".manifest", 1, 1, "root", message)
    for module in modules:
        package = "/".join(module.package).removesuffix("_test")
        if roots and package not in {root.strip("/") for root in roots}:
            yield _problem(module, f"package {'.'.join(module.package)} lies outside the roots of .manifest")


def check_shipped_packages(modules: Iterable[Module]) -> Iterator[LintProblem]:
    """Packages of the built-in layer follow their folders: `dpone/kinds/junit/x.rego` is `dpone.kinds.junit`."""
    for module in modules:
        expected = tuple(module.path.split("/")[:-1])
        suffix = "_test" if module.path.endswith("_test.rego") else ""
        if module.package != (*expected[:-1], f"{expected[-1]}{suffix}"):
            yield _problem(
                module, f"package {'.'.join(module.package)} does not follow its folder {'/'.join(expected)}"
            )


def _problem(module: Module, message: str) -> LintProblem:
    return LintProblem(module.path, module.at.line, module.at.column, "package", message)
