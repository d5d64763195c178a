"""Where a value begins and ends: in quotes, as a YAML block, or up to what can't belong to it."""

from __future__ import annotations

import re

_SPACED = re.compile(
    r"(?:\[REDACTED\]|\$?\{\{[^{}\n]{1,100}\}\}|<[A-Za-z][^<>\n]{0,60}>|\$\([^()\n]{0,200}\))+"
)
JSON_END = re.compile(r"[,}\]]")
JSON_GAP = re.compile(r"\s{1,200}(?=\")")
ESCAPED_BREAK = re.compile(r"\\[nrt]")
_OPENER = re.compile(r"[\[(]?[ \t]{0,4}(?:[rbfuRBFU]{1,2}(?=[\"']))?(?P<quote>\"\"\"|'''|\\[\"']|[\"'`])")
_BLOCK = re.compile(r"[|>][+-]?[0-9]?[ \t]*(?:#[^\n]*)?\r?\n(?P<indent>[ \t]+)")
_RUN = re.compile(r"[^\s]{1,1024}")
_NEXT_PAIR = re.compile(r"[,;&|][ \t]*[A-Za-z_][\w.\-]*[ \t]*[=:]|;(?=\s|$)|&(?=amp;)")
_CLOSER = re.compile(r"\\*[\"'`](?=[^\w]|$)")
_BACKQUOTED = re.compile(r"[^\s`]{1,1024}`")
_OPENERS = {")": "(", "]": "[", "}": "{", ">": "<"}
_TRAILING = ",;)]}>\"'`"
_VALUE_LIMIT = 8192


def read_quoted(text: str, at: int) -> tuple[int, int] | None:
    """The inside of the quotes, or the YAML block, that begins at `at`, if one does."""
    opener = _OPENER.match(text, at)
    if opener:
        closed = _closing(text, opener.end(), opener.group("quote"))
        return (opener.end(), closed) if closed >= 0 else None
    block = _BLOCK.match(text, at)
    if block is None:
        return None
    return block.end("indent"), _block_end(text, block.end("indent"), block.group("indent"))


def read_unquoted(text: str, at: int, ends: tuple[re.Pattern[str], ...]) -> tuple[int, int] | None:
    """What stands at `at` up to white space, the next pair, a closing quote or one of `ends`; closing
    punctuation is left out. None when nothing is left."""
    opener = _OPENER.match(text, at)
    at = opener.end() if opener else at
    spaced = _SPACED.match(text, at)
    begin = spaced.end() if spaced else at
    run = _RUN.match(text, begin)
    end = run.end() if run else begin
    for stop in (_NEXT_PAIR, _CLOSER, *ends):
        cut = stop.search(text, begin, end)
        if cut:
            end = cut.start()
    while end > at and text[end - 1] in _TRAILING and not _belongs(text, at, end):
        end -= 1
    return (at, end) if end > at else None


def _belongs(text: str, at: int, end: int) -> bool:
    """Whether the bracket that ends ``text[at:end]`` closes one inside it, as in a reference."""
    opener = _OPENERS.get(text[end - 1])
    return opener is not None and text.count(opener, at, end) >= text.count(text[end - 1], at, end)


def _closing(text: str, at: int, quote: str) -> int:
    limit = at + _VALUE_LIMIT
    if len(quote) > 1:
        return text.find(quote, at, limit)
    if quote == "`":  # in prose a backquote more often ends an example than begins a value
        return next((m.end() - 1 for m in [_BACKQUOTED.match(text, at)] if m), -1)
    while True:
        end = text.find(quote, at, limit)
        if end < 0:
            return -1
        backslashes = end
        while backslashes > at and text[backslashes - 1] == "\\":
            backslashes -= 1
        if (end - backslashes) % 2 == 0:
            return -1 if "\n" in text[at:end] else end
        at = end + 1


def _block_end(text: str, at: int, indent: str) -> int:
    end = text.find("\n", at)
    while end >= 0 and text.startswith(indent, end + 1):
        end = text.find("\n", end + 1)
    return len(text) if end < 0 else end
