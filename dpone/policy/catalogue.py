"""The rule catalogue: one page for each gate or package, from METADATA, the rules' text and their tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from dpone.policy.dialect.tree import Module, Object, Rule, Scalar
from dpone.policy.inventory import RuleInfo
from dpone.record import dataclass

SCOPES = {
    "evidence": "every piece of evidence",
    "kind": "every piece of evidence of its kind",
    "artifact": "every artifact of dpone among the evidence",
    "service": "what the command found out itself",
    "required": "every name that is required",
    "gate": "the gate as a whole",
    "waiver": "every waiver that speaks of the gate and its subject",
    "": "the whole input",
}


@dataclass(frozen=True)
class Example:
    """A test that shows a rule red, green or (about several pieces of evidence) both: its name, its file, its
    text and the language of that."""

    shows: Literal["red", "green", "both"]
    name: str
    path: str
    text: str
    language: str


Examples = Mapping[str, Sequence[Example]]
"""Examples by the id of the rule they show."""


def page(name: str, rules: Iterable[RuleInfo], trees: Mapping[str, Module], texts: Mapping[str, str],
         examples: Examples, folder: str = "") -> list[str]:  # fmt: skip
    """The lines of one page; `folder` stands before the paths of tests."""
    lines = [f"# Rules: {name}", ""]
    for rule in rules:
        lines += [f"## {rule.id}", "", f"**{rule.title}.** {rule.description}", ""]
        lines += [_marks(rule), "", "| when it is red | |", "|---|---|"]
        lines += [f"| it says | {cell(rule.message)} |", f"| do | {cell(rule.remedy)} |", ""]
        lines += ["```rego", source(rule, trees, texts), "```", ""]
        for example in examples.get(rule.id, ()):
            colour = {"red": "Red", "green": "Green", "both": "Red and green"}[example.shows]
            lines += [f"{colour}, as in `{example.name}` (`{folder}{example.path}`):", ""]
            lines += [f"```{example.language}", example.text, "```", ""]
    return lines


def _marks(rule: RuleInfo) -> str:
    marks = [f"asked of {SCOPES[rule.applies_to]}", f"severity {rule.severity}"]
    marks += ["mandatory: no layer replaces it"] if rule.mandatory else []
    marks += ["cannot be waived"] if not rule.waivable and not rule.mandatory else []
    marks += [f"mode {rule.mode}"] if rule.mode != "enforce" else []
    marks += [f"counts from {rule.effective_from}"] if rule.effective_from else []
    return "; ".join(marks) + "."


def source(rule: RuleInfo, trees: Mapping[str, Module], texts: Mapping[str, str]) -> str:
    """The definitions of a rule as they stand in its modules, without METADATA. Of a code, those that yield it."""
    blocks = []
    for path, tree in sorted(trees.items()):
        if ".".join(tree.package) == rule.package and not path.endswith("_test.rego"):
            blocks += [lines_of(texts[path], found) for found in tree.rules if defines(rule, found)]
    return "\n\n".join(blocks)


def defines(rule: RuleInfo, found: Rule) -> bool:
    """Whether a definition of the rule's package belongs to it."""
    if rule.kind != "code":
        return found.name == rule.name
    code = found.value.fields().get("code") if isinstance(found.value, Object) else None
    return found.name in ("deny", "warn") and isinstance(code, Scalar) and code.value == rule.code


def lines_of(text: str, rule: Rule) -> str:
    """A definition as it is written."""
    return "\n".join(text.split("\n")[rule.at.line - 1 : rule.last_line])


def cell(text: str) -> str:
    """Text as it may stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def anchor(identity: str) -> str:
    """The anchor that Python-Markdown makes of a heading that is a rule's id."""
    return "".join(char for char in identity if char.isalnum() or char in "-_")
