"""Policy layers: the built-in rules, and a team's own. Layers never share an engine."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dpone.canonical import sha256_hex
from dpone.errors import UndecidedError
from dpone.evidence.recognition import CUSTOM
from dpone.policy.inventory import RuleInfo
from dpone.policy.problems import LintProblem
from dpone.record import dataclass, field, replace
from dpone.shipped import shipped

if TYPE_CHECKING:
    from dpone.policy.dialect.tree import Module

BUILTIN = "dpone"
"""The name of the built-in layer; no other layer may have it."""
LIBRARY = "dpone/lib"
"""Where the shared library lies; the engine of every layer gets its own copy."""
KINDS = "dpone/kinds"
WAIVERS = "dpone/waivers"
"""Where the rules on single kinds of evidence lie."""

_IMPORTED = re.compile(r"^import data\.dpone\.([a-z_]+)$", re.MULTILINE)
"""Packages of helpers that several gates share and others need not load."""

_DANGEROUS = frozenset(("syntax", "package", "builtin", "call", "data", "recursion", "function_name", "with"))
"""Problems for which kept modules are refused too."""


class LayerRefused(UndecidedError):
    """A layer that is not loaded, with everything that is wrong with it. Undecided (exit 3)."""

    code = "layer_refused"

    def __init__(self, name: str, problems: Sequence[LintProblem]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"policy layer {name}: {problems[0]}{more}", "see all of it: dpone policy lint")
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Part:
    """Modules (texts by path) that are built together, and the entry points among them."""

    modules: Mapping[str, str]
    entrypoints: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """Modules that are loaded together into one engine, and the rules the host will ask.

    `modules` and `tests` map paths (forward slashes) to texts; `modules` holds the shared library too; `kinds`
    are the files of the custom kinds of evidence it declares. `digest` is the `layer_digest`, `source_digest` of
    everything in the folder they came from (what a trust file pins). `replaces` is the gate whose non-mandatory
    built-in rules the layer stands in for, or empty.
    """

    name: str
    modules: Mapping[str, str]
    inventory: tuple[RuleInfo, ...]
    digest: str
    tests: Mapping[str, str] = field(default_factory=dict)
    replaces: str = ""
    source_digest: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def entrypoints(self) -> tuple[str, ...]:
        """The entry point of every rule that answers: `RuleInfo.entrypoint`, each once."""
        return tuple(dict.fromkeys(rule.entrypoint for rule in self.inventory if rule.answers))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The layer as it is loaded: the rules on kinds of evidence, and those on waivers, apart from the others,
        each part with the library. No rule reads a package of another part, and building takes more than twice as
        long for twice as much; the first part is known before any evidence is (docs/adr/0011)."""
        shared = {path for path in self.modules if path.startswith(f"{LIBRARY}/")}
        later = [
            {path for path in self.modules if self.name == BUILTIN and path.startswith(f"{folder}/")}
            for folder in (KINDS, WAIVERS)
        ]
        first = self.modules.keys() - shared - later[0] - later[1]
        return tuple(self._part(own | shared) for own in (first, *later) if own)

    def _part(self, paths: Collection[str]) -> Part:
        asked = (rule.entrypoint for rule in self.inventory if rule.answers and rule.path in paths)
        return Part({p: text for p, text in self.modules.items() if p in paths}, tuple(dict.fromkeys(asked)))


def modules_digest(modules: Mapping[str, str]) -> str:
    """The SHA-256 (hex) over the paths and texts of modules, in the order of their paths."""
    lines = (f"{path}\0{sha256_hex(text.encode())}\n" for path, text in sorted(modules.items()))
    return sha256_hex("".join(lines).encode())


def layer_digest(modules: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    """What a decision signs of a layer: its modules, and the custom kinds of evidence it declares."""
    return modules_digest({**modules, **kinds})


def load_builtin(gate: str, kinds: Iterable[str], *, waivers: bool = False) -> Layer:
    """The built-in rules one gate needs: those on all evidence, on the kinds that are present, its own, and with
    `waivers` those without which no waiver counts. Ids may be written with `-` or `_`; a gate or kind without
    rules of its own adds none. Raises `LayerRefused` when shipped files are damaged."""
    folders = [LIBRARY, "dpone/evidence", f"dpone/gates/{_folder(gate)}"]
    folders += [f"{KINDS}/{kind}" for kind in sorted({_kind_folder(kind) for kind in kinds})]
    folders += [WAIVERS] if waivers else []
    modules = {path: text for folder in folders for path, text in _shipped_folder(folder).items()}
    shared = {found for text in modules.values() for found in _IMPORTED.findall(text)} - {"lib", "evidence"}
    modules |= {p: text for name in sorted(shared) for p, text in _shipped_folder(f"dpone/{name}").items()}
    return _layer(BUILTIN, modules, {}, "")


def load_layer(path: Path, gate: str) -> Layer:
    """A team's folder, read, checked whole, and cut down to what one gate needs.

    Raises `LayerRefused` with every problem found: files that are not plain, text outside the dialect,
    packages that are not `dpone.custom.<gate or all>.<layer>`, everything the lint finds.
    """
    from dpone.policy.folder import read_folder
    from dpone.policy.sources import parse_all

    found = read_folder(path)
    if found.problems:
        raise LayerRefused(found.name, found.problems)
    trees, problems = parse_all({**found.modules, **found.tests})
    if not problems:
        problems = lint_layer(found.name, trees, found.roots)
    if problems:
        raise LayerRefused(found.name, problems)
    wanted = {tree.path for tree in trees if tree.package[2] in (_folder(gate), "all")}
    own = {f"{found.name}/{inside}": text for inside, text in found.modules.items() if inside in wanted}
    tests = {f"{found.name}/{inside}": text for inside, text in found.tests.items() if inside in wanted}
    layer = _layer(found.name, {**library(), **own}, tests, found.replaces)
    kinds = {f"{found.name}/{inside}": text for inside, text in found.kinds.items()}
    manifest = " ".join((found.replaces, *found.roots))
    source = {**found.modules, **found.tests, **found.kinds, ".manifest": manifest}
    return replace(
        layer, kinds=kinds, digest=layer_digest(layer.modules, kinds), source_digest=modules_digest(source)
    )


def restore_layer(
    name: str, modules: Mapping[str, str], gate: str, kinds: Mapping[str, str] | None = None
) -> Layer:
    """A layer as a decision of `gate` kept it, with the library it was judged with.

    Raises `LayerRefused`: whoever hands over a decision may have changed what was kept, so texts that are
    not the shipped ones are checked for all that could reach out of the engine or end it. Rules of style
    that came later do not count, or old decisions could not be replayed.
    """
    from dpone.policy.lint import lint
    from dpone.policy.lint.packages import check_packages, check_shipped_packages
    from dpone.policy.shipped_rules import is_shipped
    from dpone.policy.sources import parse_all

    strange = {path: text for path, text in modules.items() if not is_shipped(path, text)}
    if strange:
        trees, problems = parse_all(modules)
        shared = [tree for tree in trees if name == BUILTIN or tree.path.startswith(f"{LIBRARY}/")]
        own = [tree for tree in trees if tree not in shared]
        problems += [*check_shipped_packages(shared), *lint(shared, (), team=False)]
        problems += [
            *check_packages(own, name, {_folder(gate)}, _names("kinds")),
            *lint(own, shared, team=True),
        ]
        problems = sorted(problem for problem in problems if problem.code in _DANGEROUS)
        if problems:
            raise LayerRefused(name, problems)
    layer = _layer(name, dict(modules), {}, "")
    return replace(layer, kinds=dict(kinds), digest=layer_digest(modules, kinds)) if kinds else layer


def lint_layer(name: str, trees: Sequence[Module], roots: Sequence[str]) -> list[LintProblem]:
    """Everything wrong with a team's modules and tests, sorted."""
    from dpone.policy.lint import lint
    from dpone.policy.lint.packages import check_packages, check_roots
    from dpone.policy.sources import parse_all

    gates, kinds = _names("gates"), _names("kinds")
    problems = [*check_packages(trees, name, gates, kinds), *check_roots(trees, roots, name)]
    return sorted({*problems, *lint(trees, parse_all(library())[0], input_schema(), team=True)})


def lint_shipped() -> list[LintProblem]:
    """Everything wrong with the shipped policies and their tests, sorted."""
    from dpone.policy.lint import lint
    from dpone.policy.lint.packages import check_shipped_packages
    from dpone.policy.sources import parse_all

    root = shipped("policies")
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*.rego")}
    trees, problems = parse_all(texts)
    problems += check_shipped_packages(trees)
    return sorted({*problems, *lint(trees, (), input_schema(), team=False)})


def input_schema() -> dict[str, Any]:
    """The JSON Schema of the canonical input."""
    found: dict[str, Any] = json.loads(shipped("schemas", "input.v1.json").read_text("utf-8"))
    return found


def library() -> dict[str, str]:
    """The modules of the shared library by path."""
    return _shipped_folder(LIBRARY)


def _layer(name: str, modules: Mapping[str, str], tests: Mapping[str, str], replaces: str) -> Layer:
    from dpone.policy.shipped_rules import parsed_inventory, shipped_inventory

    own = (
        modules
        if name == BUILTIN
        else {p: text for p, text in modules.items() if not p.startswith(f"{LIBRARY}/")}
    )
    found = shipped_inventory(own) if name == BUILTIN else parsed_inventory(own)
    if found.problems:
        raise LayerRefused(name, found.problems)
    return Layer(name, modules, found.rules, modules_digest(modules), tests, replaces)


def _names(what: str) -> frozenset[str]:
    """The gates or kinds that have a folder among the shipped policies."""
    return frozenset(path.name for path in shipped("policies", "dpone", what).iterdir() if path.is_dir())


def _shipped_folder(folder: str) -> dict[str, str]:
    files = sorted(shipped("policies", *folder.split("/")).glob("*.rego"))
    return {f"{folder}/{p.name}": p.read_text("utf-8") for p in files if not p.name.endswith("_test.rego")}


def _kind_folder(kind: str) -> str:
    """Rules for custom kinds are the same for all of them."""
    return _folder(CUSTOM.rstrip("/") if kind.startswith(CUSTOM) else kind)


def _folder(identifier: str) -> str:
    plain = identifier.replace("-", "_")
    if not plain.replace("_", "").isalnum() or not plain.isascii():
        raise UndecidedError(f"{identifier!r} is not the id of a gate or kind", code="layer_refused")
    return plain
