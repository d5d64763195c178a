"""What every gate's command line has in common: the subject, the output, and the run through the path."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from dpone.commands.options import ENGINES, subject_options, workspace_of
from dpone.commands.outputs import deliver, output_option
from dpone.errors import NOT_PASSED, PASSED, UNDECIDED

if TYPE_CHECKING:
    from pathlib import Path

    from dpone.decisions.decide import Outcome
    from dpone.decisions.request import GateRequest
    from dpone.evidence.model import Subject
    from dpone.ops.session import Session
    from dpone.workspace import Workspace

STDOUT = ("text", "json", "md")
"""Formats that can be the answer on stdout."""

SUBJECT = ("release", "environment", "commit", "run_id")
"""The fields of the subject that every command has an option for."""

Build = Callable[..., "GateRequest"]
Outputs = Sequence[tuple[str, "Path | None"]]
Asked = tuple["Session", "GateRequest", Outputs, str]


def gate_command(
    name: str, folder: str, *, folder_option: str = "--output-dir", named: Mapping[str, str] | None = None
) -> Callable[[Build], click.Command]:
    """Make a click command of a function that builds the request of a gate.

    The function gets a `Session` and the command's own options; everything else, from resolving the
    subject to exit codes, is the same for every gate. `named` maps fields of the subject to options of the
    command's own that give them (`{"environment": "target_env"}`).
    """

    def wrap(build: Build) -> click.Command:
        def callback(**options: Any) -> int:
            return run(name, build, options, named or {})

        callback.__doc__ = build.__doc__
        command: Any = callback
        command.__click_params__ = list(getattr(build, "__click_params__", []))
        for option in reversed(_options(folder, folder_option)):
            command = option(command)
        made: click.Command = click.command(name, help=build.__doc__)(command)
        return made

    return wrap


def _options(folder: str, folder_option: str) -> list[Callable[[Any], Any]]:
    flags = dict.fromkeys((folder_option, "--output-dir"))
    return [
        *subject_options(),
        click.option(*flags, "output_dir", default=folder, show_default=True, metavar="DIR",
                     help="Folder for the files written."),
        click.option("--policy", multiple=True, metavar="DIR",
                     help="A policy layer of your own, folder or archive (repeatable)."),
        click.option("--engine", type=click.Choice(ENGINES), default=None,
                     help="The engine that runs the rules; default: engine in dpone.yaml."),
        click.option("--actor", default="", metavar="WHO", help="Who decides; must be the signing key's identity."),
        click.option("--format", "form", type=click.Choice(STDOUT), default=None,
                     help="What goes to stdout; default: output in dpone.yaml, else text."),
        output_option(),
        click.option("--trust-root", default="", metavar="ROOT",
                     help="Fingerprint, file or git:REF:PATH that anchors the trust file."),
        click.option("--show-input", is_flag=True, help="Print the canonical input; decide nothing."),
    ]  # fmt: skip


def run(gate: str, build: Build, options: dict[str, Any], named: Mapping[str, str]) -> int:
    """Take the options through the one path and return the exit status.

    Whatever keeps it from an answer (exit 3), an older green one does not stay in its place.
    """
    from dpone.errors import UsageError, one_line
    from dpone.evidence.model import Subject
    from dpone.reports.publish import read_outputs

    workspace = workspace_of(options.pop("at"))
    subject = _named(Subject(*(options.pop(key) for key in SUBJECT)), options, named)
    show = options.pop("show_input")
    folder = _folder(options.pop("output_dir"), workspace)
    outputs: Outputs = read_outputs(options.pop("outputs"), workspace.argument)
    form = options.pop("form")
    try:
        asked = partial(_asked, gate, build, workspace, subject, folder, options, outputs)
        if show:
            return _show_input(*asked()[:2])
        outcome, outputs, bare = _decided(asked)
    except (UsageError, click.UsageError):
        raise
    except BaseException as fault:
        if not show:
            told = one_line(str(fault)) or type(fault).__name__
            _undecided(workspace, gate, subject, folder, told, outputs)
        raise
    _answer(outcome, form or bare or STDOUT[0], outputs, workspace)
    status = outcome.result.status
    return {"passed": PASSED, "failed": NOT_PASSED, "undecided": UNDECIDED}[status]


def _decided(asked: Callable[[], Asked]) -> tuple[Outcome, Outputs, str]:
    """Start an engine before anything else, so that it warms up while the rest is imported and read; then
    find out what is asked, and decide it."""
    from dpone.policy.engines.regopy_engine import RegopyEngine

    with RegopyEngine() as engine:
        from dpone.decisions.decide import decide

        session, request, outputs, bare = asked()
        return decide(request, session.context, engine), outputs, bare


def _asked(
    gate: str,
    build: Build,
    workspace: Workspace,
    subject: Subject,
    folder: str,
    options: dict[str, Any],
    outputs: Outputs,
) -> Asked:
    """What the options ask: the session, the request that `build` makes of the command's own options,
    where else the answer goes, and the form on stdout that dpone.yaml names. The session is about what the
    request is about: evidence may have named the environment, and whether that is protected counts."""
    from dpone.reports.publish import check_outputs

    session = _session(gate, workspace, subject, folder, options)
    bare, declared = _declared(session)
    everything = [*declared, *outputs]
    request = build(session, **options)
    stems = ("json", "md", "dsse.json")
    check_outputs(everything, {request.output_dir / f"{request.stem}.{ending}" for ending in stems})
    return session.about(request.subject), request, everything, bare


def _session(
    gate: str, workspace: Workspace, subject: Subject, folder: str, options: dict[str, Any]
) -> Session:
    """The session, of the options that every gate has; those of the command's own stay in `options`."""
    from dpone.ops.session import open_session

    return open_session(
        gate,
        workspace,
        subject,
        folder,
        policies=[str(workspace.argument(text)) for text in options.pop("policy")],
        claimed=options.pop("actor"),
        trust_root=options.pop("trust_root"),
        engine=options.pop("engine") or "",
    )


def _declared(session: Session) -> tuple[str, list[tuple[str, Path | None]]]:
    """What `output` in dpone.yaml says: the form on stdout (or nothing), and further outputs."""
    from dpone.reports.publish import read_outputs, split_outputs

    bare, filed = split_outputs(session.config.get("output"))
    return (bare[0] if bare else ""), read_outputs(filed, session.workspace.path)


def _answer(outcome: Outcome, form: str, outputs: Outputs, workspace: Workspace) -> None:
    """Write all outputs, and the answer on stdout."""
    from dpone.reports.gate import gate_report
    from dpone.reports.text import text_report

    if outputs:
        deliver(gate_report(outcome), outputs, workspace, stdout=form == "text")
    if form == "text":
        colour = sys.stdout.isatty() and not workspace.env.get("NO_COLOR")
        data = text_report(outcome, colour).encode("utf-8", "replace")
    else:
        data = outcome.decision.files[f"{outcome.request.stem}.{form}"]
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _undecided(
    workspace: Workspace, gate: str, subject: Subject, folder: str, problem: str, outputs: Outputs
) -> None:
    """No older green answer stays where this run could not answer: neither artifact nor output."""
    from dpone.decisions.withdraw import withdraw
    from dpone.errors import DponeError
    from dpone.reports.gate import fault_report

    withdraw(workspace.path(folder), gate, subject, problem)
    with suppress(DponeError):  # the fault that led here is the one to report
        report = fault_report(gate, subject, workspace.uri(workspace.path(folder)), problem)
        deliver(report, outputs, workspace, stdout=False)


def _named(subject: Subject, options: Mapping[str, Any], named: Mapping[str, str]) -> Subject:
    """The subject with the fields that options of the command's own give; two different values are wrong
    usage, unless the general one only comes from the environment of the process."""
    from dpone.errors import UsageError
    from dpone.record import replace
    from dpone.workspace import check_id

    for name, option in named.items():
        value, general = options[option], getattr(subject, name)
        flag = f"--{option.replace('_', '-')}"
        if _typed(option):
            check_id(value, flag)
        if value and general and value != general and _typed(name):
            raise UsageError(f"{flag} {value} and --{name} {general} name two things", f"give {flag} alone")
        if value:
            subject = replace(subject, **{name: value})
    return subject


def _typed(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _folder(text: str, workspace: Workspace) -> str:
    """The output folder: where the user says, from where he stands; by default below the root."""
    source = click.get_current_context().get_parameter_source("output_dir")
    given = source is not None and source.name != "DEFAULT"
    return str(workspace.argument(text) if given else workspace.path(text))


def _show_input(session: Session, request: GateRequest) -> int:
    from dpone.decisions.gather import whole_input

    _, _, found = whole_input(request, session.context)
    sys.stdout.buffer.write(found.data + b"\n")
    return PASSED
