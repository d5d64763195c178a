"""The inventory of the shipped rules, kept beside them so that a gate need not parse what it ships.

`policies/inventory.json` holds the digest of every module and the rules found in it. It counts only for
texts with exactly these digests; others are parsed, so a stale file costs time and nothing else. Written by
``python -m dpone.policy.shipped_rules``; a test compares it with the policies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from dpone.canonical import sha256_hex
from dpone.policy.inventory import Inventory, RuleInfo, take_inventory
from dpone.record import asdict, fields
from dpone.shipped import shipped

FILE = "inventory.json"


def shipped_inventory(modules: Mapping[str, str]) -> Inventory:
    """The rules in `modules`: from the shipped file where it describes exactly these texts, else parsed."""
    if all(is_shipped(path, text) for path, text in modules.items()):
        return Inventory(tuple(rule for rule in _described()[1] if rule.path in modules), ())
    return parsed_inventory(modules)


def is_shipped(path: str, text: str) -> bool:
    """Whether the shipped file describes exactly this text at this path."""
    return _described()[0].get(path) == sha256_hex(text.encode())


def mandatory_rules() -> frozenset[str]:
    """Ids of the shipped rules that no layer can replace and no waiver can set aside, as the shipped file says."""
    return frozenset(rule.id for rule in _described()[1] if rule.mandatory)


def shipped_rules() -> frozenset[str]:
    """Ids of all shipped rules, as the shipped file says."""
    return frozenset(rule.id for rule in _described()[1])


def unwaivable_rules() -> frozenset[str]:
    """Ids of the shipped rules that no waiver can set aside, as the shipped file says."""
    return frozenset(rule.id for rule in _described()[1] if not rule.waivable)


@cache
def _described() -> tuple[dict[str, str], tuple[RuleInfo, ...]]:
    """Digests by path, and the rules; a missing or damaged file describes nothing."""
    try:
        found = json.loads(shipped("policies", FILE).read_text("utf-8"))
        return dict(found["modules"]), tuple(RuleInfo(**rule) for rule in found["rules"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}, ()


def parsed_inventory(modules: Mapping[str, str]) -> Inventory:
    """The rules in `modules` and what is wrong with them."""
    from dpone.policy.sources import parse_all

    trees, problems = parse_all(modules)
    found = take_inventory(trees)
    return Inventory(found.rules, (*problems, *found.problems))


def shipped_modules() -> dict[str, str]:
    """Every shipped module by its path below `policies/`, without tests."""
    root = shipped("policies")
    paths = [path for path in sorted(root.rglob("*.rego")) if not path.name.endswith("_test.rego")]
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}


def render() -> str:
    """The text of the inventory file for the policies as they are."""
    modules = shipped_modules()
    standard = {f.name: f.default for f in fields(RuleInfo)}
    rules = [
        {key: value for key, value in asdict(rule).items() if value != standard[key]}
        for rule in parsed_inventory(modules).rules
        if rule.answers
    ]
    document = {
        "schema": "dpone.inventory/v1",
        "modules": {path: sha256_hex(text.encode()) for path, text in sorted(modules.items())},
        "rules": rules,
    }
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    shipped("policies", FILE).write_bytes(render().encode())
