"""What every gate's command line has in common: the subject, the output, and the run through the path."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from dpone.commands.options import subject_options, workspace_of
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

Build = Callable[..., "GateRequest"]
Outputs = Sequence[tuple[str, "Path | None"]]
Asked = tuple["Session", "GateRequest", Outputs, str]


def gate_command(
    name: str, folder: str, *, folder_option: str = "--output-dir"
) -> Callable[[Build], click.Command]:
    """Make a click command of a function that builds the request of a gate.

    The function gets a `Session` and the command's own options; everything else, from resolving the
    subject to exit codes, is the same for every gate.
    """

    def wrap(build: Build) -> click.Command:
        def callback(**options: Any) -> int:
            return run(name, build, options)

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


def run(gate: str, build: Build, options: dict[str, Any]) -> int:
    """Take the options through the one path and return the exit status.

    Whatever keeps it from an answer (exit 3), an older green one does not stay in its place.
    """
    from dpone.errors import UsageError, one_line
    from dpone.evidence.model import Subject

    workspace = workspace_of(options.pop("at"))
    subject = Subject(*(options.pop(key) for key in ("release", "environment", "commit", "run_id")))
    show = options.pop("show_input")
    folder = _folder(options.pop("output_dir"), workspace)
    try:
        asked = partial(_asked, gate, build, workspace, subject, folder, options)
        if show:
            return _show_input(*asked()[:2])
        outcome, outputs, form = _decided(asked)
    except (UsageError, click.UsageError):
        raise
    except BaseException as fault:
        from dpone.decisions.withdraw import withdraw

        if not show:
            withdraw(workspace.path(folder), gate, subject, one_line(str(fault)) or type(fault).__name__)
        raise
    from dpone.reports.publish import rendered, write_outputs

    extra = write_outputs(outcome, outputs, workspace.env)
    colour = sys.stdout.isatty() and not workspace.env.get("NO_COLOR") and form == "text"
    sys.stdout.buffer.write(extra + rendered(outcome, form, workspace.env, colour))
    sys.stdout.buffer.flush()
    status = outcome.result.status
    return {"passed": PASSED, "failed": NOT_PASSED, "undecided": UNDECIDED}[status]


def _decided(asked: Callable[[], Asked]) -> tuple[Outcome, Outputs, str]:
    """Start an engine before anything else, so that it warms up while the rest is imported and read; then
    find out what is asked, and decide it."""
    from dpone.policy.engines.regopy_engine import RegopyEngine

    with RegopyEngine() as engine:
        from dpone.decisions.decide import decide

        session, request, outputs, form = asked()
        return decide(request, session.context, engine), outputs, form


def _asked(
    gate: str, build: Build, workspace: Workspace, subject: Subject, folder: str, options: dict[str, Any]
) -> Asked:
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


def _folder(text: str, workspace: Workspace) -> str:
    """The output folder: where the user says, from where he stands; by default below the root."""
    source = click.get_current_context().get_parameter_source("output_dir")
    given = source is not None and source.name != "DEFAULT"
    return str(workspace.argument(text) if given else workspace.path(text))


def _show_input(session: Session, request: GateRequest) -> int:
    from dpone.decisions.decide import gather
    from dpone.decisions.gate_input import actor_of, canonicalise

    context = session.context
    evidence = gather(request, context)
    actor = actor_of(context, request.gate, request.artifact, request.subject.environment)
    sys.stdout.buffer.write(canonicalise(request, evidence, actor, context).data + b"\n")
    return PASSED
