"""Policy layers: the built-in rules, and a team's own. Layers never share an engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dpone.errors import UndecidedError
from dpone.evidence.recognition import CUSTOM
from dpone.policy.layer import (
    BUILTIN,
    KINDS,
    LIBRARY,
    WAIVERS,
    Layer,
    LayerRefused,
    Part,
    Vouched,
    layer_digest,
    modules_digest,
)
from dpone.policy.problems import LintProblem
from dpone.record import replace
from dpone.shipped import shipped

if TYPE_CHECKING:
    from dpone.policy.dialect.tree import Module
    from dpone.policy.folder import Folder

__all__ = [
    "BUILTIN", "KINDS", "LIBRARY", "WAIVERS", "Layer", "LayerRefused", "Part", "Vouched", "input_schema",
    "layer_digest", "library", "lint_layer", "lint_shipped", "load_builtin", "load_layer", "modules_digest",
    "open_layer", "restore_layer",
]  # fmt: skip

_IMPORTED = re.compile(r"^import data\.dpone\.([a-z_]+)$", re.MULTILINE)
"""Packages of helpers that several gates share and others need not load."""

_DANGEROUS = frozenset(("syntax", "package", "builtin", "call", "data", "recursion", "function_name", "with"))
"""Problems for which kept modules are refused too."""


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
    """A team's folder or archive, read, checked whole, and cut down to what one gate needs.

    Raises `LayerRefused` with every problem found: files that are not plain, text outside the dialect,
    packages that are not `dpone.custom.<gate or all>.<layer>`, everything the lint finds. Who vouches for it is
    not asked here: see `dpone.policy.vouching`.
    """
    from dpone.policy.folder import read_folder

    return open_layer(read_folder(path), gate)


def open_layer(found: Folder, gate: str) -> Layer:
    """The same, of files that were read already."""
    from dpone.policy.sources import parse_all

    if found.problems:
        raise LayerRefused(found.name, found.problems)
    trees, problems = parse_all({**found.modules, **found.tests})
    if not problems:
        problems = [*lint_layer(found.name, trees, found.roots), *check_replaced(found.replaces, trees)]
    if problems:
        raise LayerRefused(found.name, problems)
    own = [tree for tree in trees if tree.package[2] in (_folder(gate), "all")]
    wanted = {tree.path for tree in own}
    modules = {f"{found.name}/{p}": text for p, text in found.modules.items() if p in wanted}
    tests = {f"{found.name}/{p}": text for p, text in found.tests.items() if p in wanted}
    layer = _layer(found.name, {**library(), **modules}, tests, found.replaces)
    kinds = {f"{found.name}/{inside}": text for inside, text in found.kinds.items()}
    return replace(
        layer,
        kinds=kinds,
        digest=layer_digest(layer.modules, kinds, found.replaces),
        source_digest=modules_digest(found.contents()),
        files=found.files,
        signatures=found.signatures,
        reads=_reads(own),
        manifest=found.manifest,
        others=found.others,
    )


def check_replaced(gate: str, trees: Sequence[Module]) -> Iterator[LintProblem]:
    """A manifest that replaces a gate brings rules of its own for it: taking rules away and putting nothing in
    their place is not replacing them."""
    if not gate:
        return
    known = {name.replace("_", "-") for name in _names("gates")}
    if gate not in known:
        message = (
            f"metadata.replaces: there is no gate {gate[:60]!r}; write its command's name, as release-gate"
        )
        yield LintProblem(".manifest", 1, 1, "replaces", message)
    elif not any(
        tree.package[2] == _folder(gate) and rule.name and not tree.path.endswith("_test.rego")
        for tree in trees
        for rule in tree.rules
    ):
        message = f"metadata.replaces takes the rules of {gate} away, and the layer has none of its own for it"
        yield LintProblem(".manifest", 1, 1, "replaces", message)


def _reads(own: Sequence[Module]) -> tuple[str, ...]:
    """The keys of the configuration that a layer's rules read."""
    from dpone.policy.lint.world import is_test, make_world
    from dpone.policy.reads import config_keys

    trees = [tree for tree in own if not is_test(tree)]
    world = make_world(trees)
    keys = {
        key
        for tree in trees
        for rule in tree.rules
        for key in config_keys(world, (".".join(tree.package), rule.name))
    }
    return tuple(sorted(keys))


def restore_layer(
    name: str,
    modules: Mapping[str, str],
    gate: str,
    kinds: Mapping[str, str] | None = None,
    replaces: str = "",
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
    layer = _layer(name, dict(modules), {}, replaces)
    return replace(layer, kinds=dict(kinds or {}), digest=layer_digest(modules, kinds or {}, replaces))


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
