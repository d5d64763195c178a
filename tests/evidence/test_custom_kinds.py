"""Custom kinds of evidence: declared by a layer, tried last, never standing for a built-in kind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kind_checks import SAMPLES, rule_names
from release_simulator import Simulator

from dpone.canonical import canonical_bytes
from dpone.errors import UndecidedError
from dpone.evidence.custom import collector_of, read_definition
from dpone.evidence.custom_schema import BadDefinition
from dpone.evidence.model import Document, Invalid, Subject
from dpone.evidence.parsing import parse
from dpone.evidence.recognition import Unrecognized, collectors, recognize
from dpone.policy.kinds import joined_kinds, read_kinds
from dpone.policy.layers import LayerRefused, layer_digest, load_layer
from dpone.record import asdict
from dpone.shipped import shipped
from dpone.workspace import time_text

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:example:scan",
    "type": "object",
    "required": ["scanner", "summary"],
    "properties": {"scanner": {"const": "acme"}, "summary": {"$ref": "#/$defs/summary"}},
    "$defs": {"summary": {"type": "object"}},
}
DEFINITION: dict[str, Any] = {
    "schema": "scan.schema.json",
    "claim": "/passed",
    "counts": {"passed": "/summary/ok", "failed": "/summary/bad"},
    "subject": {"release": "/about/release"},
    "produced_at": "/at",
    "facts": {"level": "/summary/level"},
    "title": "Acme scan",
    "producer": "acme scan --json",
}
SCAN: dict[str, Any] = {
    "scanner": "acme",
    "passed": True,
    "summary": {"ok": 3, "bad": 0, "level": 2.5},
    "about": {"release": "v0.7.1"},
    "at": "2026-11-22T21:00:00Z",
}


def collector(schema_text: Any = None, name: str = "scan", **changed: Any) -> Any:
    """The collector of a definition, changed; `...` removes a key."""
    definition = {key: value for key, value in (DEFINITION | changed).items() if value is not ...}
    text = json.dumps(SCHEMA if schema_text is None else schema_text)
    return collector_of(read_definition(f"{name}.json", json.dumps(definition), {"scan.schema.json": text}))


def scan(**changed: Any) -> Document:
    """A document of the kind, changed; `...` removes a key."""
    root = {key: value for key, value in (SCAN | changed).items() if value is not ...}
    return parse(json.dumps(root).encode())


def test_a_document_is_read_by_its_pointers():
    """Claim, counts, subject, date and selected values stand where the definition says."""
    reading = collector().read(scan(), {})
    assert (reading.kind, reading.tool, reading.reported) == ("custom/scan", "Acme scan", "passed")
    assert asdict(reading.counts) == {"passed": 3, "failed": 0, "errored": 0, "skipped": 0, "not_evaluated": 0}
    assert reading.claims == Subject(release="v0.7.1")
    assert time_text(reading.produced_at) == "2026-11-22T21:00:00Z"
    assert reading.facts["values"] == {"level": 2.5}
    assert (reading.facts["claim"], reading.facts["missing_counts"]) == ("passed", 0)


@pytest.mark.parametrize(
    ("changed", "reported", "contradicts"),
    [
        ({}, "passed", False),
        ({"passed": False, "summary": {"ok": 3, "bad": 1, "level": 1}}, "failed", False),
        ({"summary": {"ok": 3, "bad": 1, "level": 1}}, "failed", True),
        ({"passed": False}, "failed", True),
        ({"passed": ...}, "passed", False),
        ({"summary": {"ok": 0, "bad": 0, "level": 1}}, "empty", False),
        ({"summary": {"ok": 3, "level": 1}}, "empty", False),
        ({"summary": {"level": 1}}, "empty", False),
        ({"summary": {"ok": None, "bad": 0, "level": 1}}, "empty", False),
        ({"summary": {"ok": ["a", "b"], "bad": [], "level": 1}}, "passed", False),
        ({"summary": {"ok": ["a"], "bad": ["b"], "level": 1}}, "failed", True),
    ],
)
def test_counts_decide_and_claims_are_compared_with_them(changed, reported, contradicts):
    """No count is not 0; lists are counted; a claim alone proves nothing."""
    reading = collector().read(scan(**changed), {})
    assert reading.reported == reported
    assert bool(reading.contradictions) is contradicts


def test_a_claim_may_have_words_of_its_own():
    """The definition says which values mean what; any other has no meaning."""
    own = collector(claim={"at": "/status", "passed": ["ok", 1], "failed": ["bad", 0]})
    assert own.read(scan(status="ok"), {}).facts["claim"] == "passed"
    assert own.read(scan(status=0, summary={"ok": 1, "bad": 1, "level": 1}), {}).facts["claim"] == "failed"
    for strange in ("OK", True, 2, [], 1.0):
        with pytest.raises(Invalid, match="known meaning"):
            own.read(scan(status=strange), {})


@pytest.mark.parametrize(
    "changed",
    [
        {"summary": {"ok": "3", "bad": 0, "level": 1}},
        {"summary": {"ok": -1, "bad": 0, "level": 1}},
        {"summary": {"ok": True, "bad": 0, "level": 1}},
        {"summary": {"ok": 3, "bad": 0}},
        {"summary": {"ok": 3, "bad": 0, "level": {}}},
        {"summary": {"ok": 3, "bad": 0, "level": 10**30}},
        {"about": {"release": 7}},
        {"at": "yesterday"},
        {"passed": "maybe"},
    ],
)
def test_what_does_not_have_its_type_is_invalid(changed):
    """A pointer leads to a value of one type, or the document is refused."""
    with pytest.raises(Invalid):
        collector().read(scan(**changed), {})


def test_pointers_follow_rfc_6901():
    """Escapes, indexes, and nothing that only looks like an index."""
    counts = {"passed": "/a~1b/m~0n/1", "failed": "/summary/bad"}
    document = scan(**{"a/b": {"m~n": [7, 5]}})
    assert collector(counts=counts).read(document, {}).counts.passed == 5
    for wrong in ("/a~1b/m~0n/2", "/a~1b/m~0n/01", "/a~1b/m~0n/-1", "/a~1b/m~0n/-", "/scanner/0"):
        found = collector(counts={**counts, "passed": wrong}).read(document, {})
        assert (found.reported, found.facts["missing_names"]) == ("empty", "passed")


# recognition


def test_a_built_in_kind_comes_first_whatever_a_definition_claims():
    """A schema that fits every sample shadows none, and pinned it is refused by the built-in kind's name."""
    for path in sorted(path for path in SAMPLES.rglob("*.json") if path.is_file()):
        document = parse(path.read_bytes())
        root = document.root
        known = [c.kind for c in collectors() if c.recognize(document)]
        if len(known) != 1 or not isinstance(root, dict):
            continue
        greedy = collector({"type": "object", "required": [next(iter(root))]})
        assert greedy.recognize(document)
        assert recognize(document, "", (greedy,)).kind == known[0]
        with pytest.raises(Unrecognized, match="no custom kind can stand for"):
            recognize(document, "custom/scan", (greedy,))


def test_a_custom_kind_is_told_by_its_schema():
    """It fits, or the message of a pinned one says where it does not; a value is not repeated."""
    own = (collector(),)
    assert recognize(scan(), "", own).kind == "custom/scan"
    assert recognize(scan(), "custom/scan", own).kind == "custom/scan"
    with pytest.raises(Unrecognized, match="fits no known kind"):
        recognize(scan(scanner="other"), "", own)
    with pytest.raises(Unrecognized, match="breaks the schema of custom/scan: const at /scanner"):
        recognize(scan(scanner="other"), "custom/scan", own)
    with pytest.raises(Unrecognized, match=r"no tool's report is of that kind; known: .*custom/scan"):
        recognize(scan(), "custom/scam", own)
    with pytest.raises(Unrecognized, match="is not junit"):
        recognize(scan(), "junit", own)
    with pytest.raises(Unrecognized, match=r"custom/scan and custom/twin; pin one"):
        recognize(scan(), "", (*own, collector(name="twin")))


def test_yaml_fits_as_json_does():
    """The schema is about values, not about syntax."""
    text = b"scanner: acme\nsummary: {ok: 3, bad: 0, level: high}\npassed: true\n"
    found = collector(produced_at=...)
    assert recognize(parse(text), "", (found,)).read(parse(text), {}).facts["values"] == {"level": "high"}


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["scanner", "summary", "passed", "ok", "bad", "at", "level", "release", "about"]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    )
)
def test_no_document_makes_it_raise_anything_but_invalid(value):
    """Whatever the shape, it is read or refused; facts have one canonical form and are never green by accident."""
    schema = {"type": "object", "required": ["summary"]}
    own = collector(schema)
    document = Document("json", value, b"")
    assert own.recognize(document) in (True, False)
    if not own.recognize(document):
        return
    try:
        reading = own.read(document, {})
    except Invalid:
        return
    canonical_bytes(dict(reading.facts))
    assert reading.reported != "passed" or reading.counts.passed > 0


# definitions


BOMB = {f"n{i}": {"allOf": [{"$ref": f"#/$defs/n{i + 1}"}] * 10} for i in range(9)} | {"n9": {}}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "type: object"),
        ({"type": "object"}, "required"),
        ({"type": "object", "required": []}, "required"),
        ([], "must be an object"),
        ({**SCHEMA, "$schema": "http://json-schema.org/draft-07/schema#"}, "dialect"),
        ({**SCHEMA, "required": "summary"}, "not a valid schema at /required"),
        ({**SCHEMA, "properties": {"a": {"type": "strin"}}}, "not a valid schema at /properties/a/type"),
        ({**SCHEMA, "properties": {"a": {"$ref": "https://example.com/s.json"}}}, "only references inside"),
        ({**SCHEMA, "properties": {"a": {"$ref": "other.json#/x"}}}, "only references inside"),
        ({**SCHEMA, "properties": {"a": {"$ref": "#name"}}}, "only references inside"),
        ({**SCHEMA, "properties": {"a": {"$ref": "#/$defs/gone"}}}, "there is no"),
        ({**SCHEMA, "properties": {"a": {"$ref": "#/%24defs/summary"}}}, "escapes"),
        ({**SCHEMA, "$defs": {"summary": {"$id": "urn:x"}}}, "only the whole schema"),
        ({**SCHEMA, "properties": {"a": {"pattern": "(a+)+$"}}}, "patterns are not accepted"),
        ({**SCHEMA, "patternProperties": {"^x": {}}}, "patterns are not accepted"),
        ({**SCHEMA, "properties": {"a": {"uniqueItems": True}}}, "compare every element"),
        ({**SCHEMA, "properties": {"a": {"$dynamicRef": "#meta"}}}, "dynamic references"),
        ({**SCHEMA, "properties": {"a": {"$ref": "#"}}}, "refers to itself"),
        ({**SCHEMA, "properties": {"a": {"$ref": "#/$defs/n0"}}, "$defs": BOMB}, "too much work"),
    ],
)
def test_a_schema_that_reaches_out_or_may_not_end_is_refused(schema, words):
    """What would be fetched, run for hours, multiply, or fit anything is not accepted, each with its reason."""
    with pytest.raises(BadDefinition) as caught:
        collector(schema)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_and_data_in_a_schema_are_not_keywords():
    """A property called pattern, and a constant that looks like a reference, are what they are."""
    schema = {
        **SCHEMA,
        "properties": {"pattern": {"const": {"$ref": "x"}}, "$ref": {"enum": [{"pattern": "x"}]}},
    }
    assert collector(schema).recognize(scan(pattern={"$ref": "x"}))
    assert not collector(schema).recognize(scan(pattern="x"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"schema": ...}, "schema must name a file"),
        ({"schema": "gone.schema.json"}, "schema must name a file"),
        ({"schema": "../x.schema.json"}, "schema must name a file"),
        ({"counts": ...}, "counts must say where passed stands"),
        ({"counts": {"failed": "/a"}}, "counts must say where passed stands"),
        ({"counts": {"passed": "/a", "broken": "/b"}}, "counts must be a map with some of passed, failed"),
        ({"counts": {"passed": "summary.ok"}}, "counts.passed must be a JSON pointer"),
        ({"counts": {"passed": "/a~2"}}, "counts.passed must be a JSON pointer"),
        ({"counts": {"passed": ""}}, "counts.passed must be a JSON pointer"),
        ({"counts": {"passed": 3}}, "counts.passed must be a JSON pointer"),
        ({"counts": {"passed": "/" + "a" * 300}}, "counts.passed must be a JSON pointer"),
        ({"subject": {"tag": "/a"}}, "subject must be a map"),
        ({"produced_at": "at"}, "produced_at must be a JSON pointer"),
        ({"produced_at": None}, "produced_at must be a JSON pointer"),
        ({"claim": 3}, "claim must be"),
        ({"claim": {"at": "/a"}}, "claim must be"),
        ({"claim": {"at": "/a", "passed": [], "failed": [False]}}, "lists of values"),
        ({"claim": {"at": "/a", "passed": [1.5], "failed": [False]}}, "texts, whole numbers"),
        ({"claim": {"at": "/a", "passed": ["x"], "failed": ["x"]}}, "in common"),
        ({"facts": {"Level": "/a"}}, "not a name"),
        ({"facts": {f"f{i}": "/a" for i in range(51)}}, "at most 50"),
        ({"title": "two\nlines"}, "one line"),
        ({"titel": "x"}, "unknown key 'titel'"),
    ],
)
def test_a_definition_without_a_single_meaning_is_refused(changed, words):
    """One sentence says what is wrong; a misspelt key never vanishes."""
    with pytest.raises(BadDefinition) as caught:
        collector(**changed)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["Scan", "scan_x", "-scan", "scan-", "a" * 51, "scan.v2", "..", ""])
def test_a_kind_has_a_plain_name(name):
    """The file's name is the kind's."""
    with pytest.raises(BadDefinition, match="cannot name a kind"):
        collector(name=name)


# layers

RULE = """# METADATA
# title: Scans are of level two
# description: The first level looks at headers only.
# custom: {{code: team.level, severity: error, message: "level {{level}}", remedy: scan deeper}}
package dpone.custom.release_gate.team

import rego.v1

deny contains {{"code": "team.level", "evidence": e.name, "params": {{"level": e.facts.values.level}}}} if {{
	some e in input.evidence
	e.kind == "custom/scan"
	e.state == "present"
	e.facts.values.level < {least}
}}
"""


def declare(world: Simulator, least: int = 0, **changed: Any) -> None:
    """Write the layer `team` with the kind, and a rule of its own where `least` is not 0."""
    definition = {key: value for key, value in (DEFINITION | changed).items() if value is not ...}
    world.write("policies/team/kinds/scan.yaml", json.dumps(definition))
    world.write("policies/team/kinds/scan.schema.json", json.dumps(SCHEMA))
    if least:
        world.write("policies/team/release_gate.rego", RULE.format(least=least))


@pytest.fixture
def world(tmp_path: Path) -> Simulator:
    """A green release with a layer that declares a kind, and a document of it."""
    made = Simulator(tmp_path)
    declare(made)
    made.write("build/scan.json", json.dumps(SCAN))
    made.config("policies: [policies/team]")
    return made


def test_a_gate_takes_evidence_of_a_custom_kind(world: Simulator) -> None:
    """Without code, and only with the layer: judged, kept, verified, and collected again from the ledger."""
    done = world.gate("--artifact", "scan=build/scan.json")
    assert done.status == 0, done.out
    assert "3 passed, 0 failed" in done.out
    (world.root / "policies/team/kinds/scan.yaml").unlink()
    (world.root / "policies/team/kinds/scan.schema.json").unlink()
    world.write("policies/team/nothing.rego", RULE.format(least=1))
    assert world.run("decision", "verify", "latest").status == 0
    again = world.run("decision", "replay", "--all", "--collect")
    assert again.status == 0, again.out
    without = world.gate("--artifact", "scan=build/scan.json")
    assert (without.status, "not recognised" in without.out) == (1, True)


def test_what_if_reads_evidence_with_the_kinds_of_now(world: Simulator) -> None:
    """The same kind changes nothing; without it, what was decided on it would be refused."""
    assert world.gate("--artifact", "scan=build/scan.json").status == 0
    same = world.run("policy", "what-if", "--format", "json").document
    assert (same["flips"], same["cannot"]) == (0, 0)
    (world.root / "policies/team/kinds/scan.yaml").unlink()
    (world.root / "policies/team/kinds/scan.schema.json").unlink()
    world.write("policies/team/nothing.rego", RULE.format(least=1))
    (row,) = world.run("policy", "what-if", "--format", "json").document["results"]
    assert (row["before"], row["after"]) == ("passed", "failed")
    assert "scan" in {change["evidence"] for change in row["new"]}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"summary": {"ok": 3, "bad": 1, "level": 1}, "passed": False}, "1 failed"),
        ({"summary": {"ok": 0, "bad": 0, "level": 1}}, "0 passed"),
        ({"summary": {"ok": 3, "level": 1}}, "counts that are not there: failed"),
        ({"passed": False}, "contradicts itself"),
        ({"about": {"release": "v9"}}, "about another release"),
        ({"at": "2020-01-01T00:00:00Z"}, "old"),
        ({"scanner": "other"}, "not recognised"),
    ],
)
def test_what_is_not_good_is_red(world: Simulator, changed: dict[str, Any], words: str) -> None:
    """Failures, emptiness, contradictions, other releases and old dates, as of any other kind."""
    world.write("build/scan.json", json.dumps(SCAN | changed))
    done = world.gate("--artifact", "scan=build/scan.json")
    assert (done.status, words in done.out) == (1, True), done.out


def test_rules_of_the_layer_see_the_selected_values(world: Simulator) -> None:
    """Facts of the definition are what a rule of the team compares."""
    declare(world, least=3)
    done = world.gate("--artifact", "scan=build/scan.json")
    assert (done.status, "level 2.5" in done.out) == (1, True), done.out
    declare(world, least=2)
    assert world.gate("--artifact", "scan=build/scan.json").status == 0


def test_it_never_meets_a_requirement_for_a_built_in_kind(world: Simulator) -> None:
    """A pin holds: neither a built-in kind's by a custom document, nor a custom one's by a built-in document."""
    world.config("gates: {release-gate: {require: [tests]}}")
    text = (world.root / "dpone.yaml").read_text("utf-8")
    pinned = text.replace("tests: {path: build/junit.xml}", "tests: {path: build/scan.json, kind: junit}")
    assert pinned != text
    world.write("dpone.yaml", pinned)
    done = world.gate()
    assert (done.status, "is not junit" in done.out) == (1, True)
    other = text.replace("tests: {path: build/junit.xml}", "tests: {path: build/junit.xml, kind: custom/scan}")
    world.write("dpone.yaml", other)
    done = world.gate()
    assert (done.status, "is junit, which no custom kind can stand for" in done.out) == (1, True)


def test_it_can_be_shown_and_sealed(world: Simulator) -> None:
    """Looking and sealing know the kinds of the configured layers."""
    assert "custom/scan" in world.run("evidence", "show", "build/scan.json").out
    done = world.run("evidence", "seal", "scan=build/scan.json", "--release", "v0.7.1", *world.clock)
    assert done.status == 0, done.err
    assert world.gate("--artifact", "scan=build/scan.json").status == 0


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("kinds/scan.yaml", "counts: {passed: /a}", "schema must name a file"),
        ("kinds/scan.yaml", "- 1", "must be a map"),
        ("kinds/scan.yaml", "a: &x 1", "anchors and aliases"),
        ("kinds/scan.schema.json", "{", "is not JSON"),
        ("kinds/Scan.yaml", "x", "small letters"),
        ("kinds/scan.yaml.bak", "x", "small letters"),
        ("kinds/deeper/scan.yaml", "x", "small letters"),
        ("kinds/scan.schema.yaml", "x", "small letters"),
        ("kinds/data.json", "{}", "data belongs into dpone.yaml"),
        ("kinds/scan.json", json.dumps(DEFINITION), "declared in two files"),
    ],
)
def test_a_layer_with_a_kind_that_is_not_accepted_is_refused_whole(world: Simulator, file, text, words) -> None:
    """Exit 3 with one clear line, and `policy lint` says the same."""
    world.write(f"policies/team/{file}", text)
    done = world.gate("--artifact", "scan=build/scan.json")
    assert done.status == 3
    assert words in done.out + done.err
    assert "Traceback" not in done.err
    lint = world.run("policy", "lint", "policies/team")
    assert (lint.status, words in lint.out) == (1, True)


def test_two_layers_cannot_declare_one_kind(world: Simulator) -> None:
    """Which definition counts would depend on the order of the layers."""
    for file in ("scan.yaml", "scan.schema.json"):
        world.put(f"policies/other/kinds/{file}", world.root / "policies/team/kinds" / file)
    done = world.gate("--policy", "policies/other", "--artifact", "scan=build/scan.json")
    assert (done.status, "two policy layers declare the kind custom/scan" in done.out + done.err) == (3, True)


def test_the_digest_of_a_layer_covers_its_kinds(world: Simulator) -> None:
    """What a decision signs and what a trust file pins change with a definition or a schema."""
    path = world.root / "policies/team"
    before = load_layer(path, "release-gate")
    assert before.digest == layer_digest(before.modules, before.kinds)
    declare(world, title="Other scan")
    after = load_layer(path, "release-gate")
    assert before.digest != after.digest
    assert before.source_digest != after.source_digest


def test_kept_kinds_that_were_changed_are_found(world: Simulator) -> None:
    """The kept layer has the digest that was signed, or the decision does not verify."""
    assert world.gate("--artifact", "scan=build/scan.json").status == 0
    for path in (world.root / ".dpone").rglob("*"):
        if path.is_file() and b'"kinds":{"team/kinds' in path.read_bytes():
            path.chmod(0o644)
            path.write_bytes(path.read_bytes().replace(b"Acme scan", b"Acme skan"))
    assert world.run("decision", "verify", "latest").status == 1


def test_kinds_of_a_stored_decision_are_checked_again():
    """Whoever hands over a decision may have changed its kinds: a remote reference is refused here too."""
    remote = json.dumps({**SCHEMA, "properties": {"a": {"$ref": "https://example.com/x"}}})
    files = {"team/kinds/scan.json": json.dumps(DEFINITION), "team/kinds/scan.schema.json": remote}
    assert read_kinds(files)[1]
    with pytest.raises(UndecidedError, match="only references inside"):
        joined_kinds([files])


def test_a_layer_may_be_nothing_but_kinds(tmp_path: Path) -> None:
    """No code is needed; an empty folder is still refused."""
    world = Simulator(tmp_path)
    declare(world)
    assert load_layer(world.root / "policies/team", "release-gate").inventory == ()
    (world.root / "policies/empty").mkdir()
    with pytest.raises(LayerRefused, match=r"holds no \.rego file"):
        load_layer(world.root / "policies/empty", "release-gate")


@pytest.mark.parametrize("declares", [False, True])
def test_only_who_declares_a_kind_pays_for_json_schema(world: Simulator, declares: bool) -> None:
    """The library that validates is slow to load; a layer of rules alone does not load it."""
    if not declares:
        world.layer(RULE.format(least=1))
    code = (
        "import sys; from pathlib import Path; from dpone.policy.layers import load_layer;"
        "import dpone.decisions.decide;"
        f"load_layer(Path({str(world.root / 'policies/team')!r}), 'release-gate');"
        "print('jsonschema' in sys.modules)"
    )
    if not declares:
        for file in ("scan.yaml", "scan.schema.json"):
            (world.root / "policies/team/kinds" / file).unlink()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (str(declares), "")


def test_the_page_names_every_rule_and_fact() -> None:
    """What the page promises is what the rules and the schema have, and its definition is accepted."""
    page = (SAMPLES.parent.parent / "docs/evidence/custom.md").read_text("utf-8")
    schema = json.loads(shipped("schemas", "evidence", "custom.v1.json").read_text("utf-8"))
    told = set(re.findall(r"^\| `custom\.(\w+)` \|", page, re.MULTILINE))
    assert told == set(rule_names("custom"))
    facts = page.partition("## Facts")[2].partition("## What it cannot do")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", facts, re.MULTILINE)) == set(schema["required"])
    shown = re.search(r"```yaml\n(schema: .*?)```", page, re.DOTALL)
    assert shown
    assert read_definition("scan.yaml", shown[1], {"scan.schema.json": json.dumps(SCHEMA)}).claim == "/passed"


def test_facts_fit_their_schema() -> None:
    """With and without a claim, whole or not."""
    schema = json.loads(shipped("schemas", "evidence", "custom.v1.json").read_text("utf-8"))
    for changed in ({}, {"passed": ...}, {"summary": {"level": "deep"}}):
        facts = dict(collector().read(scan(**changed), {}).facts)
        assert not list(jsonschema.Draft202012Validator(schema).iter_errors(facts))
