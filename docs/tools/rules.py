"""The rule catalogue: one page per package of shipped rules, from their METADATA, their text and their tests."""

from __future__ import annotations

import json
import sys
from itertools import groupby

from pages import DOCS, main

from dpone.ops.policy_bench import Bench, read_policies
from dpone.ops.policy_docs import rule_examples
from dpone.policy.catalogue import anchor, cell, page
from dpone.policy.inventory import take_inventory
from dpone.shipped import shipped
from dpone.workspace import open_workspace

<<<<<<< HEAD
SCOPES = {
    "evidence": "every piece of evidence",
    "kind": "every piece of evidence of its kind",
    "artifact": "every artifact of dpone among the evidence",
    "service": "what the command found out itself",
    "required": "every name that is required",
    "gate": "the gate as a whole",
    "waiver": "every waiver that speaks of the gate and its subject",
}
PARTS = {
    "evidence": "Every piece of evidence",
    "kinds": "By kind of evidence",
    "gates": "By gate",
    "waivers": "Waivers",
}


def texts() -> dict[str, str]:
    """Every shipped module without the tests, by its path below `policies`."""
    root = shipped("policies")
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in sorted(root.rglob("*.rego"))
        if not path.name.endswith("_test.rego")
    }


def page(name: str, rules: Iterable[RuleInfo], sources: dict[str, str]) -> str:
    """The page of one package."""
    lines = [f"# Rules: {name}", ""]
    for rule in rules:
        lines += [f"## {rule.id}", "", f"**{rule.title}.** {rule.description}", ""]
        marks = [f"asked of {SCOPES[rule.applies_to]}", f"severity {rule.severity}"]
        marks.append("mandatory: no layer replaces it" if rule.mandatory else "")
        marks.append("cannot be waived" if not rule.waivable and not rule.mandatory else "")
        lines += ["; ".join(mark for mark in marks if mark) + ".", ""]
        lines += ["| when it is red | |", "|---|---|"]
        lines += [f"| it says | {cell(rule.message)} |", f"| do | {cell(rule.remedy)} |", ""]
        lines += ["```rego", source(rule, sources[rule.path]), "```", ""]
    return "\n".join([*lines, *configuration(name)])


def source(rule: RuleInfo, text: str) -> str:
    """The bodies of a rule as they stand in its module, without METADATA."""
    blocks = []
    for block in text.split("\n\n"):
        body = "\n".join(line for line in block.strip("\n").split("\n") if not line.startswith("#"))
        if body.removeprefix("default ").split(" ")[0].split("[")[0] == rule.name:
            blocks.append(body)
    return "\n\n".join(blocks)


=======
PARTS = {"evidence": "Every piece of evidence", "kinds": "By kind of evidence", "gates": "By gate"}


>>>>>>> main
def configuration(name: str) -> list[str]:
    """What `kinds.<name>` is by default, and what the profile `strict` makes of it."""
    data = json.loads(shipped("policies", "dpone", "config", "data.json").read_text("utf-8"))
    standard = data["defaults"]["kinds"].get(name)
    if not standard:
        return []
    strict = data["profiles"]["strict"]["kinds"].get(name, {})
    lines = [
        "## Configuration",
        "",
        f"`kinds.{name}` in `dpone.yaml`:",
        "",
        "| key | standard | strict |",
        "|---|---|---|",
    ]
    for key, value in standard.items():
        lines.append(f"| `{key}` | `{json.dumps(value)}` | `{json.dumps(strict.get(key, value))}` |")
    return lines


def pages() -> dict[str, str]:
    """All pages by file name."""
    bench = Bench(read_policies(shipped("policies")), open_workspace({}, start=DOCS.parent))
    if not bench.run().passed:
        raise SystemExit("the tests of the policies do not pass, so they show nothing -> make policy")
    policies = bench.policies
    texts = {**policies.modules, **policies.tests}
    asked = [rule for rule in take_inventory(bench.own()).rules if rule.answers]
    examples = rule_examples(bench, asked)
    result: dict[str, str] = {}
    index = ["# All rules", "", "Each links to what it asks, why, and what to do when it is red.", ""]
    part = ""
    for package, grouped in groupby(sorted(asked, key=lambda r: (r.package, r.id)), key=lambda r: r.package):
        rules = list(grouped)
        name = rules[0].id.split(".")[0]
        file = f"{name}.md"
        lines = page(name, rules, bench.trees, texts, examples, "policies/")
        result[file] = "\n".join([*lines, *configuration(name)])
        if package.split(".")[1] != part:
            part = package.split(".")[1]
            index += ["", f"## {PARTS[part]}", "", "| rule | | |", "|---|---|---|"]
        for rule in rules:
            mark = "mandatory" if rule.mandatory else rule.severity
            index.append(f"| [{rule.id}]({file}#{anchor(rule.id)}) | {cell(rule.title)} | {mark} |")
    result["index.md"] = "\n".join(index)
    return result


if __name__ == "__main__":
    sys.exit(main("rules.py", "rules", pages()))
