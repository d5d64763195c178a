"""The shipped policies as a whole: complete, described, tested, and each where something asks it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dpone.canonical import sha256_hex
from dpone.evidence.model import Counts
from dpone.evidence.recognition import collectors
from dpone.policy.dialect.parser import parse_module
from dpone.policy.inventory import RuleInfo
from dpone.policy.layers import lint_shipped
from dpone.policy.shipped_rules import parsed_inventory, render, shipped_modules
from dpone.shipped import shipped

POLICIES = shipped("policies")
FILES = sorted(path.relative_to(POLICIES).as_posix() for path in POLICIES.rglob("*.rego"))
ASKED = [rule for rule in parsed_inventory(shipped_modules()).rules if rule.answers]
COMMANDS = Path(__file__).parents[2] / "dpone" / "commands" / "ops"
NO_GATES = {"approval_sign", "status", "__init__", "init"}
"""Files of `dpone/commands/ops` that are no gate: `init` looks around and decides nothing."""


@pytest.mark.parametrize("path", FILES)
def test_every_file_is_in_the_dialect(path: str) -> None:
    """Rules and their tests parse with the host's own parser, which refuses what engines read differently."""
    assert parse_module((POLICIES / path).read_text("utf-8"), path).rules


def test_the_lint_has_nothing_to_say() -> None:
    """What dpone asks of a team's rules holds for its own."""
    assert [str(problem) for problem in lint_shipped()] == []


@pytest.mark.parametrize("rule", ASKED, ids=lambda rule: rule.id)
def test_every_rule_says_what_it_is_for(rule: RuleInfo) -> None:
    """A finding without its reason or its remedy leaves the reader alone."""
    assert rule.kind == "check"
    said = {key: getattr(rule, key) for key in ("title", "description", "message", "remedy", "applies_to")}
    assert {key for key, text in said.items() if not text} == set()


@pytest.mark.parametrize(
    "rule", [rule for rule in ASKED if rule.package.startswith("dpone.kinds.")], ids=lambda rule: rule.id
)
def test_a_sentence_names_facts_that_its_kind_has(rule: RuleInfo) -> None:
    """A field that evidence does not have would stand in the sentence as it is written."""
    kind = rule.package.rpartition(".")[2].replace("_", "-")
    schema = json.loads(shipped("schemas", "evidence", f"{kind}.v1.json").read_text("utf-8"))
    named = re.findall(r"\{(facts|counts)\.([^}]*)\}", rule.message + rule.remedy)
    has = {"facts": set(schema["required"]), "counts": set(vars(Counts()))}
    assert [name for where, name in named if name not in has[where]] == []


def test_ids_are_unique() -> None:
    """Waivers, pages and old scripts know a rule by its id alone."""
    ids = [rule.id for rule in ASKED]
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("path", sorted(shipped_modules()))
def test_every_module_has_tests_beside_it(path: str) -> None:
    """`x.rego` has `x_test.rego`, and every rule of the module that is asked is asked there."""
    beside = POLICIES / path.replace(".rego", "_test.rego")
    assert beside.is_file()
    text = beside.read_text("utf-8")
    untested = {rule.name for rule in ASKED if rule.path == path and f".{rule.name} with input" not in text}
    assert untested == set()


@pytest.mark.parametrize("kind", [collector.kind for collector in collectors()])
def test_every_kind_has_a_rule_about_its_content(kind: str) -> None:
    """A kind without one could be present and never judged."""
    package = f"dpone.kinds.{kind.replace('-', '_')}"
    rules = [rule for rule in ASKED if rule.package == package]
    assert any(rule.applies_to == "kind" for rule in rules)


def test_kinds_with_rules_have_a_collector() -> None:
    """Rules for a kind that nothing reads would never be asked; those for `custom` are for all that layers
    declare."""
    folders = {path.name for path in (POLICIES / "dpone" / "kinds").iterdir() if path.is_dir()}
    assert folders == {"custom", *(collector.kind.replace("-", "_") for collector in collectors())}


def test_gates_and_commands_are_the_same() -> None:
    """Every folder of gate rules has its command, and every gate command its folder."""
    folders = {path.name for path in (POLICIES / "dpone" / "gates").iterdir() if path.is_dir()}
    commands = {path.stem for path in COMMANDS.iterdir() if path.suffix == ".py"} - NO_GATES
    assert folders == commands


def test_mandatory_rules_stay_mandatory() -> None:
    """What guards identity, seals and required evidence can be neither waived nor softened."""
    mandatory = {rule.id for rule in ASKED if rule.mandatory}
    assert {
        *(f"evidence.{name}" for name in ("present", "well_formed", "recognized", "current", "required")),
        *(f"evidence.{name}" for name in ("named_once", "not_foreign", "seal_holds", "consistent")),
        *(f"evidence.{name}" for name in ("signer_anchored", "signer_trusted", "clock_is_real")),
        *(f"evidence.{name}" for name in ("claim_matches_signer", "not_from_future", "something_to_judge")),
    } <= mandatory
    assert not any(rule.waivable or rule.severity != "error" for rule in ASKED if rule.mandatory)


def test_the_inventory_is_current() -> None:
    """Run `python -m dpone.policy.shipped_rules` after a rule was changed."""
    assert (POLICIES / "inventory.json").read_text("utf-8") == render()


def test_the_inventory_describes_every_module() -> None:
    """No shipped rule file is outside of the inventory, and it names none that is not there."""
    import json

    described = json.loads((POLICIES / "inventory.json").read_text("utf-8"))["modules"]
    assert described == {path: sha256_hex(text.encode()) for path, text in shipped_modules().items()}
