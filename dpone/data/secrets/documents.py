"""Redact a whole file by its format: what comes out reads the same way, and holds no secret a scan can find.

A file whose format is unknown, that is not what its name says, or that would lose its structure is not redacted
at all: half a redaction would be shared as if it were one.
"""

from __future__ import annotations

import codecs
import json
import re

from dpone.data.secrets.judge import REDACTED
from dpone.data.secrets.redact import redact
from dpone.data.secrets.search import SUFFIXES, search
from dpone.data.secrets.structure import NotStructured, Syntax, read_scalars
from dpone.data.secrets.text import Path
from dpone.errors import UndecidedError
from dpone.record import dataclass

FORMATS: dict[str, Syntax] = {
    **SUFFIXES,
    ".toml": "toml",
    ".env": "env",
    **dict.fromkeys((".ini", ".cfg", ".conf", ".properties"), "ini"),
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    ".xml": "xml",
    **dict.fromkeys((".log", ".txt", ".md", ".out", ".err", ".prom"), "text"),
}
"""How a file is redacted, by the end of its name; any other type is unknown."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TELLING = re.compile(r"(?=.*[A-Za-z])(?=.*[^A-Za-z])(?!.*\[REDACTED\])\S{8,512}")
_SPACE = re.compile(r"\s*")
_CONTROLS = re.compile(r"[\0-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Document:
    """What is known of a file before and after redaction. `format` is empty when it is unknown; `secrets` is
    how many were found in it, -1 when it could not be searched; `data` is the redacted copy, empty unless
    `problem` is. A `problem` is binary, unknown_type, not_structured, structure_changed or incomplete."""

    format: str
    secrets: int
    data: bytes = b""
    problem: str = ""


def inspect(data: bytes, name: str) -> Document:
    """The format of a file and how many secrets stand in it; nothing is redacted."""
    text, _ = _decoded(data)
    if text is None:
        return Document("", -1, problem="binary")
    syntax = format_of(name)
    found = search(text, syntax or "text", thorough=True)
    problem = "not_structured" if found.problem else ""
    return Document(syntax or "", len(found.hits), problem=problem if syntax else "unknown_type")


def redact_document(data: bytes, name: str) -> Document:
    """`data` redacted by the format that its `name` ends in. The copy has the same encoding and line ends, the
    same keys in the same places, and redacting it again changes nothing."""
    known = inspect(data, name)
    text, encoding = _decoded(data)
    if known.problem or text is None:
        return known
    syntax: Syntax = known.format  # type: ignore[assignment]
    try:
        before = _paths(text, syntax)
        clean = _everywhere(redact(text, syntax), text, syntax)
        if before is not None and [_clean(path) for path in before] != _paths(clean, syntax):
            return Document(known.format, known.secrets, problem="structure_changed")
    except NotStructured:
        return Document(known.format, known.secrets, problem="structure_changed")
    except UndecidedError:
        return Document(known.format, known.secrets, problem="incomplete")
    copied = clean.encode(encoding)
    again = inspect(copied, name)
    if again.secrets or again.problem:
        return Document(known.format, known.secrets, problem="incomplete")
    return Document(known.format, known.secrets, copied)


def _everywhere(clean: str, text: str, syntax: Syntax) -> str:
    """A secret that its key or shape gave away in one place is taken out wherever else it stands: in a command, a
    message, a comment. Short values and plain words are left, or half of every sentence would go."""
    values = {text[hit.start : hit.end] for hit in search(text, syntax, thorough=True).hits}
    for value in sorted(values, key=len, reverse=True):
        if _TELLING.fullmatch(value):
            clean = clean.replace(value, REDACTED)
    return clean


def format_of(name: str) -> Syntax | None:
    """The format that a file's name promises, or None when it promises none that is known."""
    name = name.replace("\\", "/").rpartition("/")[2].lower()
    if name.startswith(".env.") or name == ".env":
        return "env"
    return FORMATS.get(name[name.rfind(".") :] if "." in name[1:] else "")


def _decoded(data: bytes) -> tuple[str | None, str]:
    """The text and its encoding; None when it is no text that could be written again byte for byte."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None, encoding
    if _CONTROLS.search(text) or text.encode(encoding) != data:
        return None, encoding
    return text, encoding


def _paths(text: str, syntax: Syntax) -> list[Path] | None:
    """The paths of all values in order; None where the format has none."""
    if syntax in ("text", "code"):
        return None
    if syntax == "json":
        _check_json(text)
    paths = [scalar.path for scalar in read_scalars(text, syntax)]
    if syntax == "json" and len(set(paths)) < len(paths):
        raise NotStructured("a key stands twice")
    return paths


def _clean(path: Path) -> Path:
    return tuple(redact(part) if isinstance(part, str) else part for part in path)


def _check_json(text: str) -> None:
    """The flat reader is lenient; whoever reads the copy is not."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)
    try:
        at = _SPACE.match(text).end()  # type: ignore[union-attr]
        while at < len(text):
            _, at = decoder.raw_decode(text, at)
            at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        raise NotStructured("it is not JSON") from None
