"""Which rules a layer has: read from the syntax tree, never from what an engine says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal

from dpone.policy.problems import LintProblem
from dpone.record import dataclass

if TYPE_CHECKING:
    from dpone.policy.annotations import Annotation, AppliesTo, Mode, Severity
    from dpone.policy.dialect.tree import Metadata, Module, Rule

RuleKind = Literal["check", "deny", "warn", "code", "function", "helper"]
HELD = ("holds", "severity", "params", "pointer")
"""The fields of the answer of a check that names what holds."""


@dataclass(frozen=True)
class RuleInfo:
    """One rule of a layer.

    `kind`: a `check` answers for every item it applies to; `deny` and `warn` are a team's plain sets, and
    each `code` they yield is an entry of its own that holds its texts; the others do not answer. `id` is
    `<last part of the package>.<name>`, or the code. `line` is that of the first body. The other fields
    are those of `dpone.policy.annotations.Annotation`.
    """

    id: str
    package: str
    name: str
    path: str
    line: int
    kind: RuleKind
    applies_to: AppliesTo = ""
    severity: Severity = "error"
    mandatory: bool = False
    waivable: bool = True
    content: bool = False
    value: bool = False
    title: str = ""
    description: str = ""
    message: str = ""
    remedy: str = ""
    concern: str = ""
    code: str = ""
    effective_from: str = ""
    mode: Mode = "enforce"

    @property
    def entrypoint(self) -> str:
        """The path under which an engine answers for this rule, for example `dpone/evidence/fresh`."""
        return _path(self.package, self.name)

    @property
    def answers(self) -> bool:
        """Whether the host asks this rule."""
        return self.kind in ("check", "deny", "warn")


@cache
def _path(package: str, name: str) -> str:
    return f"{package.replace('.', '/')}/{name}"


@dataclass(frozen=True)
class Inventory:
    """The rules of a layer, sorted by id and kind, and what is wrong with their METADATA."""

    rules: tuple[RuleInfo, ...]
    problems: tuple[LintProblem, ...]


def take_inventory(modules: Iterable[Module]) -> Inventory:
    """List the rules of all modules; a rule with several bodies, in one file or more, is one entry."""
    problems: list[LintProblem] = []
    bodies: dict[tuple[str, str], list[tuple[Module, Rule]]] = {}
    rules: list[RuleInfo] = []
    for module in sorted(modules, key=lambda m: m.path):
        package = ".".join(module.package)
        if module.metadata and (said := _read(module, module.metadata, problems)):
            rules += _code(module, "", said, module.metadata, problems)
        for rule in module.rules:
            bodies.setdefault((package, rule.name), []).append((module, rule))
    for (package, _), defined in bodies.items():
        rules += _rules(package, defined, problems)
    for twice in _twice(rules):
        message = f"the code {twice.code} is described twice"
        problems.append(LintProblem(twice.path, twice.line, 1, "code_twice", message))
    return Inventory(tuple(sorted(rules, key=lambda r: (r.id, r.kind))), tuple(sorted(problems)))


def rule_id(package: str, name: str) -> str:
    """`dpone.kinds.pip_audit`, `vulnerability` -> `pip-audit.vulnerability`."""
    return f"{package.rsplit('.', 1)[-1].replace('_', '-')}.{name}"


def _rules(package: str, defined: list[tuple[Module, Rule]], problems: list[LintProblem]) -> Iterator[RuleInfo]:
    module, first = defined[0]
    identity = rule_id(package, first.name)
    annotated = [(m, r.metadata, _read(m, r.metadata, problems)) for m, r in defined if r.metadata]
    described = [(m, block, said) for m, block, said in annotated if said]
    kind: RuleKind = "function" if first.kind == "function" else "helper"
    if first.name in ("deny", "warn") and first.kind == "set":
        for where, block, said in described:
            yield from _code(where, first.name, said, block, problems)
        kind = "deny" if first.name == "deny" else "warn"
    elif described:
        where, block, said = described[0]
        for other, extra, _ in described[1:]:
            message = f"{identity} has a METADATA block already"
            problems.append(LintProblem(other.path, extra.line, 1, "metadata_twice", message))
        if said.code:
            message = f"the id of {identity} is its name: leave out custom.code"
            problems.append(LintProblem(where.path, block.line, 1, "metadata_code", message))
        kind = "check" if said.applies_to else kind
        yield RuleInfo(identity, package, first.name, module.path, first.at.line, kind, **vars(said))
        return
    yield RuleInfo(identity, package, first.name, module.path, first.at.line, kind)


def _code(
    module: Module, name: str, said: Annotation, block: Metadata, problems: list[LintProblem]
) -> Iterator[RuleInfo]:
    if said.code:
        package = ".".join(module.package)
        yield RuleInfo(said.code, package, name, module.path, block.line, "code", **vars(said))
    elif name:
        message = f"METADATA of {name} needs custom.code, for example layer.rule_name"
        problems.append(LintProblem(module.path, block.line, 1, "metadata_code", message))


def _read(module: Module, block: Metadata, problems: list[LintProblem]) -> Annotation | None:
    from dpone.policy.annotations import AnnotationError, read_annotation

    try:
        return read_annotation(block)
    except AnnotationError as error:
        problems.append(LintProblem(module.path, block.line, 1, "metadata", str(error)))
        return None


def _twice(rules: list[RuleInfo]) -> Iterator[RuleInfo]:
    seen: set[tuple[str, str]] = set()
    for rule in rules:
        if rule.kind == "code":
            if (rule.package, rule.code) in seen:
                yield rule
            seen.add((rule.package, rule.code))
