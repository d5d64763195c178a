"""Where an answer goes: stdout in one format, and `--output FORMAT=PATH` files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dpone.errors import UsageError
from dpone.workspace import publish

if TYPE_CHECKING:
    from dpone.decisions.decide import Outcome

FORMATS = ("text", "json", "md", "junit", "github")


def read_outputs(texts: Sequence[str], place: Callable[[str], Path]) -> list[tuple[str, Path | None]]:
    """Parse `FORMAT` and `FORMAT=PATH`; `place` makes a path absolute.

    Raises `UsageError` for an unknown format or a missing path.
    """
    found: list[tuple[str, Path | None]] = []
    for text in texts:
        name, _, path = text.partition("=")
        if name not in FORMATS:
            raise UsageError(f"--output {text!r}: unknown format {name!r}", f"known: {', '.join(FORMATS)}")
        if not path and name != "github":
            raise UsageError(
                f"--output {text!r} names no file", f"write --output {name}=PATH; --format chooses stdout"
            )
        found.append((name, place(path) if path else None))
    return found


def split_outputs(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """`output` of dpone.yaml: the bare formats (the first is what goes to stdout), and those that name a
    file or go to GitHub. Raises `UsageError` for two formats that both want stdout."""
    bare = [text for text in texts if text in ("text", "json", "md")]
    if len(bare) > 1:
        raise UsageError(
            f"dpone.yaml: output names {', '.join(bare)}, and stdout takes one", "give the others a path"
        )
    return bare, [text for text in texts if text not in bare]


def rendered(outcome: Outcome, form: str, env: Mapping[str, str], colour: bool = False) -> bytes:
    """The outcome in one format."""
    files = outcome.decision.files
    if form == "json":
        return files[f"{outcome.request.stem}.json"]
    if form == "md":
        return files[f"{outcome.request.stem}.md"]
    if form == "junit":
        from dpone.reports.junit import junit_report

        return junit_report(outcome)
    if form == "github":
        from dpone.reports.github import github_report

        return github_report(outcome, files[f"{outcome.request.stem}.md"].decode("utf-8"), env).encode("utf-8")
    from dpone.reports.text import text_report

    return text_report(outcome, colour).encode("utf-8")


def write_outputs(
    outcome: Outcome, outputs: Sequence[tuple[str, Path | None]], env: Mapping[str, str]
) -> bytes:
    """Write every output that names a file; return what belongs on stdout."""
    stdout = b""
    files: dict[Path, bytes] = {}
    for form, path in outputs:
        data = rendered(outcome, form, env)
        if path is None:
            stdout += data
        else:
            files[path] = data
    if files:
        publish(files)
    return stdout
