"""Where an answer goes: stdout in one format, and `--output FORMAT=PATH` files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from dpone.errors import UndecidedError, UsageError
from dpone.reports.model import Report, whole
from dpone.reports.registry import find_format, format_names
from dpone.workspace import publish

ANSWERS = ("text", "json", "md")
"""Formats that can be the answer on stdout."""

Outputs = Sequence[tuple[str, "Path | None"]]
"""Formats, each with its file or None for stdout."""


def read_outputs(
    texts: Sequence[str], place: Callable[[str], Path], without: Sequence[str] = ()
) -> list[tuple[str, Path | None]]:
    """Parse `FORMAT` and `FORMAT=PATH`; `place` makes a path absolute, `without` are formats that this command
    has in another way.

    Raises `UsageError` for an unknown format, a missing path, and two outputs in one file.
    """
    known = [name for name in format_names() if name not in without]
    found: list[tuple[str, Path | None]] = []
    for text in texts:
        name, _, path = text.partition("=")
        if name not in known:
            raise UsageError(f"--output {text!r}: unknown format {name!r}", f"known: {', '.join(known)}")
        if not path and not find_format(name).without_path:
            raise UsageError(
                f"--output {text!r} names no file", f"write --output {name}=PATH; --format chooses stdout"
            )
        found.append((name, place(path) if path else None))
    return found


def check_outputs(outputs: Outputs, taken: Collection[Path] = ()) -> None:
    """Raise `UsageError` where two outputs want one file, for the second would silently be the only one, or one
    that is `taken` by the signed artifact."""
    paths = [path for _, path in outputs if path]
    for path in paths:
        if path in taken:
            raise UsageError(f"--output: {path} is a file of the artifact itself", "choose another place")
        if paths.count(path) > 1:
            forms = " and ".join(sorted(form for form, other in outputs if other == path))
            raise UsageError(f"--output: {forms} both go to {path}", "give each a file of its own")


def split_outputs(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """`output` of dpone.yaml: the bare formats (the first is what goes to stdout), and those that name a
    file or go to GitHub. Raises `UsageError` for two formats that both want stdout."""
    bare = [text for text in texts if text in ANSWERS]
    if len(bare) > 1:
        raise UsageError(
            f"dpone.yaml: output names {', '.join(bare)}, and stdout takes one", "give the others a path"
        )
    return bare, [text for text in texts if text not in bare]


def write_outputs(report: Report, outputs: Outputs, env: Mapping[str, str]) -> bytes:
    """Write every output that names a file, and what belongs into the files that `env` names; return what
    belongs on stdout. Raises `UndecidedError` where something cannot be written."""
    report = whole(report)
    stdout: list[bytes] = []
    files: dict[Path, bytes] = {}
    added: dict[str, bytes] = {}
    for name, path in outputs:
        form = find_format(name)
        added.update(
            {env[variable]: text for variable, text in form.appended(report).items() if env.get(variable)}
        )
        if path:
            files[path] = form.render(report)
        else:
            stdout.append(form.render(report))
    if files:
        publish(files)
    for target, text in added.items():
        _append(target, text)
    return b"".join(dict.fromkeys(stdout))


def _append(target: str, text: bytes) -> None:
    try:
        with Path(target).open("ab") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        raise UndecidedError(
            f"cannot add to {target}: {getattr(error, 'strerror', None) or error}",
            "this file is named by the CI's own environment",
            code="disk",
        ) from None
