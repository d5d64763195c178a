"""Which kind a document is, decided by its content. Collectors are found, not listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from dpone.evidence.model import Document, Reading
from dpone.record import dataclass


class Unrecognized(Exception):
    """A document that fits no kind, an unknown version of one, or two at once; the text says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Collector:
    """One kind of evidence: how it is recognised and read.

    `producer` is the command that makes it again, for remedies; `near` names a version or variant that
    is close but not understood, or returns an empty text.
    """

    kind: str
    title: str
    producer: str
    recognize: Callable[[Document], bool]
    read: Callable[[Document, Mapping[str, Any]], Reading]
    near: Callable[[Document], str]


@cache
def collectors() -> tuple[Collector, ...]:
    """All collectors, sorted by kind: every module of `dpone.evidence.collectors` that has a KIND."""
    # the folder itself, not pkgutil, which imports `inspect` and with it a tenth of a gate's start-up
    names = sorted(path.stem for path in (Path(__file__).parent / "collectors").glob("*.py"))
    modules = [import_module(f"dpone.evidence.collectors.{name}") for name in names if name != "__init__"]
    found = [
        Collector(m.KIND, m.TITLE, m.PRODUCER, m.recognize, m.read, getattr(m, "near", _nothing))
        for m in modules
        if hasattr(m, "KIND")
    ]
    return tuple(sorted(found, key=lambda c: c.kind))


def recognize(document: Document, pinned_kind: str = "") -> Collector:
    """The one collector that `document` fits; with `pinned_kind`, that one or nothing.

    Raises `Unrecognized`. A document that fits two kinds has two meanings and is refused.
    """
    known = collectors()
    fitting = [c for c in known if c.recognize(document)]
    if pinned_kind:
        if pinned_kind not in {c.kind for c in known}:
            raise Unrecognized(
                f"it is no {pinned_kind} that dpone wrote and sealed, and no tool's report is of that kind;"
                f" known: {', '.join(c.kind for c in known)}"
            )
        fitting = [c for c in fitting if c.kind == pinned_kind]
        known = tuple(c for c in known if c.kind == pinned_kind)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise Unrecognized(f"fits two kinds, {' and '.join(c.kind for c in fitting)}; pin one with `kind:`")
    close = [text for c in known if (text := c.near(document))]
    wanted = f"is not {pinned_kind}" if pinned_kind else "fits no known kind"
    raise Unrecognized(f"{wanted}; it looks like {close[0] if close else _shape(document)}")


def _nothing(_document: Document) -> str:
    return ""


def _shape(document: Document) -> str:
    root = document.root
    if document.syntax == "xml":
        return f"XML with the root element {str(root.tag)[:80]}"
    if document.syntax == "json-lines":
        return f"JSON Lines, {len(root)} rows"
    if isinstance(root, dict):
        keys = ", ".join(sorted(str(key)[:30] for key in root)[:8])
        return f"a {document.syntax.upper()} object with {keys or 'no keys'}"
    if isinstance(root, list):
        return f"a {document.syntax.upper()} array of {len(root)}"
    return "plain text"
