"""Options that several commands share, and reading JSON wherever it comes from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from dpone.canonical import JsonProblem, parse_json
from dpone.errors import UsageError
from dpone.ops.source import Source
from dpone.record import replace
from dpone.workspace import ReadProblem, Workspace, open_workspace

ENGINES = ("regopy", "opa", "opa-server")
"""As in `dpone.policy.engines.choice`, which is not imported to print a help text."""
OPTION_LIMIT = 100_000_000
"""Most bytes an option's file or standard input may have."""


def subject_options() -> list[Callable[[Any], Any]]:
    """What a command is about, and when: the same on every command."""
    return [
        click.option("--release", default="", envvar="DPONE_RELEASE", metavar="NAME", help="The release."),
        click.option(
            "--environment", default="", envvar="DPONE_ENVIRONMENT", metavar="NAME", help="The environment."
        ),
        click.option("--commit", default="", envvar="DPONE_COMMIT", metavar="SHA", help="The commit."),
        click.option("--run-id", default="", envvar="DPONE_RUN_ID", metavar="ID", help="The run."),
        click.option("--at", default="", metavar="TIME", help="Judge as at this time (RFC 3339)."),
    ]


def with_subject(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what it is about, and when."""
    for option in reversed(subject_options()):
        function = option(function)
    return function


def workspace_of(at: str = "") -> Workspace:
    """The workspace around the current folder."""
    return open_workspace(at=at)


def read_source(text: str, option: str, workspace: Workspace) -> Source:
    """The bytes of `@path`, `-` (standard input) or a path; what cannot be read is a state, not an error."""
    if text == "-":
        data = sys.stdin.buffer.read(OPTION_LIMIT + 1)
        if len(data) > OPTION_LIMIT:
            return Source(option, "stdin", state="too_large", message=f"more than {OPTION_LIMIT} bytes")
        return Source(option, "stdin", data)
    path = workspace.argument(text.removeprefix("@"))
    try:
        return Source(option, workspace.uri(path), workspace.read(path, OPTION_LIMIT))
    except ReadProblem as problem:
        return Source(
            option, workspace.uri(path), state=problem.state, reason=problem.reason, message=problem.message
        )


def read_json(text: str, option: str, workspace: Workspace) -> Source:
    """The JSON value of an option: inline text, a path, `@path`, or `-`.

    Broken inline JSON is a wrong command line (exit 2); a file or standard input that is missing or
    broken is evidence that is not good, which the gate then decides on (exit 1).
    """
    if text.lstrip()[:1] in ("{", "[", '"') or text.strip() in ("", "null", "true", "false"):
        try:
            data = text.encode("utf-8")
            return replace(Source(option, "inline", data), value=parse_json(data))
        except (JsonProblem, UnicodeEncodeError) as problem:
            raise UsageError(f"{option}: {problem}", "give one JSON value, a path, @path or -") from None
    source = read_source(text, option, workspace)
    return _parsed(source) if source.state == "present" else source


def _parsed(source: Source) -> Source:
    """The source with its JSON value, or invalid."""
    try:
        return replace(source, value=parse_json(source.data))
    except JsonProblem as problem:
        return replace(source, state="invalid", reason=problem.reason, message=str(problem))


def read_document(text: str, option: str, workspace: Workspace) -> Source:
    """As `read_json`, but a file or standard input may be YAML too; its service parses it."""
    if text.lstrip()[:1] in ("{", "[", '"') or text.strip() in ("", "null", "true", "false"):
        return read_json(text, option, workspace)
    source = read_source(text, option, workspace)
    if source.state != "present" or source.data.lstrip()[:1] not in (b"{", b"[", b'"', b""):
        return source
    return _parsed(source)


def read_inline(text: str, option: str, workspace: Workspace, inline: tuple[str, ...] | None) -> Source:
    """The bytes of an option that may be text itself: inline where it begins with one of `inline` (None:
    always, but for `@path` and `-`), else a path."""
    if text != "-" and not text.startswith("@") and (inline is None or text.lstrip().startswith(inline)):
        return Source(option, "inline", text.encode("utf-8", "surrogateescape"))
    return read_source(text, option, workspace)


def read_flags(pairs: tuple[str, ...], option: str) -> tuple[tuple[str, bool], ...]:
    """Parse repeated `name=true|false`. Raises `UsageError` for anything else, and for a name given twice."""
    found: dict[str, bool] = {}
    for text in pairs:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or value not in ("true", "false") or not name.isprintable():
            raise UsageError(
                f"{option} {text[:80]!r} is not NAME=true or NAME=false", f"write {option} smoke=true"
            )
        if name.strip() in found:
            raise UsageError(f"{option} {name[:80]!r} is given twice", "give each name once")
        found[name.strip()] = value == "true"
    return tuple(found.items())
