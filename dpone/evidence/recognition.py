"""Which kind a document is, decided by its content. Collectors are found, not listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from dpone.evidence.model import Document, Reading
from dpone.record import dataclass

CUSTOM = "custom/"
"""What the names of kinds begin with that a policy layer declares."""


class Unrecognized(Exception):
    """A document that fits no kind, an unknown version of one, or two at once; the text says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Collector:
    """One kind of evidence: how it is recognised and read.

    `producer` is the command that makes it again, for remedies; `near` names a version or variant that
    is close but not understood, or returns an empty text; `shows_secret` tells a report that has one in
    clear, in any version and whatever kind was asked for, so that nothing keeps its bytes.
    """

    kind: str
    title: str
    producer: str
    recognize: Callable[[Document], bool]
    read: Callable[[Document, Mapping[str, Any]], Reading]
    near: Callable[[Document], str]
    shows_secret: Callable[[Document], bool]


@cache
def collectors() -> tuple[Collector, ...]:
    """All collectors, sorted by kind: every module of `dpone.evidence.collectors` that has a KIND."""
    # the folder itself, not pkgutil, which imports `inspect` and with it a tenth of a gate's start-up
    names = sorted(path.stem for path in (Path(__file__).parent / "collectors").glob("*.py"))
    modules = [import_module(f"dpone.evidence.collectors.{name}") for name in names if name != "__init__"]
    found = [
        Collector(
            m.KIND,
            m.TITLE,
            m.PRODUCER,
            m.recognize,
            m.read,
            getattr(m, "near", _nothing),
            getattr(m, "shows_secret", _never),
        )
        for m in modules
        if hasattr(m, "KIND")
    ]
    return tuple(sorted(found, key=lambda c: c.kind))


def recognize(document: Document, pinned_kind: str = "", custom: Sequence[Collector] = ()) -> Collector:
    """The one collector that `document` fits; with `pinned_kind`, that one or nothing. The `custom` kinds of
    layers are asked only about what no built-in kind knows, pinned or not.

    Raises `Unrecognized`. A document that fits two kinds has two meanings and is refused.
    """
    known = collectors()
    fitting = [c for c in known if c.recognize(document)]
    if pinned_kind and pinned_kind not in {c.kind for c in (*known, *custom)}:
        names = ", ".join(c.kind for c in (*known, *custom))
        raise Unrecognized(
            f"it is no {pinned_kind} that dpone wrote and sealed, and no tool's report is of that kind; known: {names}"
        )
    if pinned_kind.startswith(CUSTOM) and fitting:
        raise Unrecognized(f"is {fitting[0].kind}, which no custom kind can stand for")
    if pinned_kind.startswith(CUSTOM) or not (fitting or pinned_kind):
        known = (*known, *custom)
        fitting = [c for c in custom if c.recognize(document)]
    if pinned_kind:
        fitting = [c for c in fitting if c.kind == pinned_kind]
        known = tuple(c for c in known if c.kind == pinned_kind)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        told = f"fits {'two' if len(fitting) == 2 else len(fitting)} kinds, {' and '.join(c.kind for c in fitting)}"
        raise Unrecognized(f"{told}; pin one with `kind:`")
    # only what was pinned says how it differs from the schema of a custom kind
    asked = [c for c in known if pinned_kind or not c.kind.startswith(CUSTOM)]
    close = [text for c in asked if (text := c.near(document))]
    wanted = f"is not {pinned_kind}" if pinned_kind else "fits no known kind"
    raise Unrecognized(f"{wanted}; it looks like {close[0] if close else _shape(document)}")


def _nothing(_document: Document) -> str:
    return ""


def _never(_document: Document) -> bool:
    return False


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
