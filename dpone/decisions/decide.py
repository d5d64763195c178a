"""The one path every decision takes: resolve, collect, canonicalise, evaluate, seal, record, publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from dpone.decisions.artifact import artifact_document, render, run_facts
from dpone.decisions.engine_choice import chosen_engine, engine_facts
from dpone.decisions.evaluate import evaluate, load
from dpone.decisions.gate_input import Actor, GateInput, actor_of, canonicalise, config_document
from dpone.decisions.gather import asked_input, gather
from dpone.decisions.layering import builtin_layer, kinds_of, layer_changes, own_layers
from dpone.decisions.modes import idle
from dpone.decisions.record import record, settled_ledger_of
from dpone.decisions.request import Context, GateRequest, Verdict
from dpone.decisions.result import Result, undecided
from dpone.decisions.sealing import Decision, seal_decision
from dpone.errors import UndecidedError
from dpone.evidence.model import Evidence
from dpone.ledger.interface import Receipt
from dpone.policy.engines.choice import start_engine
from dpone.policy.engines.interface import Engine
from dpone.policy.layers import Layer, load_builtin
from dpone.record import dataclass, replace
from dpone.reports.markdown import decision_markdown
from dpone.workspace import publish, time_text

IDLE_SECONDS = 5
"""Longest the rules of one layer that do not count may take."""


@dataclass(frozen=True)
class Outcome:
    """What a command shows: the decision, its artifact document, where it stands in the ledger, the files
    written, and the layers whose rules were asked."""

    request: GateRequest
    decision: Decision
    document: Mapping[str, object]
    receipt: Receipt | None
    written: tuple[Path, ...]
    layers: tuple[Layer, ...] = ()

    @property
    def result(self) -> Result:
        """The result behind the decision."""
        return self.decision.verdict.result


def decide(request: GateRequest, context: Context, first: Engine | None = None) -> Outcome:
    """Take a decision. Whatever evidence holds, an answer comes out; `UndecidedError` is raised only
    when the answer itself could not be kept, and then an undecided one has replaced any older green.

    `first` is an engine that was started earlier, for the built-in layer; it is closed."""
    with engines(context, 1 + len(request.policies), first) as running:
        warm_up(running[0], request, context, ())
        team, refused = _team(request, context)
        evidence: list[Evidence] = []
        actor = actor_of(context, request.gate, request.artifact, request.subject.environment)
        try:
            settled_ledger_of(context)
            evidence, history = gather(
                request, context, team, lambda found: warm_up(running[0], request, context, found)
            )
            if refused:
                raise refused
            gate_input = asked_input(request, (evidence, history), team, context)
            layers, result = judge(request, (team, running), gate_input, evidence, context)
        except UndecidedError as fault:
            gate_input = canonicalise(request, (), (), actor, context)
            layers, result = [], undecided(str(fault), fault.code)
        engine = engine_facts(running[0])
    verdict = Verdict(
        request.subject,
        time_text(context.workspace.clock.now()),
        result,
        tuple(evidence),
        context.workspace.uri(request.output_dir),
    )
    decision, document = sealed(request, verdict, gate_input, actor, layers, engine, context)
    try:
        receipt = record(decision, request, gate_input, layers, context)
    except UndecidedError as fault:
        verdict = Verdict(
            verdict.subject,
            verdict.decided_at,
            undecided(fault.message, fault.code),
            verdict.evidence,
            verdict.output_dir,
        )
        decision, document = sealed(request, verdict, gate_input, actor, layers, engine, context)
        keep(request, decision)
        raise
    return Outcome(request, decision, document, receipt, keep(request, decision), tuple(layers))


def _team(request: GateRequest, context: Context) -> tuple[list[Layer], UndecidedError | None]:
    """The layers of a request, or why they are refused: the evidence is collected and listed all the same."""
    try:
        return own_layers(request, context), None
    except UndecidedError as fault:
        return [], fault


@contextmanager
def engines(context: Context, count: int, first: Engine | None = None) -> Iterator[list[Engine]]:
    """Start one engine per layer at once; they warm up while evidence is collected. `first` runs already, and
    is the embedded one: where another is chosen, it is not used."""
    with ExitStack() as stack:
        choice, deadline = chosen_engine(context), context.config.get("limits", "decide")
        if first:
            stack.callback(first.close)
        running: list[Engine] = []
        for _ in range(count):
            if first and not running and first.name == choice.name:
                engine = first
                engine.deadline_seconds = deadline
            else:
                engine = start_engine(choice, deadline)
            stack.callback(engine.close)
            running.append(engine)
        yield running


def warm_up(engine: Engine, request: GateRequest, context: Context, found: Sequence[Evidence]) -> None:
    """Send what is known of the built-in layer to be built meanwhile: before any evidence is read, and again when it
    was. What is wrong with it is said by `judge`, which loads the whole."""
    with suppress(UndecidedError):
        known = load_builtin(request.gate, kinds_of(found)).parts
        load(engine, known, config_document(context.config, request.gate))


def judge(
    request: GateRequest,
    prepared: tuple[Sequence[Layer], Sequence[Engine]],
    gate_input: GateInput,
    evidence: Sequence[Evidence],
    context: Context,
) -> tuple[list[Layer], Result]:
    """Ask the built-in rules a gate needs, and those of its own layers; `prepared` are these, and an engine for
    each and one more. Raises `UndecidedError` for a layer that the trust file demands and that is not there."""
    team, running = prepared
    layers = [builtin_layer(request.gate, evidence, gate_input.document), *team]
    check_pinned(layers, context)
    result = evaluate(list(zip(layers, running, strict=True)), gate_input, evidence)
    now = str(gate_input.document["evaluated_at"])
    if not any(idle(layer, now) for layer in layers):
        return layers, result
    from dpone.decisions.trying import tried  # few gates have rules that do not count

    return layers, replace(result, notes=tried(layers, gate_input, evidence, lambda: another(context)))


def check_pinned(layers: Sequence[Layer], context: Context) -> None:
    """Raise `UndecidedError` for a layer that the trust file demands and that is not among these."""
    for pinned in context.trust.layers:
        if not any((layer.name, layer.source_digest) == (pinned.name, pinned.digest) for layer in layers):
            raise UndecidedError(
                f"the trust file demands the policy layer {pinned.name} ({pinned.digest[:12]}), which is not given",
                "name its folder or archive under policies in dpone.yaml, unchanged",
                code="layer_missing",
            )


def another(context: Context) -> Engine:
    """One more engine, for rules that do not count; whoever asks for it closes it. Nobody waits long for these."""
    return start_engine(chosen_engine(context), min(context.config.get("limits", "decide"), IDLE_SECONDS))


def sealed(
    request: GateRequest,
    verdict: Verdict,
    gate_input: GateInput,
    actor: Actor,
    layers: Sequence[Layer],
    engine: Mapping[str, Any],
    context: Context,
) -> tuple[Decision, Mapping[str, object]]:
    """Render the files and sign them."""
    digests = {layer.name: layer.digest for layer in layers}
    changes = layer_changes(layers, request.gate)
    document = artifact_document(
        request, verdict, gate_input, actor, changes, context, run_facts(context, engine)
    )
    files = render(document, decision_markdown(request, document, request.told(verdict)), request, verdict)
    return seal_decision(request, verdict, gate_input, actor, digests, files, engine, context), document


def keep(request: GateRequest, decision: Decision) -> tuple[Path, ...]:
    """Publish the artifact files and the signed decision; a preview removes an older seal beside them."""
    files = {request.output_dir / name: data for name, data in decision.files.items()}
    envelope = request.output_dir / f"{request.stem}.dsse.json"
    if decision.envelope:
        files[envelope] = decision.envelope
    publish(files)
    if not decision.envelope:
        envelope.unlink(missing_ok=True)
    return tuple(files)
