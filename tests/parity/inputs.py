"""Inputs for every gate, from a seed number: shaped by the schemas, filled from the worlds of the rules' own
tests, and changed a little. Types stay what they are, because the input schema promises them."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seeds import Seed

from dpone.config.load import Config, Value, flatten, shipped_values
from dpone.decisions.gate_input import config_document
from dpone.evidence.recognition import collectors
from dpone.shipped import shipped

WORDS = (
    "", "a", "tests", "v0.7.1", "production", "é€ß", 'say "no"', "back\\slash", "line\nbreak", "a/b", "data.dpone",
    "<b>&amp;</b>", "10", "true", "null", "%s %d", "{name}", "\u2028", "\U0001d4b3", "x" * 70,
)  # fmt: skip
PATTERNED = ("a" * 64, "0" * 64, "b" * 40, "", "2026-11-23T00:00:00Z", "env", "airflow", "v1")
"""Texts for schemas that want a pattern."""
NUMBERS = (0, 1, 2, 3, 10, 49, 50, 51, 99, 100, 3600, 604800, 604801, 2**40)
FRACTIONS = (0.0, 0.1, 0.29, 0.3, 1.5, 49.99, 50.0, 50.01, 99.9, 123456.789)
CONFIGS = 4
"""Configurations per gate: standard, strict, and mixtures of what the tests put there."""


def _schema(*parts: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shipped("schemas", *parts).read_text("utf-8"))
    return found


@dataclass(frozen=True)
class Inputs:
    """Makes the inputs of one gate. `seeds` are the worlds of its own rules' tests and of those on all
    evidence and on kinds."""

    gate: str
    seeds: tuple[Seed, ...]

    @property
    def own(self) -> list[Seed]:
        """The worlds of the gate's own rules."""
        package = f"dpone.gates.{self.gate.replace('-', '_')}"
        return [seed for seed in self.seeds if seed.package == package]

    def configs(self, number: int) -> list[dict[str, Any]]:
        """What `data.dpone.config` holds, in each of the configurations."""
        rng = random.Random(f"{self.gate} config {number}")
        made = [config_document(_profile(name), self.gate) for name in ("standard", "strict")]
        given = [pair for seed in self.seeds for pair in seed.config]
        while len(made) < CONFIGS:
            config = copy.deepcopy(made[rng.randrange(2)])
            for path, value in rng.sample(given, min(len(given), 30)):
                for part in reversed(path):
                    value = {part: value}  # noqa: PLW2901
                config = _over(config, copy.deepcopy(value))
            made.append(config)
        return made

    def documents(self, number: int, count: int, *, first: int = 0) -> Iterator[dict[str, Any]]:
        """`count` inputs: the worlds from the `first` on as they are, then changed and mixed ones."""
        rng = random.Random(f"{self.gate} {number} {first}")
        maker = _Maker(rng, self.gate, self.seeds)
        plain = (self.own + [seed for seed in self.seeds if seed not in self.own])[first:]
        for seed in plain[:count]:
            yield maker.document(seed, changes=0)
        for _ in range(count - len(plain)):
            seed = rng.choice(self.own or list(self.seeds)) if rng.random() < 0.5 else rng.choice(self.seeds)
            yield maker.document(seed, changes=rng.choice((0, 1, 1, 2, 3)))


def _profile(name: str) -> Config:
    values = shipped_values()
    leaves = {path: Value(raw, "default") for path, raw in flatten(values["defaults"], "defaults")}
    leaves |= {path: Value(raw, name) for path, raw in flatten(values["profiles"][name], name)}
    leaves["profile",] = Value(name, name)
    return Config(leaves)


class _Maker:
    """Builds documents with one source of chance."""

    def __init__(self, rng: random.Random, gate: str, seeds: Sequence[Seed]) -> None:
        self.rng, self.gate = rng, gate
        self.schema = _schema("input.v1.json")
        self.item = self.schema["properties"]["evidence"]["items"]
        folder = shipped("schemas", "evidence")
        self.facts = {
            p.name.removesuffix(".v1.json"): _schema("evidence", p.name) for p in folder.glob("*.json")
        }
        self.kinds = sorted({collector.kind for collector in collectors()} | set(self.facts))
        self.seen: dict[str, list[dict[str, Any]]] = {}
        self.texts: dict[str, set[str]] = {}
        for seed in seeds:
            for item in _items(seed.input):
                self.seen.setdefault(str(item.get("kind", "")), []).append(item)
            for key, text in _strings(seed.input):
                self.texts.setdefault(key, set()).add(text)

    def document(self, seed: Seed, changes: int) -> dict[str, Any]:
        """A whole input with the world of `seed` in it, and so many values of it changed."""
        made = self.by_schema(
            {**self.schema, "properties": {**self.schema["properties"], "evidence": {"const": []}}}
        )
        given = copy.deepcopy(seed.input)
        items = _items(given) if "evidence" in given else []
        others = [i for i in given.get("evidence", []) if not isinstance(i, dict)]
        made = _over(made, {key: self.whole(key, given[key]) for key in given if key != "evidence"})
        extra = self.rng.choice((0, 0, 1, 2)) if changes or not items else 0
        made["evidence"] = [_over(self.by_schema(self.item), item) for item in items] + others
        made["evidence"] += [self.evidence() for _ in range(extra)]
        if self.rng.random() < 0.5:
            made["required"] += [{"name": i["name"], "kinds": [], "max_age_seconds": 0} for i in made["evidence"] if
                                 isinstance(i.get("name"), str)][:2]  # fmt: skip
        for _ in range(changes):
            self.change(made)
        made.update(schema="dpone.input/v1", gate=self.gate)
        return made

    def whole(self, key: str, value: Any) -> Any:
        """What a test says of one part of the input, with all that the schema promises of each row of a list."""
        row = self.schema["properties"].get(key, {}).get("items", {})
        if not isinstance(value, list) or row.get("type") != "object":
            return value
        return [_over(self.by_schema(row, self.schema), one) if isinstance(one, dict) else one for one in value]

    def evidence(self) -> dict[str, Any]:
        """One more item: of a kind that has facts, from its schema or as a test gave them."""
        kind = self.rng.choice([*self.kinds, *self.seen])
        item: dict[str, Any] = self.by_schema(self.item)
        item["kind"] = kind
        if self.rng.random() < 0.8:
            item.update(state="present")
        if kind in self.seen and self.rng.random() < 0.6:
            return _over(item, copy.deepcopy(self.rng.choice(self.seen[kind])))
        item["facts"] = self.by_schema(self.facts[kind]) if kind in self.facts else {}
        return item

    def by_schema(self, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
        """A value that fits a JSON Schema of the few words ours use."""
        root = schema if root is None else root
        if "$ref" in schema:
            return self.by_schema(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
        if "const" in schema:
            return copy.deepcopy(schema["const"])
        if "enum" in schema:
            return self.rng.choice(schema["enum"])
        kind = schema.get("type", "object")
        kind = kind if isinstance(kind, str) else self.rng.choice(kind)
        if kind == "object":
            made = {key: self.by_schema(inner, root) for key, inner in schema.get("properties", {}).items()}
            more = schema.get("additionalProperties")
            if isinstance(more, dict):
                made |= {self.word(""): self.by_schema(more, root) for _ in range(self.rng.randrange(3))}
            return made
        if kind == "array":
            most = min(3, schema.get("maxItems", 3))
            return [
                self.by_schema(schema.get("items", {"type": "string"}), root)
                for _ in range(self.rng.randint(0, most))
            ]
        if kind == "string":
            return self.text_of(schema.get("pattern", ""), schema.get("minLength", 0))
        if kind == "boolean":
            return self.rng.random() < 0.5
        if kind == "null":
            return None
        pool: Sequence[int | float] = NUMBERS if kind == "integer" else (*NUMBERS, *FRACTIONS)
        low, high = schema.get("minimum", 0), schema.get("maximum", 2**53)
        return self.rng.choice([number for number in pool if low <= number <= high])

    def text_of(self, pattern: str, shortest: int) -> str:
        """A text of so many characters, one that fits the pattern where the schema has one."""
        if not pattern:
            word = self.word("")
            return word if len(word) >= shortest else "x" * shortest
        fitting = [text for text in PATTERNED if re.search(pattern, text)]
        assert fitting, f"no text of PATTERNED fits {pattern}: add one"
        return self.rng.choice(fitting)

    def word(self, key: str) -> str:
        """A text that a test uses at this key, or one that is hard to carry."""
        known = sorted(self.texts.get(key, ()))
        return self.rng.choice(known) if known and self.rng.random() < 0.6 else self.rng.choice(WORDS)

    def change(self, document: dict[str, Any]) -> None:
        """Change one value somewhere, or repeat or drop a member of a list."""
        places = list(_places(document))
        holder, key = self.rng.choice(places)
        value = holder[key]
        if isinstance(value, bool):
            holder[key] = not value
        elif isinstance(value, str):
            holder[key] = self.word(str(key))
        elif isinstance(value, int):
            holder[key] = self.rng.choice((max(0, value - 1), value + 1, self.rng.choice(NUMBERS)))
        elif isinstance(value, float):
            holder[key] = self.rng.choice(FRACTIONS)
        elif isinstance(value, list) and value:
            if self.rng.random() < 0.5:
                value.append(copy.deepcopy(self.rng.choice(value)))
            else:
                value.pop(self.rng.randrange(len(value)))


def _items(given: Any) -> list[dict[str, Any]]:
    found = given.get("evidence", []) if isinstance(given, dict) else []
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _over(base: Any, value: Any) -> Any:
    """`value` laid over `base`: objects are joined, everything else is replaced."""
    if isinstance(base, dict) and isinstance(value, dict):
        return {**base, **{key: _over(base.get(key), inner) for key, inner in value.items()}}
    return value


def _strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place that holds a value, as its holder and key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)
