"""Markdown of the packs: tables of what is attached, what happened when, and what to mend. Everything that comes
from evidence is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpone.reports.markdown import code, escape, table

SHOWN = 200


def status_table(items: Sequence[Mapping[str, Any]], times: Mapping[str, str]) -> list[str]:
    """What is attached: name, state, kind, summary, when, digest."""
    rows = [
        (
            i["name"],
            state_word(i["passed"]),
            i["kind"],
            i["summary"],
            times.get(i["name"], "") or "undated",
            i["sha256"],
        )
        for i in items[:SHOWN]
    ]
    more = [f"and {len(items) - SHOWN} more in the JSON file", ""] if len(items) > SHOWN else []
    return [*table(("name", "state", "kind", "summary", "made", "sha256"), rows), "", *more]


def state_word(passed: object) -> str:
    """The state of an item; only what passed reads so."""
    return "passed" if passed is True else "NOT PASSED"


def timeline_table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What happened when."""
    return [
        *table(("when", "item", "what"), [(r["at"] or "undated", r["name"] or "-", r["what"]) for r in rows]),
        "",
    ]


def action_list(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to mend, in order, as a checklist."""
    lines = []
    for row in rows[:SHOWN]:
        rule = f"{escape(row['rule'])}{', mandatory' if row['mandatory'] else ''}"
        lines.append(
            f"- [ ] {row['order']}\\. **{escape(row['item'] or 'this pack')}**: {escape(row['message'])} ({rule})"
        )
        lines += [f"    - to do: {escape(row['remedy'])}"] if row["remedy"] else []
        lines += [f"    - then run: {code(row['command'])}"] if row["command"] else []
    more = [f"- [ ] and {len(rows) - SHOWN} more in the JSON file"] if len(rows) > SHOWN else []
    return [*lines, *more, ""]
