"""The line of a JSON pointer, in any form of JSON, and never a fault."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.reports.lines import LIMIT, lines_of

TEXT = b"""{
  "a": [
    1,
    {"b/c": "x,}]{",
     "~": null}
  ],
  "e": {},
  "": {"k": [[], [true]]},
  "a\\u0062": 3
}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/a", 2),
        ("/a/0", 3),
        ("/a/1", 4),
        ("/a/1/b~1c", 4),
        ("/a/1/~0", 5),
        ("/e", 7),
        ("/", 8),
        ("//k/1/0", 8),
        ("/ab", 9),
        ("/a/2", 0),
        ("/a/1/b", 0),
        ("/x", 0),
        ("a", 0),
        ("", 0),
    ],
)
def test_where_a_pointer_lands(pointer: str, line: int) -> None:
    """Keys with slashes, tildes, escapes and structure inside texts; what leads nowhere has no line."""
    assert lines_of(TEXT, [pointer]).get(pointer, 0) == line


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a/>",
        b"plain",
        b"[",
        b"]]]]",
        b'{"a"',
        b"{,,,}",
        b"[" * 100_000,
        b"{" * 100_000,
        b'["\\',
        b"[\xff\xfe]",
    ],
)
def test_what_is_no_json_is_no_fault(data: bytes) -> None:
    """Broken, deep and binary documents have lines or none."""
    lines_of(data, ["/a", "/0/0", "/" * 50])


def test_large_files_are_not_searched() -> None:
    """Looking for a line never takes long."""
    assert lines_of(b"[" + b" " * LIMIT + b"1]", ["/0"]) == {}


@given(
    st.recursive(
        st.integers() | st.text(max_size=3) | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    )
)
def test_every_value_of_a_document_is_found(value: object) -> None:
    """In a document written with one value per line, each value has the line it stands on."""
    wanted: list[str] = []

    def walk(node: object, pointer: str) -> None:
        inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, child in inner:
            below = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            wanted.append(below)
            walk(child, below)

    walk(value, "")
    text = json.dumps(value, indent=1)
    found = lines_of(text.encode(), wanted)
    assert set(found) == set(wanted)
    assert sorted(found.values()) == [found[pointer] for pointer in wanted]
