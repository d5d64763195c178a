"""What would change, for people: the flips first, then what else is new, then what could not be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpone.errors import one_line
from dpone.reports.markdown import escape, table

WORDS = {"passed": "PASSED", "failed": "FAILED", "undecided": "UNDECIDED"}
NONE = "none"


def summary(found: Sequence[Any]) -> dict[str, Any]:
    """The counts, the configuration that changed, and mandatory rules that would no longer be asked."""
    moved: dict[str, tuple[Any, Any]] = {}
    lost: set[str] = set()
    for again in found:
        for key, pair in (again.config or {}).items():
            moved.setdefault(key, pair)
        lost.update(again.lost)
    return {
        "decisions": len(found),
        "flips": sum(a.flips for a in found),
        "same": sum(not a.flips and not a.cannot for a in found),
        "cannot": sum(bool(a.cannot) for a in found),
        "config": {key: list(pair) for key, pair in sorted(moved.items())},
        "mandatory_rules_lost": sorted(lost),
    }


def text(found: Sequence[Any], seconds: float) -> str:
    """The table for a terminal."""
    counts = summary(found)
    lines = [f"{counts['decisions']} decisions, re-decided in {seconds:.1f} s; nothing recorded"]
    for again in found:
        if again.flips:
            lines.append(f"flips   {_about(again)}  {WORDS[again.before]} -> {WORDS[again.after]}")
            lines += [
                f"        {c.rule}  {one_line(c.message) or 'no longer denied'}"
                for c in (*again.new, *again.gone)
            ]
    lines.append(f"same    {counts['same']} of {counts['decisions']}      cannot  {counts['cannot']}")
    lines += [f"cannot  {_about(a)}  {one_line(a.cannot)}" for a in found if a.cannot]
    quiet = [a for a in found if not a.flips and (a.new or a.gone)]
    if quiet:
        lines.append(
            f"findings that come or go on unchanged verdicts: {sum(len(a.new) + len(a.gone) for a in quiet)}"
        )
        lines += [f"        {_about(a)}  {_signs(a)}" for a in quiet]
    lines.append(f"config keys changed: {_moved(counts['config'])}")
    lines.append(f"mandatory rules touched: {', '.join(counts['mandatory_rules_lost']) or NONE}")
    return "\n".join(lines) + "\n"


def markdown(found: Sequence[Any]) -> str:
    """A comment for a pull request."""
    counts = summary(found)
    flips = [a for a in found if a.flips]
    lines = [
        f"### {counts['flips']} of {counts['decisions']} past decisions would change",
        "",
        f"{counts['same']} stay the same, {counts['cannot']} could not be taken again.",
        "",
    ]
    if flips:
        rows = [(_about(a), f"{WORDS[a.before]} → {WORDS[a.after]}", _signs(a)) for a in flips]
        lines += [*table(("decision", "verdict", "findings"), rows), ""]
    lines.append(f"Configuration keys changed: {escape(_moved(counts['config']))}")
    lines.append("")
    lines.append(f"Mandatory rules touched: {escape(', '.join(counts['mandatory_rules_lost']) or NONE)}")
    return "\n".join(lines) + "\n"


def _about(again: Any) -> str:
    subject = again.stored.subject
    return "  ".join(
        part for part in (again.stored.gate, subject.release, subject.environment, again.stored.id[:12]) if part
    )


def _signs(again: Any) -> str:
    new = [f"+{c.rule}({c.evidence})" if c.evidence else f"+{c.rule}" for c in again.new]
    return ", ".join([*new, *(f"-{c.rule}({c.evidence})" if c.evidence else f"-{c.rule}" for c in again.gone)])


def _moved(config: Mapping[str, Iterable[Any]]) -> str:
    told = []
    for key, (old, new) in config.items():
        told.append(f"{key} ({'unset' if old is None else old} -> {'unset' if new is None else new})")
    return ", ".join(told) or NONE
