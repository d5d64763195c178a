"""Two sets of policies compared by rule: what was added, removed and changed, and in what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from dpone.policy.dialect.render import render_rule
from dpone.policy.dialect.tree import Module, Object, Rule, Scalar
from dpone.policy.inventory import RuleInfo, take_inventory
from dpone.record import dataclass

FIELDS = (
    *("severity", "mode", "effective_from", "mandatory", "waivable", "content", "applies_to"),
    *("title", "description", "message", "remedy", "concern"),
)
"""What METADATA says of a rule; a difference in any of them is told with its two values."""


@dataclass(frozen=True)
class Change:
    """One field of a rule or one key of the configuration, before and after; `body` has no values to show."""

    field: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Difference:
    """A rule or a helper (`<package>.<name>`) that is not the same. `path` and `line` are those of the new
    one, of the old one where it was removed."""

    what: Literal["added", "removed", "changed"]
    kind: Literal["rule", "helper"]
    id: str
    path: str
    line: int
    severity: str
    mandatory: bool
    title: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A rule as it is compared: its METADATA where it has some, and its bodies without layout."""

    kind: Literal["rule", "helper"]
    info: RuleInfo
    bodies: tuple[str, ...]


def entries(modules: Iterable[Module]) -> dict[str, Entry]:
    """Every rule by its id and every helper by its path; a code that `deny` or `warn` yields is a rule."""
    trees = list(modules)
    bodies: dict[tuple[str, str], list[Rule]] = {}
    for tree in trees:
        for rule in tree.rules:
            bodies.setdefault((".".join(tree.package), rule.name), []).append(rule)
    found: dict[str, Entry] = {}
    for info in take_inventory(trees).rules:
        if info.kind == "code":
            names = (info.name,) if info.name in ("deny", "warn") else ("deny", "warn")
            defined = [
                r for name in names for r in bodies.get((info.package, name), ()) if _code(r) == info.code
            ]
            found[info.id] = Entry("rule", info, _rendered(defined))
        elif info.kind == "check":
            found[info.id] = Entry("rule", info, _rendered(bodies[info.package, info.name]))
        elif info.kind in ("helper", "function"):
            found[f"{info.package}.{info.name}"] = Entry(
                "helper", info, _rendered(bodies[info.package, info.name])
            )
    return found


def compare(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> list[Difference]:
    """Every difference, rules before helpers, each sorted by id."""
    found = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before is None and after is not None:
            found.append(_difference("added", key, after, ()))
        elif before is not None and after is None:
            found.append(_difference("removed", key, before, ()))
        elif before is not None and after is not None and (changes := _changes(before, after)):
            found.append(_difference("changed", key, after, changes, mandatory=before.info.mandatory))
    return sorted(found, key=lambda d: (d.kind != "rule", d.id))


def compare_keys(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Keys of two configurations that do not say the same; `unset` where one does not say it."""
    return [
        Change(key, old.get(key, "unset"), new.get(key, "unset"))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _changes(before: Entry, after: Entry) -> tuple[Change, ...]:
    found = [
        Change(name, str(getattr(before.info, name)), str(getattr(after.info, name)))
        for name in FIELDS
        if getattr(before.info, name) != getattr(after.info, name)
    ]
    return tuple(found + ([Change("body")] if before.bodies != after.bodies else []))


def _difference(
    what: Literal["added", "removed", "changed"],
    key: str,
    entry: Entry,
    changes: tuple[Change, ...],
    *,
    mandatory: bool = False,
) -> Difference:
    info = entry.info
    return Difference(
        what,
        entry.kind,
        key,
        info.path,
        info.line,
        info.severity,
        mandatory or info.mandatory,
        info.title,
        changes,
    )


def _rendered(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Definitions without layout and comments; their order means nothing."""
    return tuple(sorted(render_rule(rule) for rule in rules))


def _code(rule: Rule) -> str:
    code = rule.value.fields().get("code") if isinstance(rule.value, Object) else None
    return code.value if isinstance(code, Scalar) and isinstance(code.value, str) else ""
