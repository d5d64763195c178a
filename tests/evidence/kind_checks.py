"""Shared by the tests of evidence kinds: read a sample, judge it with its shipped rules, check its facts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import regopy

from dpone.canonical import canonical_bytes
from dpone.evidence.model import Reading
from dpone.evidence.parsing import parse
from dpone.evidence.recognition import Collector, recognize
from dpone.record import asdict
from dpone.shipped import shipped

SAMPLES = Path(__file__).parent.parent / "samples"


def sample(path: str) -> bytes:
    """The bytes of a sample."""
    return (SAMPLES / path).read_bytes()


def change(path: str, *edits: tuple[str, Any]) -> bytes:
    """A JSON sample with values at pointers replaced; `...` removes."""
    root = json.loads(sample(path))
    for pointer, value in edits:
        *above, last = [int(key) if key.isdigit() else key for key in pointer.strip("/").split("/")]
        parent = root
        for key in above:
            parent = parent[key]
        if value is ...:
            del parent[last]
        else:
            parent[last] = value
    return json.dumps(root).encode()


def read_bytes(data: bytes, options: Mapping[str, Any] | None = None, kind: str = "") -> Reading:
    """Parse, recognise and read `data`; the facts are checked against the schema of the kind."""
    document = parse(data)
    return read_with(recognize(document, kind), document, options)


def read_with(collector: Collector, document: Any, options: Mapping[str, Any] | None = None) -> Reading:
    """Read with one collector and check what it must always hold."""
    reading = collector.read(document, options or {})
    assert reading.kind == collector.kind
    check_facts(reading)
    return reading


def check_facts(reading: Reading) -> None:
    """Facts fit their schema, have one canonical form, and stay small."""
    facts = dict(reading.facts)
    errors = list(validator(reading.kind).iter_errors(facts))
    assert not errors, errors[0].message
    assert len(canonical_bytes(facts)) < 100_000
    assert all(value >= 0 for value in asdict(reading.counts).values())
    assert "\n" not in reading.summary
    if reading.produced_at:
        assert reading.produced_at.utcoffset() is not None


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    """The validator of one kind's facts."""
    schema = json.loads(shipped("schemas", "evidence", f"{kind}.v1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@cache
def config(profile: str = "standard") -> dict[str, Any]:
    """The shipped defaults of `kinds`, with those of a profile over them."""
    data = json.loads(shipped("policies", "dpone", "config", "data.json").read_text())
    kinds = {kind: dict(options) for kind, options in data["defaults"]["kinds"].items()}
    for kind, options in data["profiles"][profile].get("kinds", {}).items():
        kinds.setdefault(kind, {}).update(options)
    return kinds


def rule_names(kind: str) -> list[str]:
    """The checks of a kind: rules with a METADATA block above them."""
    text = rule_file(kind).read_text()
    names, described = [], False
    for line in text.splitlines():
        if line == "# METADATA":
            described = True
        elif described and line and not line.startswith("#"):
            names.append(line.split()[0])
            described = False
    return names


def rule_file(kind: str) -> Path:
    """The Rego file of a kind."""
    name = kind.replace("-", "_")
    return shipped("policies", "dpone", "kinds", name, f"{name}.rego")


def judge(
    *readings: Reading, kinds: Mapping[str, Any] | None = None, profile: str = "standard"
) -> list[dict[str, Any]]:
    """Answers of every rule of the readings' kind, evaluated by the embedded engine, each with `rule`.
    Evidence is named `a`, `b`, … in order. Every rule must answer for every item."""
    kind = readings[0].kind
    merged = {name: dict(options) for name, options in config(profile).items()}
    for name, options in (kinds or {}).items():
        merged.setdefault(name, {}).update(options)
    items = [
        {
            "name": chr(97 + i),
            "kind": r.kind,
            "state": "present",
            "reported": r.reported,
            "contradictions": list(r.contradictions),
            "counts": asdict(r.counts),
            "facts": dict(r.facts),
        }
        for i, r in enumerate(readings)
    ]
    names = rule_names(kind)
    found = evaluate(kind, names, {"evidence": items}, {"kinds": merged})
    assert names
    told = {name: _each(found[name], [item["name"] for item in items]) for name in names}
    for name in names:
        assert {answer["evidence"] for answer in told[name]} == {item["name"] for item in items}, (
            f"{name} is silent"
        )
    return [{"rule": name, **answer} for name in names for answer in told[name]]


def _each(given: Any, items: list[str]) -> list[dict[str, Any]]:
    """An answer that names what holds, as one for each item."""
    if isinstance(given, list):
        return given
    shared = {field: value for field, value in given.items() if field != "holds"}
    assert set(given["holds"]) <= set(items)
    return [{**shared, "evidence": name, "ok": name in given["holds"]} for name in items]


def evaluate(kind: str, rules: list[str], document: Any, configuration: Any) -> dict[str, Any]:
    """The values of `rules` of a kind's package for one input and one configuration."""
    package = f"dpone/kinds/{rule_file(kind).stem}"
    sources = [shipped("policies", "dpone", "lib", "lib.rego").read_text(), rule_file(kind).read_text()]
    return _query(sources, package, rules, document, {"dpone": {"config": configuration}})


def _query(sources: list[str], package: str, rules: list[str], document: Any, data: Any) -> dict[str, Any]:
    engine = regopy.Interpreter()
    engine.strict_built_in_errors = True
    for number, source in enumerate(sources):
        engine.add_module(f"module_{number}", source)
    engine.add_data_json(json.dumps(data))
    entries = {rule: f"{package}/{rule}" for rule in rules}
    bundle = engine.build(f"data.{package.replace('/', '.')}", list(entries.values()))
    assert bundle.ok()
    engine.set_input_term(json.dumps(document, ensure_ascii=False))
    outputs = {rule: str(engine.query_bundle_entrypoint(bundle, entry)) for rule, entry in entries.items()}
    return {
        rule: json.loads(text)["expressions"][0] if "expressions" in text else None
        for rule, text in outputs.items()
    }


_TEST = re.compile(r"^(test_\w+) if \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_CALL = re.compile(
    r"found := \w+\.(\w+) with input as (.+?)(?: with data\.dpone\.config as (\w+))?$", re.MULTILINE
)


def rego_tests(kind: str) -> dict[str, str]:
    """The bodies of the test_ rules beside the rules of a kind."""
    return dict(_TEST.findall(_test_file(kind)))


def run_rego_test(kind: str, name: str, body: str) -> bool:
    """Run one Rego test in the embedded engine, which cannot evaluate `with input` over rules that use
    other rules: input and configuration are computed first, then the rule, then what the test says."""
    call = _CALL.search(body)
    assert call, name
    rule, document, configuration = call[1], call[2], call[3] or "{}"
    helpers = _TEST.sub("", _test_file(kind)).partition("import rego.v1")[2]
    package = "dpone/kinds/under_test"
    head = "package dpone.kinds.under_test\n\nimport rego.v1\n" + re.sub(
        r"^import .*$", "", helpers, flags=re.MULTILINE
    )
    world = f'{head}\nworld := {{"input": {document}, "config": {configuration}}} if {{\n{body[: call.start()]}\ttrue\n}}\n'
    given = _query([world], package, ["world"], {}, {})["world"]
    answers = evaluate(kind, [rule], given["input"], given["config"])[rule]
    verdict = f"{head}\nverdict if {{\n{_CALL.sub('found := input.found', body)}}}\n"
    return bool(_query([verdict], package, ["verdict"], {"found": answers}, {})["verdict"] is True)


def _test_file(kind: str) -> str:
    return rule_file(kind).with_name(f"{rule_file(kind).stem}_test.rego").read_text()


def denied(*readings: Reading, kinds: Mapping[str, Any] | None = None, profile: str = "standard") -> set[str]:
    """Names of the rules that say no, `rule` for an error and `rule:warning` for a milder severity."""
    levels = {rule: _default_severity(rule, readings[0].kind) for rule in rule_names(readings[0].kind)}
    found = set()
    for answer in judge(*readings, kinds=kinds, profile=profile):
        if not answer["ok"]:
            severity = answer.get("severity", levels[answer["rule"]])
            found.add(answer["rule"] if severity == "error" else f"{answer['rule']}:{severity}")
    return found


def _default_severity(rule: str, kind: str) -> str:
    text = rule_file(kind).read_text()
    block = text[: text.index(f"\n{rule} := ")].rpartition("# METADATA")[2]
    return block.partition("severity: ")[2].split()[0]
