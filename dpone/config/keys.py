"""The table of configuration keys: what each may hold, how it may move, and what it means.

Everything about a key stands in its row: validation, `dpone config show`, the JSON Schema for
editors, the rule that a protected environment only tightens, and the documentation read it here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from dpone.config.allowances import ALLOW_SCHEMA, LISTS_SCHEMA, read_allowances, read_lists
from dpone.config.units import duration, size
from dpone.config.waivers import WAIVERS_SCHEMA, read_waivers
from dpone.record import dataclass

Tighten = Literal["up", "down", "superset", "subset", "locked", "free"]
"""How a value may move towards strictness: a larger number or a later choice (`up`), a smaller one
(`down`), more members, fewer members, not at all, or it has no strictness (`free`)."""


@dataclass(frozen=True)
class Key:
    """One row. `path` uses `*` for a name the user chooses. `read` returns the value as the program
    uses it (seconds, bytes, …) or raises `ValueError` with what is expected."""

    path: str
    read: Callable[[Any], Any]
    schema: dict[str, Any]
    doc: str
    tighten: Tighten = "free"
    order: tuple[str, ...] = ()


def _choice(*names: str) -> tuple[Callable[[Any], Any], dict[str, Any]]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value

    return read, {"enum": list(names)}


def _whole(low: int, high: int) -> tuple[Callable[[Any], Any], dict[str, Any]]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return read, {"type": "integer", "minimum": low, "maximum": high}


def _number(low: float, high: float) -> tuple[Callable[[Any], Any], dict[str, Any]]:
    def read(value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return value

    return read, {"type": "number", "minimum": low, "maximum": high}


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("a text that is not empty")
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or any(not isinstance(item, str) or not item for item in value):
        raise ValueError("a list of texts")
    return list(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004  # one exception type for every wrong value
    return value


def _require(value: Any) -> str | list[str]:
    if value == "declared":
        return "declared"
    try:
        return _texts(value)
    except ValueError:
        raise ValueError("declared, or a list of evidence names") from None


def _objectives(value: Any) -> dict[str, Any]:
    good = isinstance(value, dict) and all(
        isinstance(k, str) and isinstance(v, dict) and v and set(v) <= {"min", "max", "reduce"}
        for k, v in value.items()
    )
    if not good:
        raise ValueError("a map from metric to {max: N} or {min: N}")
    for metric, bounds in value.items():
        limits = {k: v for k, v in bounds.items() if k != "reduce"}
        if not limits or any(isinstance(v, bool) or not isinstance(v, int | float) for v in limits.values()):
            raise ValueError(f"a number for max or min of {metric}")
    return dict(value)


def _settings(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("a map of settings that your own rules read")  # noqa: TRY004
    return dict(value)


def _people(value: Any) -> list[str]:
    found = _texts(value)
    if not set(found) <= {"requester", "deployer"}:
        raise ValueError("a list of requester and deployer")
    return found


def _string_map(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or any(not isinstance(v, str) for v in value.values()):
        raise ValueError("a map from name to text")
    return dict(value)


_ENGINE = (
    r"regopy|opa|opa-server:https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"
)


def _engine(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(_ENGINE, value):
        raise ValueError("regopy, opa, or opa-server:http://HOST:PORT")
    if int(re.sub(r".*:([0-9]+)(/.*)?$|.*", r"\1", value.partition("://")[2]) or 0) > 65535:
        raise ValueError("a port up to 65535")
    return value


def _digest(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-fA-F]{64}", value):
        raise ValueError("a SHA-256 in 64 hex digits")
    return value.lower()


_TEXT_SCHEMA: dict[str, Any] = {"type": "string", "minLength": 1}
_TEXTS_SCHEMA: dict[str, Any] = {"type": "array", "items": _TEXT_SCHEMA}
_DURATION_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,6}[smhdw]$"}
_SIZE_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,6}(B|KB|MB|GB)$"}
_LEVEL, _WHERE = ("allow", "warn", "fail"), ("never", "protected", "always")


def _kind_keys(prefix: str) -> list[Key]:
    """The keys of one `kinds` block; the same rows stand under `gates.*.kinds`."""
    return [
        Key(f"{prefix}.junit.min_executed", *_whole(0, 10**6), "Test cases that must really have run.", "up"),
        Key(f"{prefix}.junit.max_skipped_percent", *_whole(0, 100), "Share of skipped cases that is still good.", "down"),
        Key(f"{prefix}.coverage.min_line_percent", *_number(0, 100), "Line coverage needed; 0 only reports.", "up"),
        Key(f"{prefix}.coverage.threshold", *_choice("optional", "required"),
            "Whether a coverage file without a threshold is an error.", "up", ("optional", "required")),
        Key(f"{prefix}.dbt.commands", _texts, _TEXTS_SCHEMA, "dbt commands whose results count as evidence.", "subset"),
        Key(f"{prefix}.dbt.warn", *_choice(*_LEVEL), "What a dbt test with severity warn means.", "up", _LEVEL),
        Key(f"{prefix}.sarif.fail_at", *_choice("error", "warning", "note"),
            "Lowest result level that is red.", "up", ("error", "warning", "note")),
        Key(f"{prefix}.bandit.fail_at", *_choice("high", "medium", "low"),
            "Lowest issue severity that is red.", "up", ("high", "medium", "low")),
        Key(f"{prefix}.pip-audit.fail_at", *_choice("any"), "Which vulnerabilities are red.", "locked"),
        Key(f"{prefix}.pip-audit.unaudited", *_choice(*_LEVEL), "What a package that was not audited means.", "up", _LEVEL),
        Key(f"{prefix}.prometheus.no_data", *_choice(*_LEVEL), "What an objective without data means.", "up", _LEVEL),
        Key(f"{prefix}.great-expectations.warn", *_choice(*_LEVEL),
            "What an unmet expectation of severity warning or info means.", "up", _LEVEL),
        Key(f"{prefix}.soda.warn", *_choice(*_LEVEL), "What a Soda check that warned means.", "up", _LEVEL),
        Key(f"{prefix}.datacontract.warn", *_choice(*_LEVEL), "What a contract check that warned means.", "up", _LEVEL),
        Key(f"{prefix}.spdx.unversioned", *_choice(*_LEVEL), "What a package without a version means.", "up", _LEVEL),
        Key(f"{prefix}.pytest-benchmark.threshold", *_choice("optional", "required"),
            "Whether benchmarks without an objective are an error.", "up", ("optional", "required")),
        Key(f"{prefix}.locust.max_failure_percent", *_number(0, 100), "Share of failed requests that is still good.", "down"),
        Key(f"{prefix}.detect-secrets.dismissed", *_choice(*_LEVEL),
            "What an entry marked as no secret means.", "up", _LEVEL),
    ]  # fmt: skip


KEYS: tuple[Key, ...] = (
    Key("version", *_whole(1, 1), "Version of this file's format.", "locked"),
    Key("profile", *_choice("standard", "strict"), "Values for the keys below.", "up", ("standard", "strict")),
    Key("subject.release", _text, _TEXT_SCHEMA, "Release when --release and DPONE_RELEASE are not given."),
    Key("subject.environment", _text, _TEXT_SCHEMA, "Environment when none is given."),
    Key("subject.run_id", _text, _TEXT_SCHEMA, "Run id when none is given."),
    Key("subject.commit", _text, _TEXT_SCHEMA, "Commit when none is given."),
    Key("evidence.*.path", _text, _TEXT_SCHEMA, "File, or pattern that matches exactly one file."),
    Key("evidence.*.kind", _text, _TEXT_SCHEMA, "Pins the kind; otherwise the content tells."),
    Key("evidence.*.objectives", _objectives, {"type": "object"},
        "Metric to {max: N} or {min: N} (prometheus, locust, pytest-benchmark)."),
    Key("evidence.*.metric", _text, _TEXT_SCHEMA, "Name for a query result that carries none (prometheus)."),
    Key("evidence.*.trusted_keys", _texts, _TEXTS_SCHEMA, "Base64 Ed25519 keys whose in-toto statements count."),
    Key("evidence.*.artifacts", _string_map, {"type": "object"}, "Name to path of the files a statement is about."),
    Key("evidence.*.max_age", duration, _DURATION_SCHEMA, "Oldest this evidence may be.", "down"),
    Key("gates.*.require", _require, {"oneOf": [{"const": "declared"}, _TEXTS_SCHEMA]},
        "Evidence that must be there; declared = every name under evidence.", "superset"),
    Key("gates.*.fail_on", *_choice("error", "warning"), "Lowest severity that is red.", "up", ("error", "warning")),
    Key("gates.*.max_age", duration, _DURATION_SCHEMA, "Oldest any evidence may be.", "down"),
    Key("gates.*.settings", _settings, {"type": "object"}, "Values your own rules read."),
    *_kind_keys("gates.*.kinds"),
    *_kind_keys("kinds"),
    Key("concerns.unsealed", *_choice(*_LEVEL), "Evidence without a seal.", "up", _LEVEL),
    Key("concerns.unbound", *_choice(*_LEVEL), "Evidence that names no release or commit.", "up", _LEVEL),
    Key("concerns.undated", *_choice(*_LEVEL), "Evidence that does not say when it was made.", "up", _LEVEL),
    Key("concerns.stale", *_choice(*_LEVEL), "Evidence older than max_age.", "up", _LEVEL),
    Key("concerns.unsigned_layer", *_choice(*_LEVEL), "A policy layer that nobody signed and no trust file pins.", "up",
        _LEVEL),
    Key("environments.*.protected", _boolean, {"type": "boolean"}, "Profile strict is the floor here.", "up"),
    Key("environments.*.required_change_request", _boolean, {"type": "boolean"},
        "A promotion into this environment needs an approved change request; protected ones always do.", "up"),
    Key("environments.*.after", _text, _TEXT_SCHEMA, "The environment a release must have passed before."),
    Key("approvals.signed", *_choice(*_WHERE),
        "Where an approval counts only when it is signed by the approver's own key.", "up", _WHERE),
    *(Key(f"approvals.quorum.{risk}", *_whole(1, 100), f"People who must approve a change of {risk} risk.", "up")
      for risk in ("low", "medium", "high", "critical")),
    Key("approvals.exclude", _people, {"type": "array", "items": {"enum": ["requester", "deployer"]}},
        "Who does not count among those who approve.", "superset"),
    Key("approvals.expires", duration, _DURATION_SCHEMA, "Oldest an approval may be.", "down"),
    Key("domains.*.kinds", _texts, _TEXTS_SCHEMA, "Kinds of evidence that can speak for a domain of readiness.", "subset"),
    Key("domains.*.weight", *_whole(1, 1000), "Weight of a domain in the score of readiness."),
    Key("policies", _texts, _TEXTS_SCHEMA, "Folders or archives (.tar.gz) with your own Rego, one layer each.", "superset"),
    Key("engine", _engine, {"type": "string", "pattern": f"^({_ENGINE})$"},
        "The engine that runs the rules: regopy, opa, or opa-server:URL."),
    Key("opa.binary", _text, _TEXT_SCHEMA, "The opa program; without it, the first one on the PATH."),
    Key("opa.sha256", _digest, {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
        "The digest the opa program must have; without it the engine is only trusted locally."),
    Key("signing.key", _text, _TEXT_SCHEMA, "auto, env:NAME, file:PATH, ssh:PATH or exec:COMMAND."),
    Key("signing.trust", _text, _TEXT_SCHEMA, "The trust file, or git:REF:PATH."),
    Key("ledger", _text, _TEXT_SCHEMA, "Where decisions are kept: file:PATH or git:REMOTE#BRANCH."),
    Key("keep.inputs", *_choice("all"), "Canonical inputs and policies kept for replay."),
    Key("keep.evidence_up_to", size, _SIZE_SCHEMA, "Evidence up to this size is kept for replay."),
    Key("output", _texts, _TEXTS_SCHEMA, "text, json, md, or FORMAT=PATH."),
    Key("limits.file", size, _SIZE_SCHEMA, "Largest evidence file that is read."),
    Key("limits.depth", *_whole(5, 1000), "Deepest nesting that is read."),
    Key("limits.input", size, _SIZE_SCHEMA, "Largest canonical input."),
    Key("limits.decide", duration, _DURATION_SCHEMA, "Longest a policy layer may run."),
    # Free on purpose: an entry names its owner, reason and end, and is what a protected environment asks for.
    Key("drift.allow", read_allowances, ALLOW_SCHEMA, "Paths that may differ between environments, until when."),
    Key("drift.lists", read_lists, LISTS_SCHEMA, "How env-drift compares lists: position, or key:NAME."),
    # Free as well: whether an entry counts is judged by rules; the limits only tighten.
    Key("waivers", read_waivers, WAIVERS_SCHEMA, "Findings that do not count until a day, and who answers for them."),
    *(Key(f"waiver_limits.max.{severity}", duration, _DURATION_SCHEMA,
          f"Longest a finding of severity {severity} may be waived; one duration may stand for both.", "down")
      for severity in ("error", "warning")),
    Key("waiver_limits.signed", *_choice(*_WHERE),
        "Where a waiver counts only when it is signed, by one who asks and another who approves.", "up", _WHERE),
    Key("waiver_limits.renewals", *_whole(0, 100), "How often a signed waiver may be renewed.", "down"),
)  # fmt: skip


def find_key(path: tuple[str, ...]) -> Key | None:
    """The row for a concrete path such as ``("gates", "release-gate", "max_age")``."""
    return _BY_SHAPE.get(_shape(path))


def _shape(path: tuple[str, ...]) -> tuple[str, ...]:
    named = path[0] in _NAMED if path else False
    return tuple("*" if named and position == 1 else part for position, part in enumerate(path))


SHORT = frozenset({("waiver_limits", "max")})  # maps that may be written as one value for all their keys
_NAMED = frozenset(key.path.split(".")[0] for key in KEYS if ".*." in key.path)
_BY_SHAPE = {tuple(key.path.split(".")): key for key in KEYS}
FOLDERS = frozenset(shape[:n] for shape in _BY_SHAPE for n in range(len(shape)))
"""Every proper prefix of a key's shape: the maps that hold keys."""


def is_folder(path: tuple[str, ...]) -> bool:
    """Whether `path` names a map that holds keys."""
    return _shape(path) in FOLDERS


def children(path: tuple[str, ...]) -> list[str]:
    """Names that may stand below `path`; empty where the user chooses them."""
    shape = _shape(path)
    names = {key[len(shape)] for key in _BY_SHAPE if key[: len(shape)] == shape and len(key) > len(shape)}
    return sorted(names - {"*"})
