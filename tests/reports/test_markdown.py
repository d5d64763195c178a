"""Text from outside is shown in Markdown and does nothing there."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.reports.markdown import code, escape, table
from dpone.reports.packs import action_list, status_table, timeline_table

HOSTILE = {
    "a script": ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    "an image that runs": ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
    "a comment that hides": ("<!-- x", "&lt;!-- x"),
    "an end of a comment": ("--> x", r"\--&gt; x"),
    "a cell": ("a | b", r"a \| b"),
    "a cell behind a backslash": ("a \\| b", r"a \\\| b"),
    "a link": ("[x](javascript:alert(1))", r"\[x\](javascript:alert(1))"),
    "an image": ("![x](https://example.com/t.gif)", r"\!\[x\](https&#58;//example.com/t.gif)"),
    "a bare address": ("see https://example.com now", "see https&#58;//example.com now"),
    "a bare host": ("see www.example.com", "see www&#46;example.com"),
    "a code span": ("`x`", r"\`x\`"),
    "emphasis": ("*a* __b__ ~~c~~", r"\*a\* \_\_b\_\_ &#126;&#126;c&#126;&#126;"),
    "a heading": ("# x", r"\# x"),
    "a heading by its line": ("a\n====", "a ===="),
    "a line of signs": ("====", "&#61;==="),
    "a list": ("- x", r"\- x"),
    "a plus list": ("+ x", r"\+ x"),
    "a numbered list": ("1. x", r"1\. x"),
    "another numbered list": ("12) x", r"12\) x"),
    "a rule": ("---", r"\---"),
    "a quote": ("> x", "&gt; x"),
    "an admonition": ("!!! danger", r"\!!! danger"),
    "a template": ("{{ config }}{% raw %}", "&#123;&#123; config &#125;&#125;&#123;% raw %&#125;"),
    "attributes": ("x {: onclick=alert(1) }", "x &#123;: onclick=alert(1) &#125;"),
    "an entity": ("&lt;script&gt;", "&amp;lt;script&amp;gt;"),
    "line breaks": ("a\r\n\n# b", r"a \# b"),
    "a separator of lines": ("a\u2028# b", r"a \# b"),
    "a terminal's commands": ("\x1b[31mred", r"\[31mred"),
    "text that runs backwards": ("a\u202eb", "a b"),
    "an isolate": ("\u2066a\u2069", "a"),
    "an invisible character": ("pass\u200bed", "pass ed"),
    "half a character": ("a\ud800b", "a b"),
    "a tab that begins code": ("\t\tx", "x"),
}


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_shown_as_it_is(text, shown):
    """Each way out of a line, a cell or a page that Markdown and HTML know is closed."""
    assert escape(text) == shown


@pytest.mark.parametrize(
    "text", ["v0.7.1", "ci@example.com", "2026-11-23T00:00:00Z", "build/junit.xml", "lag is 420, max 300"]
)
def test_plain_text_stays_readable(text):
    """What needs no escaping is not escaped."""
    assert escape(text) == text


@given(st.text())
def test_no_text_gets_out_of_its_cell(text):
    """Whatever the text: one line, printable, no bare sign that opens markup, HTML, a template or a cell."""
    shown = escape(text)
    assert shown.isprintable()
    assert not re.search(r"[<>{}~]", shown)
    bare = re.sub(r"\\[\\`*_\[\]#|!+.)-]|&(?:amp|lt|gt|#[0-9]+);", "", shown)
    assert not set(bare) & set("\\`*_[]#|&")
    row = table(("a", "b"), [(text, text)])[2]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3


@given(st.text(string.printable))
def test_a_command_is_code_or_plain_text(command):
    """A command that holds anything unusual is no code span, so that it cannot end one."""
    shown = code(command)
    inside = re.fullmatch(r"`([^`\n]+)`", shown)
    assert (inside and inside[1] == command) or shown == escape(command)


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE.values()], ids=list(HOSTILE))
def test_tables_and_lists_of_packs_escape(text):
    """Every field that a pack prints goes through the one function."""
    item = {"name": text, "passed": True, "kind": text, "summary": text, "sha256": text}
    action = {
        "order": 1,
        "item": text,
        "rule": text,
        "message": text,
        "remedy": text,
        "command": text,
        "mandatory": True,
    }
    shown = escape(text)
    assert (
        status_table([item], {text: text})[2] == f"| {shown} | passed | {shown} | {shown} | {shown} | {shown} |"
    )
    assert timeline_table([{"at": text, "name": text, "what": text}])[2] == f"| {shown} | {shown} | {shown} |"
    assert action_list([action]) == [
        f"- [ ] 1\\. **{shown}**: {shown} ({shown}, mandatory)",
        f"    - to do: {shown}",
        f"    - then run: {code(text)}",
        "",
    ]
