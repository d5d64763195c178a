"""What every output format is made from: one report of a gate's decision or of a check of policies.

Texts come from evidence and may be hostile. `cleaned` makes each of them one printable line, so that a format
has only its own syntax to escape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from dpone.errors import one_line
from dpone.record import dataclass, field, fields, replace

RED = ("denied", "undetermined")
"""States of a finding that keep a gate shut; every other is shown and not counted."""

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where a finding points: a file relative to the workspace's root with forward slashes (absolute where it
    lies outside), line and column from 1 (0: not known), and an RFC 6901 pointer into the file."""

    path: str
    line: int = 0
    column: int = 0
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.path}#{self.pointer}" if self.pointer else self.path


@dataclass(frozen=True)
class ShownFinding:
    """A finding as outputs show it. `about` is the evidence, file or test it concerns, empty for the whole;
    `fingerprint` stays the same from run to run; `justification` is why a waived one does not count."""

    rule: str
    state: str
    severity: str
    about: str
    message: str
    remedy: str
    place: Place
    fingerprint: str
    kind: str = ""
    mandatory: bool = False
    justification: str = ""

    @property
    def red(self) -> bool:
        """Whether it keeps the gate shut."""
        return self.state in RED

    @property
    def level(self) -> Literal["error", "warning", "note"]:
        """How loud it is: what a waiver covers stays as loud as its rule."""
        if self.red or (self.state == "waived" and self.severity == "error"):
            return "error"
        return "warning" if self.state in ("warned", "waived") else "note"


@dataclass(frozen=True)
class ShownRule:
    """A rule that was asked. Texts may be empty."""

    id: str
    title: str = ""
    description: str = ""
    remedy: str = ""
    severity: str = "error"
    mandatory: bool = False


@dataclass(frozen=True)
class ShownFile:
    """A file that was judged, with its SHA-256 (hex) and size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Case:
    """A rule that looked at something, whatever it said."""

    rule: str
    about: str


@dataclass(frozen=True)
class Report:
    """The answer of a gate or of a check of policies (`check`: `release-gate`, `policy-lint`).

    `time` is RFC 3339; `subject` has what was said of it; `home` is the file to open where a finding has none;
    `concerns` are the warnings, one sentence for each; `text`, `document` (JSON) and `markdown` are whole
    documents in UTF-8, empty where the check has none.
    """

    check: str
    status: Literal["passed", "failed", "undecided"]
    home: str
    time: str = ""
    subject: Mapping[str, str] = field(default_factory=dict)
    decision: str = ""
    problem: str = ""
    findings: tuple[ShownFinding, ...] = ()
    concerns: tuple[str, ...] = ()
    rules: tuple[ShownRule, ...] = ()
    cases: tuple[Case, ...] = ()
    files: tuple[ShownFile, ...] = ()
    text: bytes = b""
    document: bytes = b""
    markdown: bytes = b""

    @property
    def red(self) -> tuple[ShownFinding, ...]:
        """The findings that keep the gate shut: at least one wherever the status is not `passed`."""
        return tuple(f for f in self.findings if f.red)


def whole(report: Report) -> Report:
    """The report as formats get it: clean texts, no empty message, and a finding that says so wherever it is
    not passed. A reader that looks at findings alone must never take silence for green."""
    if report.status != "passed" and not report.red:
        report = replace(report, findings=(*report.findings, _silence(report)))
    clean = cleaned(report)
    return replace(clean, findings=tuple(replace(f, message=f.message or f.rule) for f in clean.findings))


def cleaned(value: T) -> T:
    """`value` with every text in it as one printable line; bytes stay as they are."""
    return _clean(value)  # type: ignore[no-any-return]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, tuple):
        return tuple(_clean(item) for item in value)
    if isinstance(value, Mapping):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if hasattr(type(value), "__record_fields__"):
        return type(value)(**{f.name: _clean(getattr(value, f.name)) for f in fields(value)})
    return value


def _silence(report: Report) -> ShownFinding:
    undecided = report.status == "undecided"
    return ShownFinding(
        "dpone.undecided" if undecided else "dpone.not_passed",
        "undetermined" if undecided else "denied",
        "error",
        "",
        report.problem or ("could not decide" if undecided else "nothing was cleared"),
        "",
        Place(report.home),
        f"{report.check}:{report.status}",
        mandatory=True,
    )
