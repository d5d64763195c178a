"""What would change, for people: the flips first, then what else is new, then what could not be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from dpone.errors import one_line
from dpone.reports.markdown import code, escape, table
from dpone.reports.model import Case, Place, Report, ShownFinding, ShownRule

_MENTION = re.compile(r"(?<![\w.])@(?=\w)")
"""What would call somebody into a conversation that is none of theirs, from the name of a piece of evidence."""
WORDS = {"passed": "PASSED", "failed": "FAILED", "undecided": "UNDECIDED"}
NONE = "none"
SHOWN = 25
"""How many decisions of one sort the text lists."""
IN_COMMENT = 30_000
"""How many characters of flips the Markdown lists: a comment on a pull request has 65,536 at most."""
FINDINGS, LONGEST = 5, 160
STAYS = ("drift.", "environments.", "domains.", "limits.", "waivers.", "waiver_limits.")
"""Keys that commands use for their own facts, which are not made again."""
FLIP = ShownRule(
    "what-if.flip",
    "Past decisions stay as they were",
    "A verdict that was taken would be another one under these policies, configuration and trust.",
    "look at what changed: dpone policy what-if",
    "warning",
)
IN_ANOTHER_WAY = ("text", "json")


def summary(found: Sequence[Any]) -> dict[str, Any]:
    """The counts, what is set otherwise (values as they may be shown; a key that moved in several ways has the
    first), and mandatory rules that would no longer be asked."""
    moved: dict[str, tuple[str, str]] = {}
    lost: set[str] = set()
    for again in found:
        for key, pair in (again.config or {}).items():
            moved.setdefault(key, pair)
        lost.update(again.lost)
    return {
        "decisions": len(found),
        "flips": sum(a.flips for a in found),
        "weaker": sum(a.weaker for a in found),
        "same": sum(not a.flips and not a.cannot for a in found),
        "cannot": sum(bool(a.cannot) for a in found),
        "config": {key: list(pair) for key, pair in sorted(moved.items())},
        "not_tried": sorted(key for key in moved if key.startswith(STAYS)),
        "mandatory_rules_lost": sorted(lost),
    }


def text(found: Sequence[Any], seconds: float) -> str:
    """The table for a terminal."""
    counts = summary(found)
    plural = "" if counts["decisions"] == 1 else "s"
    lines = [f"{counts['decisions']} decision{plural}, re-decided in {seconds:.1f} s; nothing recorded"]
    flips = [a for a in found if a.flips]
    for again in flips[:SHOWN]:
        lines.append(f"flips   {_about(again)}  {WORDS[again.before]} -> {WORDS[again.after]}")
        lines += [f"        {line}" for line in _bounded(_reasons(again), FINDINGS, "findings")]
    lines += _more(flips, "flips   ")
    lines.append(f"same    {counts['same']} of {counts['decisions']}      cannot  {counts['cannot']}")
    cannot = [a for a in found if a.cannot]
    lines += [f"cannot  {_about(a)}  {_cut(a.cannot)}" for a in cannot[:SHOWN]] + _more(cannot, "cannot  ")
    quiet = [a for a in found if not a.flips and (a.new or a.gone)]
    if quiet:
        told = sum(len(a.new) + len(a.gone) for a in quiet)
        lines.append(f"findings that come or go on unchanged verdicts: {told}")
        lines += [f"        {_about(a)}  {_signs(a)}" for a in quiet[:SHOWN]] + _more(quiet, "        ")
    lines.append(f"config keys changed: {_moved(counts['config'])}")
    if counts["not_tried"]:
        lines.append(f"facts that commands made with these stay as they were: {', '.join(counts['not_tried'])}")
    lines.append(f"mandatory rules touched: {', '.join(counts['mandatory_rules_lost']) or NONE}")
    return "\n".join(lines) + "\n"


def markdown(found: Sequence[Any]) -> str:
    """A comment for a pull request."""
    counts = summary(found)
    flips = [a for a in found if a.flips]
    lines = [
        f"### {counts['flips']} of {counts['decisions']} past decisions would change",
        "",
        f"{counts['same']} stay the same, {counts['cannot']} could not be taken again."
        + (f" **{counts['weaker']} that did not pass would.**" if counts["weaker"] else ""),
        "",
    ]
    if flips:
        rows = table(
            ("decision", "verdict", "findings"),
            [(_about(a), f"{WORDS[a.before]} → {WORDS[a.after]}", _signs(a)) for a in flips],
        )
        shown = [r for r, size in zip(rows, accumulate(map(len, rows)), strict=True) if size <= IN_COMMENT]
        lines += [*shown, "", *_more(flips, "", len(shown) - 2), ""]
    cannot = [a for a in found if a.cannot]
    if cannot:
        lines += [*(f"- {escape(_about(a))}: {escape(_cut(a.cannot))}" for a in cannot[:FINDINGS])]
        lines += [*_more(cannot, "- ", FINDINGS), ""]
    lines += [f"Configuration keys changed: {escape(_moved(counts['config']))}", ""]
    if counts["not_tried"]:
        told = escape(", ".join(counts["not_tried"]))
        lines += [f"Facts that commands made with these stay as they were: {told}", ""]
    lines.append(f"Mandatory rules touched: {escape(', '.join(counts['mandatory_rules_lost']) or NONE)}")
    whole = "\n".join([*lines, "", f"All of it: {code('dpone policy what-if --format json')}"]) + "\n"
    return re.sub(r"\n{3,}", "\n\n", _MENTION.sub("@<!-- -->", whole))


def report(found: Sequence[Any], *, failed: bool, home: str) -> Report:
    """For the output formats that a CI reads: a flip is a warning, and an error where that is what was asked
    (`failed`: there are as many as --fail-on-flips allows not)."""
    state, severity = ("denied", "error") if failed else ("warned", "warning")
    findings = tuple(
        ShownFinding(FLIP.id, state, severity, a.stored.id[:12], _sentence(a), "", Place(home), a.stored.id)
        for a in found
        if a.flips
    )
    cases = tuple(Case(FLIP.id, f"{_about(a)}") for a in found if not a.cannot)
    return Report(
        "policy-what-if", "failed" if failed else "passed", home,
        findings=findings, concerns=() if failed else tuple(f.message for f in findings), rules=(FLIP,), cases=cases,
        markdown=markdown(found).encode("utf-8"),
    )  # fmt: skip


def _sentence(again: Any) -> str:
    return f"{_about(again)}: {WORDS[again.before]} -> {WORDS[again.after]} {_signs(again)}".rstrip()


def _about(again: Any) -> str:
    subject = again.stored.subject
    parts = (again.stored.gate, subject.release, subject.environment, again.stored.id[:12])
    return "  ".join(one_line(part) for part in parts if part)


def _reasons(again: Any) -> list[str]:
    told = [_cut(again.problem)] if again.problem else []
    return told + [f"{c.rule}  {_cut(c.message) or 'no longer denied'}" for c in (*again.new, *again.gone)]


def _signs(again: Any) -> str:
    if again.problem:
        return _cut(again.problem)
    new = [f"+{c.rule}({c.evidence})" if c.evidence else f"+{c.rule}" for c in again.new]
    gone = [f"-{c.rule}({c.evidence})" if c.evidence else f"-{c.rule}" for c in again.gone]
    return one_line(", ".join(_bounded([*new, *gone], FINDINGS, "findings")))


def _moved(config: Mapping[str, Iterable[Any]]) -> str:
    told = [_cut(f"{key} ({old} -> {new})") for key, (old, new) in config.items()]
    return ", ".join(_bounded(told, SHOWN, "keys")) or NONE


def _cut(value: str) -> str:
    line = one_line(value)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _bounded(lines: Sequence[str], most: int, what: str) -> list[str]:
    return [*lines[:most], *([f"and {len(lines) - most} more {what}"] if len(lines) > most else [])]


def _more(found: Sequence[Any], start: str, most: int = SHOWN) -> list[str]:
    return [f"{start}and {len(found) - most} more, see --format json"] if len(found) > most else []
