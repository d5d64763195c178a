"""The difference between two folders of policies as text and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from dpone.policy.comparing import Change, Difference
from dpone.reports.markdown import table


def text_lines(rules: Sequence[Difference], config: Sequence[Change], manifest: Sequence[Change]) -> list[str]:
    """One line for every change; the last one counts them."""
    width = max((len(d.id) for d in rules), default=0)
    lines = []
    for difference in rules:
        place = f"{difference.path}:{difference.line}"
        for number, said in enumerate(said_of(difference)):
            head = f"{difference.what:<8} {difference.id:<{width}}" if not number else " " * (width + 9)
            lines.append(f"{head}  {said}  {'' if number else place}".rstrip())
    lines += [f"config   {change.field}  {change.old} -> {change.new}" for change in config]
    lines += [f"manifest {change.field}  {change.old} -> {change.new}" for change in manifest]
    return [*lines, summary(rules, config)]


def markdown_lines(
    rules: Sequence[Difference], config: Sequence[Change], manifest: Sequence[Change]
) -> list[str]:
    """Two tables and the counts."""
    lines = ["# Policies compared", "", summary(rules, config), ""]
    if rules:
        rows = [(d.what, d.id, "; ".join(said_of(d)), f"{d.path}:{d.line}") for d in rules]
        lines += [*table(("", "rule", "what", "where"), rows), ""]
    keys = [(f"config {c.field}", c.old, c.new) for c in config]
    keys += [(f"manifest {c.field}", c.old, c.new) for c in manifest]
    return lines + ([*table(("key", "old", "new"), keys), ""] if keys else [])


def said_of(difference: Difference) -> list[str]:
    """What is different about one rule, in a few words each."""
    if difference.what != "changed":
        said = [difference.severity] if difference.kind == "rule" else ["helper"]
        said += ["mandatory"] if difference.mandatory else []
        return [" ".join((*said, difference.title)).strip()]
    return [
        "body" if change.field == "body" else f"{change.field} {change.old or '-'} -> {change.new or '-'}"
        for change in difference.changes
    ]


def summary(rules: Sequence[Difference], config: Sequence[Change]) -> str:
    """`1 rule added, 0 removed, 2 changed; 1 helper; 1 config key; mandatory rules touched: none`."""
    own = [d for d in rules if d.kind == "rule"]
    counts = ", ".join(f"{sum(d.what == what for d in own)} {what}" for what in ("added", "removed", "changed"))
    touched = [d.id for d in rules if d.mandatory and d.what != "added"]
    return (
        f"rules: {counts}; helpers: {len(rules) - len(own)}; config keys: {len(config)}; "
        f"mandatory rules touched: {', '.join(touched) or 'none'}"
    )
