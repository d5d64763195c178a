"""`--output FORMAT=PATH`, the same wherever a gate or a check of policies runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dpone.reports.model import Report
    from dpone.reports.publish import Outputs
    from dpone.workspace import Workspace


def output_option(without: Sequence[str] = ()) -> Callable[[Any], Any]:
    """The option; `without` are formats that the command has on stdout alone."""
    from dpone.reports.registry import format_names

    names = ", ".join(name for name in format_names() if name not in without)
    return click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT=PATH",
        help=f"Further outputs: {names} (repeatable).",
    )


def deliver(report: Report, outputs: Outputs, workspace: Workspace, *, stdout: bool) -> None:
    """Write the outputs. What goes to no file is printed; beside a document on stdout that is on stderr, which a
    CI's runner reads just as well."""
    from dpone.reports.publish import write_outputs

    printed = write_outputs(report, outputs, workspace.env) if outputs else b""
    if stdout:
        sys.stdout.flush()
        sys.stdout.buffer.write(printed)
        sys.stdout.buffer.flush()
    else:
        sys.stderr.write(printed.decode("utf-8"))
