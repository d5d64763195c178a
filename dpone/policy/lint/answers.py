"""What rules answer: objects of the agreed form, described by complete METADATA whose templates they fill."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dpone.evidence.model import of_decision, sayable
from dpone.policy.dialect.tokens import Place
from dpone.policy.dialect.tree import (
    Array,
    Call,
    Comprehension,
    Module,
    Object,
    Operation,
    Rule,
    Scalar,
    SetTerm,
    Term,
)
from dpone.policy.inventory import HELD, RuleInfo
from dpone.policy.lint.world import World
from dpone.policy.problems import LintProblem

_FIELD = re.compile(r"\{([^{}]*)\}")
_KNOWN = ("evidence", "uri", "what", "producer", "key", "release")
_CHECK = ("evidence", "waiver", "ok", "key", "pointer", "params", "severity")
_FINDING = ("code", "evidence", "key", "pointer", "params")
_SEVERITIES = ("error", "warning", "none")


def check_answers(world: World, rules: tuple[RuleInfo, ...], *, team: bool) -> Iterator[LintProblem]:
    """Check every rule that answers; `team` layers have codes under their own name and nothing mandatory."""
    codes = {(rule.package, rule.code): rule for rule in rules if rule.kind == "code"}
    yielded: set[tuple[str, str]] = set()
    for rule in rules:
        definitions = world.rules(rule.package, rule.name) if rule.answers else ()
        if rule.kind in ("check", "code"):
            yield from _texts(rule)
            yield from _team(rule) if team else ()
        for module, definition in definitions:
            if rule.kind == "check":
                yield from _check(rule, module, definition)
            else:
                yield from _findings(rule, module, definition, codes, yielded)
    for key, rule in codes.items():
        if key not in yielded:
            yield _at(rule, "code", f"no rule yields the code {rule.code}")


def _texts(rule: RuleInfo) -> Iterator[LintProblem]:
    for field in ("title", "description", "message", "remedy"):
        if not getattr(rule, field):
            yield _at(rule, "metadata", f"METADATA of {rule.id} has no {field}")
    if rule.mandatory and rule.severity != "error":
        yield _at(rule, "metadata", f"{rule.id} is mandatory, so its severity is error")
    if rule.value and rule.applies_to != "gate":
        yield _at(
            rule, "metadata", f"{rule.id} gives a value, which only a check of the gate can: applies_to: gate"
        )


def _team(rule: RuleInfo) -> Iterator[LintProblem]:
    layer = rule.package.rsplit(".", 1)[-1]
    if rule.mandatory:
        yield _at(rule, "metadata", "only built-in rules are mandatory: leave the key out")
    if rule.value:
        yield _at(rule, "metadata", "only built-in rules give values: leave the key out")
    if rule.code and rule.code.partition(".")[0] not in (layer, layer.replace("_", "-")):
        yield _at(rule, "code", f"the code {rule.code} must begin with the layer's name: {layer}.")


def _check(rule: RuleInfo, module: Module, definition: Rule) -> Iterator[LintProblem]:
    if (
        definition.kind not in ("value", "set")
        or definition.default
        or (definition.kind == "value" and definition.body)
    ):
        message = 'a check is `name := {"holds": [… | …]}`, `name := [{…} | …]` or `name contains {…} if …`'
        yield _rule(module, definition, "check", message)
        return
    if (
        isinstance(definition.value, Object)
        and "holds" in definition.value.fields()
        and definition.kind == "value"
    ):
        yield from _holds(rule, module, definition.value)
        return
    for answer in _answers(definition):
        if not isinstance(answer, Object):
            message = 'a check yields objects written out: {"evidence": …, "ok": …, "params": {…}}'
            yield _place(module, answer.at, "check", message)
            continue
        fields = answer.fields()
        yield from _fields(module, answer, _CHECK)
        if "ok" not in fields:
            yield _place(module, answer.at, "check", "an answer needs `ok`: true or false")
        if rule.applies_to == "gate" and not _empty(fields.get("evidence")):
            yield _place(module, answer.at, "check", "a check of the gate names no evidence")
        named = "waiver" if rule.applies_to == "waiver" else "evidence"
        if rule.applies_to != "gate" and named not in fields:
            what = "the id of the waiver" if named == "waiver" else "the name of the item"
            yield _place(module, answer.at, "check", f"an answer needs `{named}`: {what} it is about")
        if named != "waiver" and "waiver" in fields:
            yield _place(module, answer.at, "check", "only a check of waivers names a `waiver`")
        yield from _severity(rule, module, fields.get("severity"))
        ok = fields.get("ok")
        if not (isinstance(ok, Scalar) and ok.value is True):
            yield from _templates(rule, module, answer)


def _holds(rule: RuleInfo, module: Module, answer: Object) -> Iterator[LintProblem]:
    """A check that names what holds."""
    fields = answer.fields()
    yield from _fields(module, answer, HELD)
    if rule.applies_to in ("gate", "waiver"):
        message = 'a check of the gate or of waivers has no names of evidence: it answers with [{"ok": …}]'
        yield _place(module, answer.at, "check", message)
    for name in _elements(fields["holds"]):
        if isinstance(name, Object | Array | SetTerm | Comprehension):
            yield _place(module, name.at, "check", "`holds` lists names of evidence: [e.name | …]")
    pointer = fields.get("pointer")
    if isinstance(pointer, Scalar):
        for name in (name for name in _FIELD.findall(str(pointer.value)) if not sayable(name)):
            yield _place(
                module, pointer.at, "template", f"the pointer names {{{name}}}, which no piece of evidence has"
            )
    yield from _severity(rule, module, fields.get("severity"))
    yield from _templates(rule, module, answer)


def _severity(rule: RuleInfo, module: Module, severity: Term | None) -> Iterator[LintProblem]:
    if rule.mandatory and severity is not None:
        yield _place(module, severity.at, "check", "the severity of a mandatory rule is fixed")
    if isinstance(severity, Scalar) and severity.value not in _SEVERITIES:
        yield _place(module, severity.at, "check", f"a severity is one of {', '.join(_SEVERITIES)}")


def _findings(
    rule: RuleInfo,
    module: Module,
    definition: Rule,
    codes: Mapping[tuple[str, str], RuleInfo],
    yielded: set[tuple[str, str]],
) -> Iterator[LintProblem]:
    for answer in _answers(definition):
        if not isinstance(answer, Object):
            text = "; a text alone has no stable id" if isinstance(answer, Scalar | Call) else ""
            yield _place(module, answer.at, "deny", f'{rule.name} must yield an object with "code"{text}')
            continue
        yield from _fields(module, answer, _FINDING)
        code = answer.fields().get("code")
        if not isinstance(code, Scalar) or not isinstance(code.value, str):
            yield _place(module, answer.at, "deny", f'{rule.name} must yield an object with a constant "code"')
            continue
        described = codes.get((rule.package, code.value))
        yielded.add((rule.package, code.value))
        if described is None:
            yield _place(module, code.at, "code", f'no METADATA block describes the code "{code.value}"')
        else:
            yield from _templates(described, module, answer)


def _fields(module: Module, answer: Object, allowed: tuple[str, ...]) -> Iterator[LintProblem]:
    for name, term in answer.fields().items():
        if name not in allowed:
            yield _place(
                module, term.at, "answer", f'an answer has no field "{name}"; it has {", ".join(allowed)}'
            )
    params = answer.fields().get("params")
    if params is not None and not isinstance(params, Object):
        yield _place(module, params.at, "answer", 'write the parameters out: "params": {"name": value}')
    for name, term in params.fields().items() if isinstance(params, Object) else ():
        if isinstance(term, Object | SetTerm | Comprehension) and not _is_array(term):
            yield _place(
                module, term.at, "answer", f'the parameter "{name}" must be a text, number, boolean or array'
            )


def _templates(rule: RuleInfo, module: Module, answer: Object) -> Iterator[LintProblem]:
    params = answer.fields().get("params")
    given = set(params.fields()) if isinstance(params, Object) else set()
    given |= {name.removesuffix("_seconds") for name in given if name.endswith("_seconds")}
    for key, text in (("message", rule.message), ("remedy", rule.remedy), ("concern", rule.concern)):
        known = {*_KNOWN, "count"} if key == "concern" else set(_KNOWN)
        for name in _FIELD.findall(text):
            about_item = not answer.fields().keys().isdisjoint(("evidence", "holds"))
            said = of_decision(name) or (about_item and sayable(name))
            if name not in given | known and not said:
                message = f"the {key} of {rule.id} names {{{name}}}, which this answer does not give in params"
                yield _place(module, answer.at, "template", message)


def _answers(definition: Rule) -> Iterator[Term]:
    """The terms a rule yields: the value of a set, the elements of the arrays a value is made of."""
    if definition.kind == "set":
        yield definition.value
    else:
        yield from _elements(definition.value)


def _elements(term: Term) -> Iterator[Term]:
    if isinstance(term, Comprehension):
        yield term.head
    elif isinstance(term, Array):
        yield from term.items
    elif isinstance(term, Call) and term.name == "array.concat":
        for arg in term.args:
            yield from _elements(arg)
    elif isinstance(term, Operation) and term.operator == "|":
        yield from _elements(term.left)
        yield from _elements(term.right)
    else:
        yield term


def _is_array(term: Term) -> bool:
    return isinstance(term, Comprehension) and term.kind == "array"


def _empty(term: Term | None) -> bool:
    return term is None or (isinstance(term, Scalar) and term.value == "")


def _at(rule: RuleInfo, code: str, message: str) -> LintProblem:
    return LintProblem(rule.path, rule.line, 1, code, message)


def _rule(module: Module, rule: Rule, code: str, message: str) -> LintProblem:
    return LintProblem(module.path, rule.at.line, rule.at.column, code, message)


def _place(module: Module, at: Place, code: str, message: str) -> LintProblem:
    return LintProblem(module.path, at.line, at.column, code, message)
