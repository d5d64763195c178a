"""A layer below a path of its own, so that it can live in a server beside policies of others.

`package dpone.evidence` becomes `package P.dpone.evidence` and `data.x` becomes `data.P.x`. The modules of
one package become one text, because a server compiles after each module that it is given and refuses a
reference to what is not there yet; packages come after those they import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dpone.policy.dialect.parser import parse_module
from dpone.policy.dialect.tokens import DialectError, tokenize
from dpone.policy.engines.interface import EngineFault


def below(modules: Mapping[str, str], prefix: str) -> list[tuple[str, str]]:
    """Packages (dotted, as written) with their texts below `prefix`, in the order in which they build.

    Raises `EngineFault` (load) for text outside the dialect and for packages that import each other.
    """
    bodies: dict[str, list[str]] = {}
    imports: dict[str, dict[str, None]] = {}
    needs: dict[str, set[str]] = {}
    for path, text in sorted(modules.items()):
        try:
            module = parse_module(text, path)
            package = ".".join(module.package)
            bodies.setdefault(package, []).append(_moved(text, prefix))
        except DialectError as error:
            raise EngineFault("load", f"{path}:{error.at.line} {error.message}") from None
        for found in module.imports:
            target = ".".join(found.path)
            name = f" as {found.name}" if found.name and found.name != found.path[-1] else ""
            moved = f"data.{prefix}{target[4:]}" if found.path[0] == "data" else target
            imports.setdefault(package, {})[f"import {moved}{name}"] = None
            needs.setdefault(package, set()).add(target.removeprefix("data."))
    return [
        (
            package,
            "\n\n".join((f"package {prefix}.{package}", *imports.get(package, ()), *bodies[package])) + "\n",
        )
        for package in _ordered(bodies, needs)
    ]


def _ordered(packages: Mapping[str, object], needs: Mapping[str, set[str]]) -> list[str]:
    """Packages, each after those it imports."""
    found: list[str] = []
    waiting = sorted(packages)
    while waiting:
        ready = [
            package
            for package in waiting
            if not any(
                _within(need, other) for need in needs.get(package, ()) for other in waiting if other != package
            )
        ]
        if not ready:
            raise EngineFault("load", f"these packages import each other: {', '.join(waiting)[:200]}")
        found += ready
        waiting = [package for package in waiting if package not in ready]
    return found


def _within(need: str, package: str) -> bool:
    return need == package or need.startswith(f"{package}.")


def _moved(text: str, prefix: str) -> str:
    """The rules of a module without its package and import lines, every `data` below `prefix`."""
    lines = text.split("\n")
    before = ""
    gone: set[int] = set()
    shift: dict[int, int] = {}
    for token in tokenize(text).tokens:
        row = token.at.line - 1
        if token.fresh_line and token.kind == "name" and token.text in ("package", "import"):
            gone.add(row)
        elif token.kind == "name" and token.text == "data" and before != "." and row not in gone:
            at = token.at.column - 1 + shift.get(row, 0) + len("data")
            lines[row] = f"{lines[row][:at]}.{prefix}{lines[row][at:]}"
            shift[row] = shift.get(row, 0) + len(prefix) + 1
        before = token.text if token.kind == "symbol" else ""
    return "\n".join(line for row, line in enumerate(lines) if row not in gone).strip("\n")


def asking(entrypoints: Sequence[str], prefix: str, package: str) -> str:
    """A module whose rules `e0`, `e1`, … are always defined: the value of an entry point in a list."""
    from dpone.policy.engines.opa_query import collected

    rules = (f"e{number} := {collected(name, (prefix,))}" for number, name in enumerate(entrypoints))
    return "\n\n".join((f"package {prefix}.{package}", "import rego.v1", *rules)) + "\n"
