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

PARTS = {
    "evidence": "Every piece of evidence",
    "kinds": "By kind of evidence",
    "gates": "By gate",
    "waivers": "Waivers",
}


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
