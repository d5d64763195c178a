"""XML documents as scalars with their places: attributes and text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dpone.canonical import MAX_DEPTH
from dpone.data.secrets.structure import NotStructured, Scalar
from dpone.data.secrets.text import Path

_PART = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(?P<cdata>.*?)\]\]>"
    r"|<(?P<close>/)?(?P<name>[^\s<>/!?]+)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(?P<empty>/)?>"
    r"|(?P<text>[^<]+)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?P<name>[^\s=/]+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')")


def xml_scalars(text: str) -> Iterator[Scalar]:
    """Every attribute value and every text of a document; a text is its element's `value`, so that an
    element that is called `password`, or has that name in its `name`, gives it away. Raises `NotStructured`."""
    import html

    from dpone.evidence.model import Invalid
    from dpone.evidence.parse_xml import parse_xml

    try:
        parse_xml(text.encode("utf-8", "surrogatepass"), MAX_DEPTH)
    except Invalid as invalid:
        raise NotStructured(invalid.message) from None
    path: Path = ()
    counts = [0]
    for part in _PART.finditer(text):
        for kind in ("cdata", "text"):
            if part[kind] and part[kind].strip():
                start = part.start(kind) + len(part[kind]) - len(part[kind].lstrip())
                value = part[kind].strip()
                yield Scalar(
                    (*path, "value"), start, start + len(value), html.unescape(value), False, "[REDACTED]"
                )
        if part["name"] is None:
            continue
        if part["close"]:
            path = path[:-2]
            counts.pop()
            continue
        counts[-1] += 1
        own = (*path, _local(part["name"]), counts[-1])
        for found in _ATTRIBUTE.finditer(text, *part.span("attributes")):
            kind = "double" if found["double"] is not None else "single"
            value = html.unescape(found[kind])
            yield Scalar((*own, _local(found["name"])), *found.span(kind), value, False, "[REDACTED]")
        if not part["empty"]:
            path = own
            counts.append(0)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
