"""Shared by the tests of evidence kinds: read a sample, judge it with its shipped rules, check its facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import regopy

from dpone.canonical import canonical_bytes
from dpone.evidence.model import Reading
from dpone.evidence.parsing import parse
from dpone.evidence.recognition import Collector, recognize
from dpone.shipped import shipped

SAMPLES = Path(__file__).parent.parent / "samples"


def sample(path: str) -> bytes:
    """The bytes of a sample."""
    return (SAMPLES / path).read_bytes()


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
    package = f"dpone.kinds.{kind.replace('-', '_')}"
    engine = regopy.Interpreter()
    engine.strict_built_in_errors = True
    engine.add_module("lib", shipped("policies", "dpone", "lib", "lib.rego").read_text())
    engine.add_module("kind", rule_file(kind).read_text())
    engine.add_data_json(json.dumps({"dpone": {"config": {"kinds": merged}}}))
    names = rule_names(kind)
    assert names
    entries = [f"{package.replace('.', '/')}/{name}" for name in names]
    bundle = engine.build(f"data.{package}", entries)
    assert bundle.ok()
    engine.set_input_term(json.dumps({"evidence": items}, ensure_ascii=False))
    answers = []
    for name, entry in zip(names, entries, strict=True):
        output = json.loads(str(engine.query_bundle_entrypoint(bundle, entry)))
        found = output["expressions"][0] if isinstance(output, dict) else output[0]
        assert {answer["evidence"] for answer in found} == {item["name"] for item in items}, f"{name} is silent"
        answers += [{"rule": name, **answer} for answer in found]
    return answers


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
    block = text[: text.index(f"\n{rule} contains")].rpartition("# METADATA")[2]
    return block.partition("severity: ")[2].split()[0]
