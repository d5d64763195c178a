"""XML without DTDs, entities or anything external, through the standard library's expat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from dpone.evidence.model import Invalid

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_NODES = 1_000_000
"""Elements and attributes together; a JUnit file of 200,000 cases stays below."""


def parse_xml(data: bytes, max_depth: int) -> Element:
    """Parse UTF-8 XML 1.0 into an element tree; names in a namespace read ``{uri}name``.

    A document type declaration is refused when it starts, before anything it declares is read, so no
    entity is ever expanded. Raises `Invalid`: `dtd`, `not_utf8`, `too_deep`, `too_many_nodes`, `not_xml`.
    """
    from xml.etree.ElementTree import TreeBuilder
    from xml.parsers import expat

    builder = TreeBuilder()
    depth = nodes = 0

    def name(text: str) -> str:
        return "{" + text if "}" in text else text

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, nodes
        depth += 1
        nodes += 1 + len(attributes)
        if depth > max_depth:
            raise Invalid("too_deep", f"nested deeper than {max_depth} levels")
        if nodes > MAX_NODES:
            raise Invalid("too_many_nodes", f"has more than {MAX_NODES} elements and attributes")
        builder.start(name(tag), {name(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name(tag))

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
            raise Invalid("not_utf8", f"is declared as {encoding[:40]}; write it as UTF-8")

    parser = expat.ParserCreate("utf-8", namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_dtd
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Invalid("not_xml", str(error)) from None
    return builder.close()


def _refuse_dtd(*_details: Any) -> NoReturn:
    raise Invalid("dtd", "holds a document type declaration, which evidence never needs")
