"""Output formats: found by their place in `dpone.reports.formats`, imported when one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from dpone.record import dataclass
from dpone.reports.model import Report


@dataclass(frozen=True)
class Format:
    """One format: how it is written, whether it needs no file, and what it adds to files that environment
    variables name."""

    name: str
    render: Callable[[Report], bytes]
    without_path: bool
    appended: Callable[[Report], Mapping[str, bytes]]


@cache
def format_names() -> tuple[str, ...]:
    """The names of all formats, sorted; nothing is imported for it."""
    # the folder itself, not pkgutil, which imports `inspect`
    names = sorted(path.stem for path in (Path(__file__).parent / "formats").glob("*.py"))
    return tuple(name for name in names if name != "__init__")


@cache
def find_format(name: str) -> Format:
    """The format of that name, which must be one of `format_names`."""
    module = import_module(f"dpone.reports.formats.{name}")
    return Format(
        name, module.render, getattr(module, "WITHOUT_PATH", False), getattr(module, "appended", _nothing)
    )


def _nothing(_report: Report) -> Mapping[str, bytes]:
    return {}
