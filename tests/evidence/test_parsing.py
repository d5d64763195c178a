"""Bytes to documents: the syntax comes from the content, and hostile input is refused in linear time."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.evidence.model import Invalid
from dpone.evidence.parsing import parse

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
<testsuite><testcase name="&lol2;"/></testsuite>"""
EXTERNAL = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite name="&e;"/>'
YAML_BOMB = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"\n".join(
    b"%c: &%c [%s]" % (98 + i, 98 + i, b", ".join([b"*%c" % (97 + i)] * 10)) for i in range(8)
)


@pytest.mark.parametrize(
    ("data", "syntax", "root"),
    [
        (b' {"a": 1}', "json", {"a": 1}),
        (b"[1, 2]\n", "json", [1, 2]),
        (b'{"a": 1}\n{"a": 2}\n', "json-lines", [{"a": 1}, {"a": 2}]),
        (b'{"a": 1}\r\n{"a": 2}', "json-lines", [{"a": 1}, {"a": 2}]),
        (b"a: 1\nb: [x, 2.5, true, ~, no]\n", "yaml", {"a": 1, "b": ["x", 2.5, True, None, "no"]}),
        (b"- 2026-06-05\n- 12:30\n- 1_000\n- 0x10\n", "yaml", ["2026-06-05", "12:30", "1_000", "0x10"]),
        (b"a: '1'\n", "yaml", {"a": "1"}),
        (b"plain words, nothing else\n", "text", "plain words, nothing else\n"),
        (b"key: value\n  bad: [indent\n", "text", "key: value\n  bad: [indent\n"),
    ],
)
def test_syntax_is_found_from_content(data, syntax, root):
    """Each syntax is told from the others without a file name."""
    document = parse(data)
    assert (document.syntax, document.root, document.data) == (syntax, root, data)


def test_xml_keeps_names_text_and_namespaces():
    """Elements in a namespace read `{uri}name`; attributes and text are kept, comments are not."""
    root = parse(b'<r xmlns="urn:x" xmlns:y="urn:y"><!-- c --><a y:k="1">t&amp;t&#10;u</a></r>').root
    assert root.tag == "{urn:x}r"
    assert root[0].attrib == {"{urn:y}k": "1"}
    assert root[0].text == "t&t\nu"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf{}", "byte_order_mark"),
        (b"\xff\xfe{\x00}\x00", "byte_order_mark"),
        ("{}".encode("utf-16-be"), "not_utf8"),
        (b'{"a": "\xff"}', "not_utf8"),
        (b'{"a": "\x00"}', "not_utf8"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": NaN}', "bad_number"),
        (b'{"a": 1e999}', "bad_number"),
        (b'{"a": Infinity}', "bad_number"),
        (b'{"a": 1', "not_json"),
        (b'{"a": 1} trailing', "not_json"),
        (b'{"a": 1}\n[2]\n', "not_json"),
        (b'{"a": 1}\n{"b": 1, "b": 2}\n', "duplicate_key"),
        (b'{"a": 1}\n{"b": \n', "not_json"),
        (b'{"a": "\\ud800"}', "bad_text"),
        (b'{"\\udc00": 1}', "bad_text"),
        (b"[" * 101 + b"]" * 101, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b"<a>" * 101 + b"</a>" * 101, "too_deep"),
        (LAUGHS, "dtd"),
        (EXTERNAL, "dtd"),
        (b'<!DOCTYPE testsuite SYSTEM "http://example.com/x.dtd"><testsuite/>', "dtd"),
        (b"<a><b></a>", "not_xml"),
        (b"<a/><b/>", "not_xml"),
        (b"<a>&undefined;</a>", "not_xml"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?><a/>', "not_utf8"),
        (b"a: 1\na: 2\n", "duplicate_key"),
        (b"a: .nan\n", "bad_number"),
        (b"a: -.inf\n", "bad_number"),
        (b"a: 1e999\n", "bad_number"),
        (b"a: !!python/object/apply:os.system [id]\n", "tag"),
        (b"a: !ENV x\n", "tag"),
        (b"a: &a [*a]\n", "alias"),
        (b"a: &a {k: 1}\nb: {<<: *a}\n", "alias"),
        (b"a: 1\n---\nb: 2\n", "documents"),
        (b"? [a]\n: 1\n", "wrong_shape"),
        (YAML_BOMB, "alias"),
        (b"- " * 101 + b"x\n", "too_deep"),
    ],
)
def test_hostile_and_broken_input_is_invalid(data, reason):
    """What has no single meaning is refused, with a code that says why, in one line."""
    with pytest.raises(Invalid) as caught:
        parse(data)
    assert caught.value.reason == reason
    assert caught.value.message
    assert "\n" not in caught.value.message


def test_depth_is_what_the_caller_says():
    """The limit on nesting is a setting and counts levels of every syntax alike."""
    for data in (b"[[[1]]]", b"<a><b><c/></b></a>", b"- - - 1\n"):
        assert parse(data, 3)
        with pytest.raises(Invalid, match="nested deeper than 2"):
            parse(data, 2)


@pytest.mark.parametrize(
    "unit",
    [
        b"<a>",
        b"<a b='",
        b"<!--",
        b"[",
        b'{"a":',
        b'"',
        b"- ",
        b"? ",
        b"{",
        b"&a ",
        b"*a ",
        b"a: ",
        b"<![CDATA[",
    ],
)
def test_time_grows_no_faster_than_the_input(unit):
    """A megabyte of any opening costs at most seconds, not minutes."""
    start = time.perf_counter()
    with contextlib.suppress(Invalid):
        parse(unit * (300_000 // len(unit)))
    assert time.perf_counter() - start < 8


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_parse_or_are_invalid(data):
    """No bytes raise anything but Invalid."""
    try:
        document = parse(data)
    except Invalid as invalid:
        assert invalid.reason  # noqa: PT017 - most bytes are valid text and raise nothing
    else:
        assert document.data == data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), JSON) | st.lists(JSON))
def test_json_comes_back_as_it_was(value):
    """JSON of any content is read as what it says."""
    assert parse(json.dumps(value).encode()).root == value


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | PRINTABLE,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(PRINTABLE.filter(lambda k: k != "<<"), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.from_regex(r"k_[a-z]{1,5}", fullmatch=True), PLAIN, min_size=1))
def test_json_inside_yaml_means_the_same(value):
    """YAML's flow style is JSON: quoted text stays text, and numbers, booleans and null are the same."""
    text = "\n".join(f"{key}: {json.dumps(inner)}" for key, inner in value.items())
    document = parse(text.encode())
    assert (document.syntax, document.root) == ("yaml", value)
