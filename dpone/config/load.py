"""Reading dpone.yaml and merging it over the shipped defaults and the profile, leaf by leaf."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from dpone.canonical import JsonProblem
from dpone.config.keys import SHORT, Key, children, find_key, is_folder
from dpone.errors import UsageError
from dpone.record import dataclass
from dpone.shipped import shipped
from dpone.workspace import CONFIG_NAME, ReadProblem, Workspace

Path = tuple[str, ...]
CONFIG_LIMIT = 1_000_000
NAME_LIMIT = 100
"""Longest name the user may give to evidence, a gate's block or an environment."""


@dataclass(frozen=True)
class Value:
    """One effective value as written, and where it comes from (`default`, `profile strict`,
    `dpone.yaml`, `protected environment`)."""

    raw: Any
    origin: str

    def read(self, path: Path) -> Any:
        """The value as the program uses it: seconds, bytes, lists."""
        key = find_key(path)
        assert key is not None, path
        return key.read(self.raw)


@dataclass(frozen=True)
class Config:
    """The effective configuration: every leaf with its origin, and the names declared as evidence.

    `data` are the bytes of dpone.yaml (empty without one); they are kept with each decision.
    """

    leaves: Mapping[Path, Value]
    data: bytes = b""

    def get(self, *path: str) -> Any:
        """The value at `path` as the program uses it. The key must have a value."""
        return self.leaves[path].read(path)

    def find(self, *path: str) -> Any | None:
        """The value at `path` as the program uses it, or None where nothing sets it."""
        value = self.leaves.get(path)
        return None if value is None else value.read(path)

    def names(self, *prefix: str) -> list[str]:
        """The names the user chose below `prefix`, sorted: `config.names("evidence")`."""
        return sorted({path[len(prefix)] for path in self.leaves if path[: len(prefix)] == prefix})

    def below(self, *prefix: str) -> dict[str, Any]:
        """The values below `prefix` as the program uses them, nested."""
        result: dict[str, Any] = {}
        for path in sorted(self.leaves):
            if path[: len(prefix)] == prefix:
                place = result
                for part in path[len(prefix) : -1]:
                    place = place.setdefault(part, {})
                place[path[-1]] = self.leaves[path].read(path)
        return result

    def for_gate(self, gate: str, key: str) -> Any:
        """A gate's own value for `key`, else the one under `gates."*"`."""
        own = self.find("gates", gate, key)
        return self.find("gates", "*", key) if own is None else own

    def protected(self, environment: str) -> bool:
        """Whether dpone.yaml protects `environment` (the trust file may protect more)."""
        return bool(environment) and self.find("environments", environment, "protected") is True


@cache
def shipped_values() -> dict[str, Any]:
    """The shipped defaults and profiles (policies/dpone/config/data.json)."""
    data: dict[str, Any] = json.loads(shipped("policies", "dpone", "config", "data.json").read_text("utf-8"))
    return data


def load_config(workspace: Workspace) -> Config:
    """The configuration of a workspace. Raises `UsageError` naming the key, the line's value and what
    is expected. Without a dpone.yaml the shipped defaults apply."""
    try:
        data = workspace.read(workspace.root / CONFIG_NAME, CONFIG_LIMIT)
    except ReadProblem as problem:
        if problem.state == "missing":
            return default_config()
        raise UsageError(f"{CONFIG_NAME}: {problem.message}", "make it a readable file") from None
    return read_config(data)


def default_config() -> Config:
    """The shipped defaults, with nobody's dpone.yaml."""
    standard = flatten(shipped_values()["defaults"], "the shipped defaults")
    return Config({path: Value(raw, "default") for path, raw in standard})


def read_config(data: bytes) -> Config:
    """The configuration that the bytes of a dpone.yaml make. Raises `UsageError` as `load_config` does."""
    leaves = dict(default_config().leaves)
    own = dict(flatten(_parse(data), CONFIG_NAME))
    if ("version",) not in own:
        raise UsageError(f"{CONFIG_NAME}: version is missing", "begin the file with: version: 1")
    _check_gates(own)
    profile = own.get(("profile",), "standard")
    for path, raw in flatten(shipped_values()["profiles"][profile], f"profile {profile}"):
        leaves[path] = Value(raw, f"profile {profile}")
    for path, raw in own.items():
        leaves[path] = Value(raw, CONFIG_NAME)
    return Config(leaves, data)


def _check_gates(own: Mapping[Path, Any]) -> None:
    """A misspelt gate would be a requirement that nobody asks for."""
    known = {path.name.replace("_", "-") for path in shipped("policies", "dpone", "gates").iterdir()}
    for name in sorted({path[1] for path in own if path[0] == "gates"} - known - {"*"}):
        near = _nearest(name, sorted(known))
        raise UsageError(
            f"{CONFIG_NAME}: there is no gate {name!r}", near or f"known: {', '.join(sorted(known))}"
        )


def _nearest(name: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else ""


def protect(config: Config) -> Config:
    """The same configuration with the profile `strict` as its floor, for a protected environment:
    each key keeps its value where that is at least as strict, and takes strict's where it is not."""
    floor = {**dict(flatten(shipped_values()["defaults"], "defaults")),
             **dict(flatten(shipped_values()["profiles"]["strict"], "profile strict"))}  # fmt: skip
    leaves = dict(config.leaves)
    for path, raw in floor.items():
        _raise_to(leaves, path, raw)
        if path[0] == "kinds" or path == ("gates", "*", "max_age"):
            for other in [p for p in config.leaves if _overrides(p, path)]:
                _raise_to(leaves, other, raw)
    for name in [p for p in config.leaves if p[0] == "evidence" and p[-1] == "max_age"]:
        _raise_to(leaves, name, floor["gates", "*", "max_age"])
    leaves["profile",] = Value("strict", "protected environment")
    return Config(leaves, config.data)


def _overrides(path: Path, base: Path) -> bool:
    """Whether `path` is a gate's own value for `base`."""
    if base[0] == "kinds":
        return len(path) == 5 and path[0] == "gates" and path[2:] == base
    return len(path) == 3 and path[0] == "gates" and path[2] == base[2]


def _raise_to(leaves: dict[Path, Value], path: Path, raw: Any) -> None:
    key = find_key(path)
    if key is None or key.tighten in ("free", "locked"):
        return
    held = leaves.get(path)
    if held is None or looser(key, held.raw, raw):
        leaves[path] = Value(raw, "protected environment")


def looser(key: Key, value: Any, floor: Any) -> bool:
    """Whether `value` is less strict than `floor` in the direction the key's row names."""
    if key.order:
        return key.order.index(value) < key.order.index(floor)
    if key.path.endswith(".require"):
        return floor != "declared" and (value == "declared" or not set(value) >= set(floor))
    a, b = key.read(value), key.read(floor)
    if key.tighten == "superset":
        return not set(a) >= set(b)
    if key.tighten == "subset":
        return not set(a) <= set(b)
    return bool(a < b if key.tighten == "up" else a > b)


def flatten(tree: Any, where: str, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf of a configuration document, validated against the table of keys."""
    if not isinstance(tree, dict):
        raise UsageError(f"{where}: {_dotted(path)} must be a map", "see `dpone config show`")
    for name, value in tree.items():
        inner = (*path, name)
        key = find_key(inner)
        if key is not None:
            try:
                key.read(value)
            except ValueError as expected:
                raise UsageError(
                    f"{where}: {_dotted(inner)} is {json.dumps(value, default=str)[:80]}, expected {expected}",
                    key.doc,
                ) from None
            yield inner, value
        elif is_folder(inner):
            if path and not (name.strip() and name.isprintable() and len(name) <= NAME_LIMIT):
                raise UsageError(
                    f"{where}: {name[:40]!r} under {_dotted(path)} is not a usable name",
                    f"use at most {NAME_LIMIT} printable characters",
                )
            written = (
                dict.fromkeys(children(inner), value) if inner in SHORT and isinstance(value, str) else value
            )
            yield from flatten({} if written is None else written, where, inner)
        else:
            known = children(path)
            raise UsageError(
                f"{where}: unknown key {_dotted(inner)}",
                _nearest(name, known) or f"known here: {', '.join(known) or 'nothing'}",
            )


def _parse(data: bytes) -> Any:
    from dpone.strict_yaml import parse_yaml

    try:
        return parse_yaml(data)
    except JsonProblem as problem:
        raise UsageError(f"{CONFIG_NAME}: {problem}", "correct the file; nothing was decided") from None


def _dotted(path: Path) -> str:
    return ".".join(f'"{part}"' if part == "*" else part for part in path) or "the document"
