"""Outputs held to the schemas that their readers hold them to."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

SCHEMAS = Path(__file__).resolve().parent / "schemas" / "ci"


@cache
def sarif_validator() -> Any:
    """The official SARIF 2.1.0 schema (JSON Schema draft 4), with the formats it names."""
    from jsonschema import Draft4Validator

    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_bytes())
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


@cache
def junit_schema() -> Any:
    """The XSD of Jenkins."""
    import xmlschema

    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


@cache
def gitlab_validator() -> Any:
    """GitLab's documented form."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((SCHEMAS / "gitlab-code-quality.json").read_bytes()))


def check_sarif(data: bytes) -> Any:
    """The log, after the schema and what the standard says beside it: indexes fit, regions begin at 1."""
    log = json.loads(data)
    sarif_validator().validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (place,) = result["locations"]
        index = place["physicalLocation"]["artifactLocation"].get("index")
        if index is not None:
            assert (
                run["artifacts"][index]["location"]["uri"]
                == place["physicalLocation"]["artifactLocation"]["uri"]
            )
    assert len({"suppressions" in result for result in run["results"]}) <= 1
    return log


def check_junit(data: bytes) -> Any:
    """The root element, after the schema and the sums in it."""
    text = data.decode("utf-8")
    junit_schema().validate(text)
    root = ET.fromstring(text)
    for element, count in (("testcase", "tests"), ("failure", "failures"), ("error", "errors")):
        assert int(root.get(count, "-1")) == len(root.findall(f".//{element}"))
    return root


def check_gitlab(data: bytes) -> Any:
    """The entries, after the schema; no two with one fingerprint, for GitLab would drop one."""
    entries = json.loads(data)
    gitlab_validator().validate(entries)
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)
    return entries


def check_github(data: bytes) -> list[str]:
    """The lines, each a command that only shows something, and none that a runner would read otherwise."""
    lines = data.decode("utf-8").splitlines()
    assert data.decode("utf-8").split("\n")[:-1] == lines
    for line in lines:
        command, _, rest = line.removeprefix("::").partition(" ")
        assert line.startswith("::")
        assert command in ("error", "warning", "notice")
        properties, _, message = rest.partition("::")
        for pair in properties.split(","):
            name, _, value = pair.partition("=")
            assert name in ("file", "line", "col", "title")
            assert ":" not in value
        assert "##[" not in message
    return lines


def check_text(data: bytes) -> list[str]:
    """The lines, none of which a runner takes for a command or a terminal for more than text."""
    lines = data.decode("utf-8").split("\n")
    for line in lines:
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert line.isprintable()
    return lines


CHECKS: dict[str, Callable[[bytes], Any]] = {
    "sarif": check_sarif,
    "junit": check_junit,
    "gitlab": check_gitlab,
    "github": check_github,
    "text": check_text,
    "json": json.loads,
    "md": check_text,
}
"""Format -> what a reader of it demands."""
