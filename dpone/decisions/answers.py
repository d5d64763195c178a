"""What rules answered, read strictly: rows of the table, and findings with the sentences the host writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dpone.decisions.result import Finding, Row
from dpone.decisions.sentences import place, said_of, sentence
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.policy.inventory import HELD, RuleInfo
from dpone.policy.layers import BUILTIN, Layer


def value_of(rule: RuleInfo, given: Sequence[Any]) -> Mapping[str, Any]:
    """What a rule says beside its answer: the params of its one answer."""
    params = given[0].get("params") if len(given) == 1 else None
    if not isinstance(params, dict):
        raise UndecidedError(f"rule {rule.id} must give one answer with params", code="malformed")
    return params


def counts_as_content(rule: RuleInfo, layer: Layer, gate: str) -> bool:
    """Whether a rule's clearance says that evidence was judged: what it says, not merely that it is there,
    sealed or fresh. A layer that only adds rules can make a gate redder, so its clearance never counts."""
    if layer.name != BUILTIN and layer.replaces != gate:
        return False
    return rule.content or rule.package != "dpone.evidence"


def checked(
    rule: RuleInfo,
    names: Mapping[str, int],
    given: Any,
    document: Mapping[str, Any],
    evidence: Mapping[str, Evidence],
) -> list[tuple[Row, Finding | None]]:
    """The rows a check gives, each with its finding where something is not so. It answers with a list of objects, or
    with an object that names what holds. Raises `UndecidedError` for an answer of another form, or about something
    else than the `names` it was asked about."""
    if isinstance(given, dict):
        return _held(rule, names, given, document, evidence)
    return list(_listed(rule, names, _list(rule, given), document, evidence))


def _list(rule: RuleInfo, given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise UndecidedError(f"rule {rule.id} answered with something else than a list", code="malformed")
    return given


def verdicts(given: Any, names: Mapping[str, int]) -> list[bool]:
    """What the answer of a check says, as far as it can be read: whether it holds, for each thing it speaks of; `names`
    as `Asked` gives them."""
    if isinstance(given, dict):
        holds = given.get("holds", ())
        return [name in holds for name in names]
    listed = given if isinstance(given, list) else []
    return [one["ok"] for one in listed if isinstance(one, dict) and isinstance(one.get("ok"), bool)]


def _held(
    rule: RuleInfo,
    names: Mapping[str, int],
    given: Mapping[str, Any],
    document: Mapping[str, Any],
    evidence: Mapping[str, Evidence],
) -> list[tuple[Row, Finding | None]]:
    """The answer `{"holds": [names]}`: what was asked about and is not named does not hold. A name that several pieces
    have holds where it is named once for each of them."""
    holds, params, pointer = given.get("holds"), given.get("params", {}), given.get("pointer", "")
    foreign = given.keys() - HELD or rule.applies_to in ("gate", "waiver")
    if foreign or not (isinstance(holds, list) and isinstance(params, dict) and isinstance(pointer, str)):
        raise UndecidedError(f"rule {rule.id} answered with neither a list nor what holds", code="malformed")
    severity = _severity(rule, given)
    odd = [name for name in holds if not isinstance(name, str) or name not in names]
    if odd:
        raise UndecidedError(
            f"rule {rule.id} answered about {odd[0]!r}, which it was not asked", code="malformed"
        )
    held = set(holds)
    pairs: list[tuple[Row, Finding | None]] = []
    for name, pieces in names.items():
        ok = name in held if pieces == 1 else holds.count(name) == pieces
        finding = None
        if not ok:
            where = place(pointer, _piece(document, name) or {})
            answer = {"evidence": name, "params": params, "pointer": where}
            finding = _finding(rule, rule.id, severity, answer, evidence.get(name), document)
        pairs.append((Row(rule.id, name, ok), finding))
    return pairs


def _listed(
    rule: RuleInfo,
    names: Mapping[str, int],
    given: Sequence[Any],
    document: Mapping[str, Any],
    evidence: Mapping[str, Evidence],
) -> Iterator[tuple[Row, Finding | None]]:
    """The answer `[{"evidence": name, "ok": …}, …]`, which says of each item whether it holds."""
    for answer in given:
        if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
            raise UndecidedError(f"rule {rule.id} gave an answer without ok", code="malformed")
        name = answer.get("waiver" if rule.applies_to == "waiver" else "evidence", "")
        if name not in names:
            raise UndecidedError(
                f"rule {rule.id} answered about {name!r}, which it was not asked", code="malformed"
            )
        severity = _severity(rule, answer)
        finding = None
        if not answer["ok"]:
            finding = _finding(rule, rule.id, severity, answer, evidence.get(name), document)
        yield Row(rule.id, name, answer["ok"]), finding


def _severity(rule: RuleInfo, answer: Mapping[str, Any]) -> str:
    """What an answer makes of what does not hold; that of a mandatory rule is fixed."""
    severity = rule.severity if rule.mandatory else answer.get("severity", rule.severity)
    if severity not in ("error", "warning", "none"):
        raise UndecidedError(f"rule {rule.id} answered with the severity {severity!r}", code="malformed")
    return severity


def unanswered(rule: RuleInfo, names: Mapping[str, int], rows: Sequence[Row]) -> Iterator[Finding]:
    """What a check said nothing about though it was asked: never a pass."""
    for name in sorted(names.keys() - {row.evidence for row in rows}):
        yield Finding(
            rule.id, "error", "undetermined", name, "", "", "", {},
            message=f"{rule.id} gave no answer about {name or 'the gate'}", mandatory=True, waivable=False,
        )  # fmt: skip


def yielded(
    rule: RuleInfo,
    layer: Layer,
    given: Any,
    evidence: Mapping[str, Evidence],
    document: Mapping[str, Any],
) -> Iterator[tuple[RuleInfo, Finding]]:
    """Findings of a team's plain `deny` and `warn` sets, each with the block that describes its code; they can
    only make a gate redder."""
    answers = _list(rule, given)
    codes = {info.code: info for info in layer.inventory if info.code and info.package == rule.package}
    for answer in answers:
        if not isinstance(answer, dict) or not isinstance(answer.get("code"), str):
            raise UndecidedError(f"{rule.path}: {rule.name} must yield an object with a code", code="malformed")
        info = codes.get(answer["code"])
        if info is None:
            raise UndecidedError(f"{rule.path}: {rule.name} yields {answer['code']!r}, which no METADATA describes",
                                 code="malformed")  # fmt: skip
        severity = "warning" if rule.kind == "warn" else info.severity
        item = evidence.get(str(answer.get("evidence", "")))
        yield info, _finding(info, answer["code"], severity, answer, item, document)


def _finding(
    rule: RuleInfo,
    rule_id: str,
    severity: str,
    answer: Mapping[str, Any],
    item: Evidence | None,
    document: Mapping[str, Any],
) -> Finding:
    params = answer.get("params", {})
    key, pointer = answer.get("key", ""), answer.get("pointer", "")
    if not isinstance(params, dict) or not isinstance(key, str) or not isinstance(pointer, str):
        raise UndecidedError(f"rule {rule_id} gave params, key or pointer of the wrong type", code="malformed")
    name = str(answer.get("evidence", ""))
    params = {**said_of(_piece(document, name) or {}, rule.message + rule.remedy, document), **params}
    about = {
        "evidence": name,
        "uri": item.uri if item else "",
        "what": (item.message or item.reason) if item else "",
        "producer": item.again if item and item.again else "the command that made it",
        "key": key,
        "release": document.get("subject", {}).get("release") or "RELEASE",
    }
    return Finding(
        rule_id,
        severity,
        "denied",
        name,
        item.kind if item else "",
        key,
        pointer,
        params,
        sentence(rule.message, params, about),
        sentence(rule.remedy, params, about),
        rule.mandatory,
        rule.concern,
        rule.waivable,
    )


def _piece(document: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The piece of evidence of a name. Of two with one name both this and `evidence` have the last, so that one
    sentence speaks of one."""
    return next((one for one in reversed(document.get("evidence", ())) if one["name"] == name), None)
