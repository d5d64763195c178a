"""The Markdown artifact: the whole decision for a reviewer. All text from evidence is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dpone.decisions.request import GateRequest

_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&{}]|://|\bwww\.")
_LEADING = re.compile(r"[-+](?=[ +-])|[=!?:%]|[0-9]+(?=[.)])")
_ENTITIES = {
    **{char: f"&#{ord(char)};" for char in "~{}=?:%"},
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    "://": "&#58;//",
    "www.": "www&#46;",
}
_PLAIN_COMMAND = re.compile(r"[A-Za-z0-9 ._+@:/=,'~-]{1,2000}")

SHOWN = 200
"""Pieces of evidence that the Markdown lists; the JSON file has them all."""

STATES = (
    ("undetermined", "Not determined"),
    ("denied", "Denied"),
    ("waived", "Waived, not counted"),
    ("warned", "Warned"),
    ("upcoming", "Upcoming, not counted yet"),
    ("shadow", "Shadow, not counted"),
)


def escape(text: object) -> str:
    """Text from outside as Markdown and HTML that show it and do nothing else: one line, no control, bidi or
    invisible character, no markup, list, heading or table, no link, not even one that a site makes by itself, and
    nothing that a template engine would run. It may stand in a line, a list item or a table cell."""
    plain = str(text)
    if not plain.isprintable():
        plain = "".join(c if c.isprintable() else " " for c in plain)
    plain = " ".join(plain.split())
    # Entities where Python-Markdown knows no backslash escape, and where none would stop a template engine.
    shown = _SPECIAL.sub(lambda m: _ENTITIES.get(m[0], f"\\{m[0]}"), plain)
    return _LEADING.sub(_first, shown, count=1) if _LEADING.match(shown) else shown


def _first(match: re.Match[str]) -> str:
    """What would begin a block: a sign escaped, a number with the dot behind it escaped."""
    text = match[0]
    if text.isdigit():
        return f"{text}\\"
    return _ENTITIES.get(text, f"\\{text}")


def code(command: str) -> str:
    """A command of dpone's own as a code span; one that holds anything unusual is shown as escaped text."""
    return f"`{command}`" if _PLAIN_COMMAND.fullmatch(command) else escape(command)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A Markdown table with escaped cells."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(escape(cell) for cell in row) + " |" for row in rows]


def decision_markdown(request: GateRequest, document: Mapping[str, Any], told: Sequence[str] = ()) -> str:
    """The artifact as Markdown: verdict, findings with remedies, evidence, what the command told of its verdict,
    and what it was decided on."""
    decision = document["decision"]
    subject = {name: value for name, value in decision["subject"].items() if value}
    lines = [
        f"# {escape(request.title or request.gate)}: {str(decision['status']).upper()}",
        "",
        *(f"- {escape(name.replace('_', ' '))}: {escape(value)}" for name, value in subject.items()),
        f"- decided at: {escape(decision['decided_at'])}",
        f"- decided by: {escape(decision['signer'] or 'nobody: an unsealed preview')} (trust: {escape(decision['trust'])})",
        f"- profile: {escape(decision['profile'])}",
        "",
    ]
    if decision["problem"]:
        lines += [f"**Could not decide:** {escape(decision['problem'])}", ""]
    for state, heading in STATES:
        findings = [f for f in document.get("rule_findings", document["findings"]) if f["state"] == state]
        if findings:
            lines += [f"## {heading}", ""]
            rows = [
                (f["evidence"] or "-", f["message"], f["pointer"], f["rule"], f["remedy"]) for f in findings
            ]
            lines += [*table(("evidence", "what", "where", "rule", "remedy"), rows), ""]
            lines += _waivers(findings)
    items = document.get("items")
    if items and isinstance(items, list) and all("name" in i and "passed" in i for i in items):
        lines += ["## Evidence", ""]
        shown = [
            (
                i["name"],
                _state(i["passed"]),
                i.get("kind", ""),
                i.get("summary", ""),
                i.get("path", ""),
                i.get("sha256", ""),
            )
            for i in items[:SHOWN]
        ]
        lines += [*table(("name", "state", "kind", "summary", "path", "sha256"), shown), ""]
        lines += [f"and {len(items) - SHOWN} more in the JSON file", ""] if len(items) > SHOWN else []
    lines += [*request.sections, *told]
    lines += _layers(decision)
    lines += ["## Decided on", ""]
    digests = [("input", decision["input"]), ("config", decision["config"])]
    digests += [(f"policy {name}", value) for name, value in decision["policies"].items()]
    lines += [*table(("what", "sha256"), digests), ""]
    return "\n".join(lines)


def _layers(decision: Mapping[str, Any]) -> list[str]:
    """What each layer beside the built-in one changed."""
    own = [layer for layer in decision.get("layers", ()) if layer["signed"] != "shipped"]
    if not own:
        return []
    rows = [
        (
            layer["name"],
            f"{layer['signed']}{', pinned' if layer['pinned'] else ''}",
            layer["signer"] or "-",
            layer["replaces"] or "-",
            ", ".join(layer["adds"]) or "-",
            ", ".join(layer["takes_away"]) or "-",
            ", ".join((*layer["kinds"], *layer["reads"])) or "-",
        )
        for layer in own
    ]
    head = ("layer", "signed", "by", "replaces", "adds", "takes away", "declares and reads")
    return ["## Policy layers", "", *table(head, rows), ""]


def _waivers(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who answers for waived findings, until when, and why."""
    names = ("id", "until", "owner", "approver", "ticket", "reason")
    rows = [(f["rule"], f["key"], *(f["waiver"][n] for n in names)) for f in findings if f.get("waiver")]
    return [*table(("rule", "key", "waiver", *names[1:]), rows), ""] if rows else []


def _state(passed: object) -> str:
    if passed is None:
        return "says nothing"
    return "passed" if passed is True else "not passed"
