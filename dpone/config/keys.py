"""The table of configuration keys: what each may hold, how it may move, and what it means.

Everything about a key stands in its row: validation, `dpone config show`, the JSON Schema for
editors, the rule that a protected environment only tightens, and the documentation read it here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from dpone.config.allowances import ALLOW_SCHEMA, LISTS_SCHEMA, read_allowances, read_lists
from dpone.config.readers import (
    ENGINE,
    boolean,
    choice,
    digest,
    engine,
    number,
    objectives,
    people,
    require,
    settings,
    string_map,
    text,
    texts,
    whole,
)
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


_TEXT_SCHEMA: dict[str, Any] = {"type": "string", "minLength": 1}
_TEXTS_SCHEMA: dict[str, Any] = {"type": "array", "items": _TEXT_SCHEMA}
_DURATION_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,6}[smhdw]$"}
_SIZE_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,6}(B|KB|MB|GB)$"}
_LEVEL, _WHERE = ("allow", "warn", "fail"), ("never", "protected", "always")


def _kind_keys(prefix: str) -> list[Key]:
    """The keys of one `kinds` block; the same rows stand under `gates.*.kinds`."""
    return [
        Key(f"{prefix}.junit.min_executed", *whole(0, 10**6), "Test cases that must really have run.", "up"),
        Key(f"{prefix}.junit.max_skipped_percent", *whole(0, 100), "Share of skipped cases that is still good.", "down"),
        Key(f"{prefix}.coverage.min_line_percent", *number(0, 100), "Line coverage needed; 0 only reports.", "up"),
        Key(f"{prefix}.coverage.threshold", *choice("optional", "required"),
            "Whether a coverage file without a threshold is an error.", "up", ("optional", "required")),
        Key(f"{prefix}.dbt.commands", texts, _TEXTS_SCHEMA, "dbt commands whose results count as evidence.", "subset"),
        Key(f"{prefix}.dbt.warn", *choice(*_LEVEL), "What a dbt test with severity warn means.", "up", _LEVEL),
        Key(f"{prefix}.sarif.fail_at", *choice("error", "warning", "note"),
            "Lowest result level that is red.", "up", ("error", "warning", "note")),
        Key(f"{prefix}.bandit.fail_at", *choice("high", "medium", "low"),
            "Lowest issue severity that is red.", "up", ("high", "medium", "low")),
        Key(f"{prefix}.pip-audit.fail_at", *choice("any"), "Which vulnerabilities are red.", "locked"),
        Key(f"{prefix}.pip-audit.unaudited", *choice(*_LEVEL), "What a package that was not audited means.", "up", _LEVEL),
        Key(f"{prefix}.prometheus.no_data", *choice(*_LEVEL), "What an objective without data means.", "up", _LEVEL),
        Key(f"{prefix}.great-expectations.warn", *choice(*_LEVEL),
            "What an unmet expectation of severity warning or info means.", "up", _LEVEL),
        Key(f"{prefix}.soda.warn", *choice(*_LEVEL), "What a Soda check that warned means.", "up", _LEVEL),
        Key(f"{prefix}.datacontract.warn", *choice(*_LEVEL), "What a contract check that warned means.", "up", _LEVEL),
        Key(f"{prefix}.spdx.unversioned", *choice(*_LEVEL), "What a package without a version means.", "up", _LEVEL),
        Key(f"{prefix}.pytest-benchmark.threshold", *choice("optional", "required"),
            "Whether benchmarks without an objective are an error.", "up", ("optional", "required")),
        Key(f"{prefix}.locust.max_failure_percent", *number(0, 100), "Share of failed requests that is still good.", "down"),
        Key(f"{prefix}.detect-secrets.dismissed", *choice(*_LEVEL),
            "What an entry marked as no secret means.", "up", _LEVEL),
    ]  # fmt: skip


KEYS: tuple[Key, ...] = (
    Key("version", *whole(1, 1), "Version of this file's format.", "locked"),
    Key("profile", *choice("standard", "strict"), "Values for the keys below.", "up", ("standard", "strict")),
    Key("subject.release", text, _TEXT_SCHEMA, "Release when --release and DPONE_RELEASE are not given."),
    Key("subject.environment", text, _TEXT_SCHEMA, "Environment when none is given."),
    Key("subject.run_id", text, _TEXT_SCHEMA, "Run id when none is given."),
    Key("subject.commit", text, _TEXT_SCHEMA, "Commit when none is given."),
    Key("evidence.*.path", text, _TEXT_SCHEMA, "File, or pattern that matches exactly one file."),
    Key("evidence.*.kind", text, _TEXT_SCHEMA, "Pins the kind; otherwise the content tells."),
    Key("evidence.*.objectives", objectives, {"type": "object"},
        "Metric to {max: N} or {min: N} (prometheus, locust, pytest-benchmark)."),
    Key("evidence.*.metric", text, _TEXT_SCHEMA, "Name for a query result that carries none (prometheus)."),
    Key("evidence.*.trusted_keys", texts, _TEXTS_SCHEMA, "Base64 Ed25519 keys whose in-toto statements count."),
    Key("evidence.*.artifacts", string_map, {"type": "object"}, "Name to path of the files a statement is about."),
    Key("evidence.*.max_age", duration, _DURATION_SCHEMA, "Oldest this evidence may be.", "down"),
    Key("gates.*.require", require, {"oneOf": [{"const": "declared"}, _TEXTS_SCHEMA]},
        "Evidence that must be there; declared = every name under evidence.", "superset"),
    Key("gates.*.fail_on", *choice("error", "warning"), "Lowest severity that is red.", "up", ("error", "warning")),
    Key("gates.*.max_age", duration, _DURATION_SCHEMA, "Oldest any evidence may be.", "down"),
    Key("gates.*.settings", settings, {"type": "object"}, "Values your own rules read."),
    *_kind_keys("gates.*.kinds"),
    *_kind_keys("kinds"),
    Key("concerns.unsealed", *choice(*_LEVEL), "Evidence without a seal.", "up", _LEVEL),
    Key("concerns.unbound", *choice(*_LEVEL), "Evidence that names no release or commit.", "up", _LEVEL),
    Key("concerns.undated", *choice(*_LEVEL), "Evidence that does not say when it was made.", "up", _LEVEL),
    Key("concerns.stale", *choice(*_LEVEL), "Evidence older than max_age.", "up", _LEVEL),
    Key("concerns.unsigned_layer", *choice(*_LEVEL), "A policy layer that nobody signed and no trust file pins.", "up",
        _LEVEL),
    Key("environments.*.protected", boolean, {"type": "boolean"}, "Profile strict is the floor here.", "up"),
    Key("environments.*.required_change_request", boolean, {"type": "boolean"},
        "A promotion into this environment needs an approved change request; protected ones always do.", "up"),
    Key("environments.*.after", text, _TEXT_SCHEMA, "The environment a release must have passed before."),
    Key("approvals.signed", *choice(*_WHERE),
        "Where an approval counts only when it is signed by the approver's own key.", "up", _WHERE),
    *(Key(f"approvals.quorum.{risk}", *whole(1, 100), f"People who must approve a change of {risk} risk.", "up")
      for risk in ("low", "medium", "high", "critical")),
    Key("approvals.exclude", people, {"type": "array", "items": {"enum": ["requester", "deployer"]}},
        "Who does not count among those who approve.", "superset"),
    Key("approvals.expires", duration, _DURATION_SCHEMA, "Oldest an approval may be.", "down"),
    Key("domains.*.kinds", texts, _TEXTS_SCHEMA, "Kinds of evidence that can speak for a domain of readiness.", "subset"),
    Key("domains.*.weight", *whole(1, 1000), "Weight of a domain in the score of readiness."),
    Key("policies", texts, _TEXTS_SCHEMA, "Folders or archives (.tar.gz) with your own Rego, one layer each.", "superset"),
    Key("engine", engine, {"type": "string", "pattern": f"^({ENGINE})$"},
        "The engine that runs the rules: regopy, opa, or opa-server:URL."),
    Key("opa.binary", text, _TEXT_SCHEMA, "The opa program; without it, the first one on the PATH."),
    Key("opa.sha256", digest, {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
        "The digest the opa program must have; without it the engine is only trusted locally."),
    Key("signing.key", text, _TEXT_SCHEMA, "auto, env:NAME, file:PATH, ssh:PATH or exec:COMMAND."),
    Key("signing.trust", text, _TEXT_SCHEMA, "The trust file, or git:REF:PATH."),
    Key("ledger", text, _TEXT_SCHEMA, "Where decisions are kept: file:PATH or git:REMOTE#BRANCH."),
    Key("keep.inputs", *choice("all"), "Canonical inputs and policies kept for replay."),
    Key("keep.evidence_up_to", size, _SIZE_SCHEMA, "Evidence up to this size is kept for replay."),
    Key("output", texts, _TEXTS_SCHEMA, "text, json, md, or FORMAT=PATH."),
    Key("limits.file", size, _SIZE_SCHEMA, "Largest evidence file that is read."),
    Key("limits.depth", *whole(5, 1000), "Deepest nesting that is read."),
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
    Key("waiver_limits.signed", *choice(*_WHERE),
        "Where a waiver counts only when it is signed, by one who asks and another who approves.", "up", _WHERE),
    Key("waiver_limits.renewals", *whole(0, 100), "How often a signed waiver may be renewed.", "down"),
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
