"""The JSON Schema of dpone.yaml, made from the table of keys, so that editors and dpone agree."""

from __future__ import annotations

from typing import Any

from dpone.config.keys import KEYS, SHORT

SCHEMA_ID = "urn:dpone:schema:config:v1"


def config_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of dpone.yaml."""
    root: dict[str, Any] = _folder()
    for key in KEYS:
        place = root
        *folders, leaf = key.path.split(".")
        for folder in folders:
            if folder == "*":
                place = place.setdefault("additionalProperties", False) or _named(place)
            else:
                place = place["properties"].setdefault(folder, _folder())
        place["properties"][leaf] = {**key.schema, "description": key.doc}
    for path in SHORT:
        place = root
        for folder in path[:-1]:
            place = place["properties"][folder]
        whole = place["properties"][path[-1]]
        one = next(iter(whole["properties"].values()))
        place["properties"][path[-1]] = {"oneOf": [one, whole]}
    root["required"] = ["version"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "dpone.yaml",
        **root,
    }


def _folder() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}


def _named(place: dict[str, Any]) -> dict[str, Any]:
    inner = _folder()
    place["additionalProperties"] = inner
    return inner
