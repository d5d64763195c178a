"""What every gate's command line has in common: the subject, the output, and the run through the path."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from dpone.commands.options import subject_options, workspace_of
from dpone.errors import NOT_PASSED, PASSED, UNDECIDED

if TYPE_CHECKING:
    from pathlib import Path

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
        click.option("--policy", multiple=True, metavar="DIR", help="A policy layer of your own (repeatable)."),
        click.option("--actor", default="", metavar="WHO", help="Who decides; must be the signing key's identity."),
        click.option("--format", "form", type=click.Choice(STDOUT), default=None,
                     help="What goes to stdout; default: output in dpone.yaml, else text."),
        click.option("--output", "outputs", multiple=True, metavar="FORMAT=PATH",
                     help="Further outputs: text, json, md, junit, github (repeatable)."),
        click.option("--trust-root", default="", metavar="ROOT",
                     help="Fingerprint, file or git:REF:PATH that anchors the trust file."),
        click.option("--show-input", is_flag=True, help="Print the canonical input; decide nothing."),
    ]  # fmt: skip


def run(gate: str, build: Build, options: dict[str, Any], named: Mapping[str, str]) -> int:
    """Take the options through the one path and return the exit status.

    Whatever keeps it from an answer (exit 3), an older green one does not stay in its place.
    """
    from dpone.decisions.decide import decide
    from dpone.errors import UsageError, one_line
    from dpone.evidence.model import Subject
    from dpone.reports.publish import rendered, write_outputs

    workspace = workspace_of(options.pop("at"))
    subject = _named(Subject(*(options.pop(key) for key in SUBJECT)), options, named)
    show = options.pop("show_input")
    folder = _folder(options.pop("output_dir"), workspace)
    try:
        session, request, outputs, form = _asked(gate, build, workspace, subject, folder, options)
        if show:
            return _show_input(request, session)
        outcome = decide(request, session.context)
    except (UsageError, click.UsageError):
        raise
    except BaseException as fault:
        from dpone.decisions.withdraw import withdraw

        if not show:
            withdraw(workspace.path(folder), gate, subject, one_line(str(fault)) or type(fault).__name__)
        raise
    extra = write_outputs(outcome, outputs, workspace.env)
    colour = sys.stdout.isatty() and not workspace.env.get("NO_COLOR") and form == "text"
    sys.stdout.buffer.write(extra + rendered(outcome, form, workspace.env, colour))
    sys.stdout.buffer.flush()
    status = outcome.result.status
    return {"passed": PASSED, "failed": NOT_PASSED, "undecided": UNDECIDED}[status]


def _asked(
    gate: str, build: Build, workspace: Workspace, subject: Subject, folder: str, options: dict[str, Any]
) -> tuple[Session, GateRequest, Outputs, str]:
    """What the options ask: the session, the request that `build` makes of the command's own options,
    where else the answer goes, and its form on stdout."""
    from dpone.ops.session import open_session
    from dpone.reports.publish import read_outputs, split_outputs

    session = open_session(
        gate,
        workspace,
        subject,
        folder,
        policies=[str(workspace.argument(text)) for text in options.pop("policy")],
        claimed=options.pop("actor"),
        trust_root=options.pop("trust_root"),
    )
    bare, filed = split_outputs(session.config.get("output"))
    outputs = read_outputs(filed, workspace.path)
    outputs += read_outputs(options.pop("outputs"), workspace.argument)
    form = options.pop("form") or (bare[0] if bare else STDOUT[0])
    return session, build(session, **options), outputs, form


def _named(subject: Subject, options: Mapping[str, Any], named: Mapping[str, str]) -> Subject:
    """The subject with the fields that options of the command's own give; two different values are wrong
    usage, unless the general one only comes from the environment of the process."""
    from dpone.errors import UsageError
    from dpone.record import replace

    for name, option in named.items():
        value, general = options[option], getattr(subject, name)
        source = click.get_current_context().get_parameter_source(name)
        if value and general and value != general and source is not None and source.name == "COMMANDLINE":
            flag = f"--{option.replace('_', '-')}"
            raise UsageError(f"{flag} {value} and --{name} {general} name two things", f"give {flag} alone")
        if value:
            subject = replace(subject, **{name: value})
    return subject


def _folder(text: str, workspace: Workspace) -> str:
    """The output folder: where the user says, from where he stands; by default below the root."""
    source = click.get_current_context().get_parameter_source("output_dir")
    given = source is not None and source.name != "DEFAULT"
    return str(workspace.argument(text) if given else workspace.path(text))


def _show_input(request: GateRequest, session: Session) -> int:
    from dpone.decisions.decide import gather
    from dpone.decisions.gate_input import actor_of, canonicalise

    context = session.context
    evidence, history = gather(request, context)
    actor = actor_of(context, request.gate, request.artifact, request.subject.environment)
    sys.stdout.buffer.write(canonicalise(request, evidence, history, actor, context).data + b"\n")
    return PASSED
