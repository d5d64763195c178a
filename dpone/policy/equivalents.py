"""Changes that no test can notice, listed with the reason: read strictly, and held to what is really so."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dpone.policy.mutants import Mutant
from dpone.policy.mutation import Tried
from dpone.record import dataclass
from dpone.workspace import ReadProblem, read_file

FILE = "mutation.yaml"
_KEYS = ("rule", "change", "reason")


@dataclass(frozen=True)
class Equivalent:
    """A change of a rule (`<package>.<name>`) that leaves every answer as it is, and why."""

    rule: str
    change: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """Mutants that no test noticed and nobody listed, how many were listed, and entries of the list that
    are not so: a test notices, or there is no such change."""

    survivors: tuple[Tried, ...]
    listed: int
    wrong: tuple[Equivalent, ...]


class ListProblem(ValueError):
    """A list of equivalent changes that cannot be read; the message says what and where."""


def read_equivalents(folder: Path) -> tuple[Equivalent, ...]:
    """The list of a folder; empty without one. Raises `ListProblem`."""
    from dpone.strict_yaml import YamlProblem, parse_yaml

    try:
        found = parse_yaml(read_file(folder / FILE, 200_000), 6)
    except ReadProblem as problem:
        if problem.state == "missing":
            return ()
        raise ListProblem(f"{FILE} cannot be read: {problem.message}") from None
    except YamlProblem as problem:
        raise ListProblem(f"{FILE} is not YAML with one meaning: {problem}") from None
    rows = found.get("equivalent") if isinstance(found, dict) and set(found) == {"equivalent"} else None
    if not isinstance(rows, list):
        raise ListProblem(f"{FILE} holds one key, `equivalent`, with a list of {', '.join(_KEYS)}")
    return tuple(_row(number, row) for number, row in enumerate(rows, 1))


def _row(number: int, row: Any) -> Equivalent:
    if (
        not isinstance(row, dict)
        or set(row) != set(_KEYS)
        or not all(isinstance(row[key], str) and row[key].strip() for key in _KEYS)
    ):
        raise ListProblem(f"{FILE}: entry {number} has {', '.join(_KEYS)}, each a text, and nothing else")
    return Equivalent(row["rule"], row["change"], row["reason"])


def judge(tried: Iterable[Tried], listed: Iterable[Equivalent]) -> Judged:
    """Take the listed changes off the survivors. A listed change must be there and must survive."""
    survivors = [one for one in tried if not one.noticed]
    known = {(entry.rule, entry.change): entry for entry in listed}
    seen = {_key(one.mutant) for one in survivors if not one.fault}
    left = tuple(one for one in survivors if one.fault or _key(one.mutant) not in known)
    wrong = tuple(entry for key, entry in known.items() if key not in seen)
    return Judged(left, len(survivors) - len(left), wrong)


def _key(mutant: Mutant) -> tuple[str, str]:
    return f"{mutant.package}.{mutant.rule}", mutant.change
