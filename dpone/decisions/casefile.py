"""Case files: tests of policies in YAML, read strictly. What a file may say, and where it says something else.

A file in `cases/` of a layer holds cases; each changes a complete, valid input in a few places and says what
the whole gate must answer. Nothing in it is guessed: an unknown key, a wrong type and a misspelt kind are
errors with their line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dpone.record import dataclass, field
from dpone.workspace import ReadProblem, read_file

FOLDER = "cases"
MOST_BYTES = 200_000
MOST_FILES = 500
_DEPTH = 30

_FILE = ("gate", "profile", "config", "settings", "cases")
_CASE = (
    *("name", "release", "environment", "protected", "profile", "config", "settings"),
    *("parameters", "evidence", "required", "approvals", "history", "expect"),
)
_EXPECT = ("status", "findings")
_FINDING = ("rule", "evidence", "key", "severity", "state", "params")
_STATUS = ("passed", "failed", "undecided")
_STATES = ("denied", "warned", "waived", "undetermined", "shadow", "upcoming")


class CaseProblem(Exception):
    """Something in a case file that is not a case; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class ExpectedFinding:
    """One finding that must be there: its rule and, where they are said, the evidence it is about, its key,
    severity and state, and values among its `params`."""

    rule: str
    evidence: str | None = None
    key: str | None = None
    severity: str | None = None
    state: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Expect:
    """What the gate must answer: its status where one is said, and where `findings` are said exactly these."""

    status: str
    findings: tuple[ExpectedFinding, ...] | None


@dataclass(frozen=True)
class CaseText:
    """A case as it is written. `below` are its values by key; `line_of` tells the line of a path in it."""

    path: str
    name: str
    gate: str
    below: Mapping[str, Any]
    expect: Expect
    lines: Mapping[tuple[str | int, ...], int]
    place: tuple[str | int, ...]

    def line_of(self, *path: str | int) -> int:
        """The line (from 1) of what stands at a path below the case, or of what it stands in."""
        whole = (*self.place, *path)
        while whole and whole not in self.lines:
            whole = whole[:-1]
        return self.lines.get(whole, 1)


def case_files(folder: Path) -> list[str]:
    """The case files of a layer, by their paths inside it, sorted."""
    place = folder / FOLDER
    if not place.is_dir():
        return []
    found = sorted(p.name for p in place.iterdir() if p.suffix.lower() in (".yaml", ".yml"))
    return [f"{FOLDER}/{name}" for name in found]


def read_cases(folder: Path, inside: str) -> list[CaseText]:
    """The cases of one file. Raises `CaseProblem`."""
    from dpone.strict_yaml import YamlProblem, parse_yaml_with_lines

    try:
        data = read_file(folder / inside, MOST_BYTES)
        found, lines = parse_yaml_with_lines(data, _DEPTH)
    except ReadProblem as problem:
        raise CaseProblem(1, f"the file cannot be read: {problem.message}") from None
    except YamlProblem as problem:
        raise CaseProblem(problem.line or 1, f"the file is not YAML with one meaning: {problem}") from None
    reader = _Reader(lines)
    whole = reader.map(found, (), _FILE, "a case file")
    cases = whole.get("cases")
    if not isinstance(cases, list) or not cases:
        raise CaseProblem(lines.get(("cases",), 1), "a case file has `cases:`, a list with one case or more")
    gate = reader.text(whole.get("gate", "release-gate"), ("gate",))
    read = [reader.case(inside, gate, whole, case, ("cases", n)) for n, case in enumerate(cases)]
    seen: set[str] = set()
    for case in read:
        if case.name in seen:
            raise CaseProblem(case.line_of("name"), f"there is another case called {case.name!r}")
        seen.add(case.name)
    return read


class _Reader:
    """Reads what a case file may say, and nothing else."""

    def __init__(self, lines: Mapping[tuple[str | int, ...], int]) -> None:
        self.lines = lines

    def case(
        self, inside: str, gate: str, whole: Mapping[str, Any], value: Any, place: tuple[str | int, ...]
    ) -> CaseText:
        below = self.map(value, place, _CASE, "a case")
        name = self.text(below.get("name"), (*place, "name"))
        if "expect" not in below:
            self.fail(place, "a case says what it expects: `expect: {status: passed, findings: none}`")
        shared = {key: whole[key] for key in ("profile", "config", "settings") if key in whole}
        for key in ("config", "settings", "parameters"):
            if key in below and not isinstance(below[key], dict):
                self.fail((*place, key), f"`{key}` holds keys and values")
        return CaseText(
            inside, name, gate, {**shared, **below}, self.expect(below["expect"], (*place, "expect")),
            self.lines, place,
        )  # fmt: skip

    def expect(self, value: Any, place: tuple[str | int, ...]) -> Expect:
        below = self.map(value, place, _EXPECT, "expect")
        if not below:
            self.fail(place, "expect a status, findings, or both")
        status = self.choice(below.get("status", ""), (*place, "status"), (*_STATUS, ""))
        told = below.get("findings", "not said")
        where = (*place, "findings")
        if told == "not said":
            return Expect(status, None)
        if told == "none":
            return Expect(status, ())
        if not isinstance(told, list):
            self.fail(where, "`findings` is a list of findings, or the word none")
        return Expect(status, tuple(self.finding(one, (*where, n)) for n, one in enumerate(told)))

    def finding(self, value: Any, place: tuple[str | int, ...]) -> ExpectedFinding:
        if isinstance(value, str):
            return ExpectedFinding(value)
        below = self.map(value, place, _FINDING, "a finding")
        if "rule" not in below:
            self.fail(place, "a finding names its rule: {rule: payments.min_coverage, evidence: coverage}")
        texts = {
            key: self.text(below[key], (*place, key))
            for key in ("rule", "evidence", "key", "severity")
            if key in below
        }
        if "state" in below:
            texts["state"] = self.choice(below["state"], (*place, "state"), _STATES)
        params = below.get("params", {})
        if not isinstance(params, dict):
            self.fail((*place, "params"), "`params` holds names and values")
        return ExpectedFinding(params=params, **texts)

    def map(
        self, value: Any, place: tuple[str | int, ...], known: Sequence[str], what: str
    ) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.fail(place, f"{what} holds keys: {', '.join(known)}")
        for key in value:
            if key not in known:
                self.fail((*place, key), f"{what} has no key {key!r}{_nearest(key, known)}")
        found: Mapping[str, Any] = value
        return found

    def text(self, value: Any, place: tuple[str | int, ...]) -> str:
        if not isinstance(value, str) or (place[-1] != "evidence" and not value.strip()):
            self.fail(place, f"`{place[-1]}` is a text; put it in quotes")
        return str(value)

    def choice(self, value: Any, place: tuple[str | int, ...], known: Sequence[str]) -> str:
        if value not in known:
            self.fail(place, f"`{place[-1]}` is one of {', '.join(name for name in known if name)}")
        return str(value)

    def fail(self, place: tuple[str | int, ...], message: str) -> None:
        while place and place not in self.lines:
            place = place[:-1]
        raise CaseProblem(self.lines.get(place, 1), message)


def _nearest(key: str, known: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(str(key), known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; it has {', '.join(known)}"
