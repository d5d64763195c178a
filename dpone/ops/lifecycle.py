"""The way of a release from its gate to its close: the order of the steps, and finding what a step stands on.

A step's evidence comes from a path that was given, or from the ledger: the latest decision of that kind about
the subject, read from the ledger's own store, so that a file written over it does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpone.decisions.gate_input import actor_of
from dpone.decisions.gather import recall_of
from dpone.decisions.recall import Recall, Recalled
from dpone.decisions.request import Verdict
from dpone.evidence.collect import Descriptor
from dpone.evidence.model import Seal, Subject
from dpone.evidence.seals import Vouched, artifact_seal_path, judge_decision
from dpone.ops.session import Session
from dpone.record import asdict, dataclass, replace
from dpone.signing.trust import person
from dpone.workspace import ReadProblem

STAGES = (
    "release_gate", "env_drift", "change_request", "approval_record", "promotion_manifest", "deployment_record",
    "post_deploy_verify", "release_close",
)  # fmt: skip
"""The kinds of the steps' decisions, in their order."""

VIEWS = (
    "release_orchestration", "docs_publish_pack", "runbook_pack", "ops_incident_pack", "manifest_bundle",
    "evidence_chain_verify",
)  # fmt: skip
"""Decisions that summarise others; a red one says nothing that the others do not."""

ANY_AGE = 3_650 * 86_400
"""The oldest, in seconds, that a step may be which a later one was built on in time: ten years."""


def free_at(kind: str) -> tuple[str, ...]:
    """The kinds of decisions that may be red and left out at a gate: its own, later steps of the way (all of them
    where it is no step itself), and summaries."""
    first = STAGES.index(kind) if kind in STAGES else 0
    return (kind, *STAGES[first:], *VIEWS)


@dataclass(frozen=True)
class Step:
    """What a step stands on: the name and kind of the evidence, and the subject it must have. A field that
    `subject` leaves out may be anything; several values for one field are tried together, latest first."""

    name: str
    kind: str
    subject: Mapping[str, tuple[str, ...]]


def found_by(session: Session, step: Step, path: str = "") -> Descriptor | None:
    """The evidence of a step: at `path` where one is given, else as the ledger has it; None when the ledger
    knows none. Raises `UndecidedError` when the ledger cannot be read."""
    if path:
        place = str(session.workspace.argument(path))
        return replace(session.descriptor(step.name, place, kind=step.kind), about=_about(step))
    recall = recall_of(session.context, session.subject.environment)
    # One whose signer may not speak is better named, with the reason, than passed over in silence.
    recalled = latest(recall, step) or _first(step, recall.unheard(step.kind, _exact(step)))
    return described(session, step.name, recalled) if recalled else None


def behind(session: Session, step: Step) -> Descriptor | None:
    """A step that an earlier step was already built on: found in the ledger, of any age."""
    found = found_by(session, step)
    return replace(found, max_age_seconds=ANY_AGE) if found else None


def from_before(session: Session, given: Sequence[Descriptor], source: str) -> tuple[Descriptor, ...]:
    """What was given, where a decision among it was taken in the environment `source` (empty: a release's own
    decision, wherever it was taken): that is what it must be about, not the environment that comes next."""
    told = []
    for descriptor in given:
        signed = vouched_of(session, descriptor).signed or {}
        place = str(signed.get("subject", {}).get("environment", ""))
        before = place == source if source else signed.get("kind") == "release_gate"
        about = replace(session.subject, environment=place) if place and before else None
        told.append(replace(descriptor, about=about) if about else descriptor)
    return tuple(told)


def described(session: Session, name: str, recalled: Recalled) -> Descriptor:
    """A recorded decision as evidence of that name, about its own subject but for what is asked otherwise."""
    return Descriptor(
        name,
        session.workspace.path(recalled.place),
        recalled.signed["kind"],
        max_age_seconds=session.config.for_gate(session.gate, "max_age"),
        about=Subject(**recalled.signed["subject"]),
        recorded=recalled.recorded(),
    )


def adopted(session: Session, descriptor: Descriptor | None, names: Iterable[str]) -> Session:
    """The session with the empty fields of its subject filled from what a decision given as evidence says,
    as far as its seal holds. What was asked for on the command line stays: evidence about something else is
    foreign, not followed."""
    if descriptor is None:
        return session
    signed = asdict(signed_subject(session, descriptor))
    filled = {name: signed[name] for name in names if signed[name] and not getattr(session.subject, name)}
    return session.about(replace(session.subject, **filled)) if filled else session


def signed_subject(session: Session, descriptor: Descriptor) -> Subject:
    """What a decision given as evidence is about; an empty subject where no seal of it holds."""
    vouched = vouched_of(session, descriptor)
    return vouched.subject if vouched.signed is not None else Subject()


def vouched_of(session: Session, descriptor: Descriptor) -> Vouched:
    """What was signed of a decision given as evidence; nothing where no seal of it holds."""
    from dpone.canonical import sha256_hex

    try:
        if descriptor.recorded:
            data, envelope = descriptor.recorded.data, descriptor.recorded.envelope
        else:
            data = session.workspace.read(descriptor.path, session.config.get("limits", "file"))
            envelope = session.workspace.read(artifact_seal_path(descriptor.path), 10_000_000)
    except ReadProblem:
        return Vouched(Seal())
    return judge_decision(envelope, sha256_hex(data), session.context.judges())


def who(session: Session, artifact: str, typed: str) -> str:
    """The person who acts, in the form that is compared: the key's identity where the trust file knows it,
    else the name that was typed."""
    actor = actor_of(session.context, session.gate, artifact, session.subject.environment)
    known = actor.trust in ("anchored", "workspace")
    return person(actor.identity if known else typed)


def joined(given: Sequence[Descriptor], *found: Descriptor | None) -> tuple[Descriptor, ...]:
    """What was given, and what was found for names that were not."""
    names = {descriptor.name for descriptor in given}
    return (*given, *(d for d in found if d is not None and d.name not in names))


def items(verdict: Verdict) -> list[dict[str, Any]]:
    """The attached evidence in the form old scripts read, without what the command itself found out."""
    services = {e.name for e in verdict.evidence if e.producer == "service"}
    return [item for item in verdict.items() if item["name"] not in services]


def blockers(verdict: Verdict, ids: Mapping[str, str]) -> list[str]:
    """What keeps a step shut, as old scripts know it: the id a rule gave as its key (`approval.rejected`), else
    the one `ids` has for the rule or the evidence, else the name of the evidence or the rule."""
    found = []
    for finding in verdict.result.denied:
        own = finding.key if "." in finding.key and not finding.rule.startswith("evidence.") else ""
        known = ids.get(finding.rule) or ids.get(finding.evidence)
        found.append(own or known or finding.evidence or finding.rule)
    return list(dict.fromkeys(found))


def latest(recall: Recall, step: Step) -> Recalled | None:
    """The latest decision of a step's kind about its subject; its signer may speak, or might when it was
    recorded."""
    return _first(step, recall.known(step.kind, _exact(step)))


def _exact(step: Step) -> dict[str, str]:
    return {name: values[0] for name, values in step.subject.items() if len(values) == 1}


def _first(step: Step, found: Iterable[Recalled]) -> Recalled | None:
    """The first of `found` whose subject has one of the values wherever several will do."""
    several = {name: values for name, values in step.subject.items() if len(values) > 1}
    for recalled in found:
        subject = recalled.signed["subject"]
        if all(subject[name] in values for name, values in several.items()):
            return recalled
    return None


def _about(step: Step) -> Subject:
    """What a given file must be about: the first value of each field."""
    return Subject(**{name: values[0] for name, values in step.subject.items()})
