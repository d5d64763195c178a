"""Which values of two documents look secret: they are replaced by a keyed digest before anything is compared.

Both documents are judged together, so that one value is never hidden on one side and shown on the other.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from dpone.data.drift.flatten import Leaf
from dpone.data.secrets.judge import REDACTED, generic_key, is_reference, looks_random, secret_key
from dpone.data.secrets.redact import redact
from dpone.data.secrets.structure import Scalar, find_by_key
from dpone.data.secrets.text import find_in_text
from dpone.errors import UndecidedError
from dpone.record import dataclass, replace

HIDDEN = "secret"
"""The type of a leaf whose value was replaced."""
CHUNK = 128
BREAK = "\n\0\n"
LONGEST_SHOWN = 300
REPEATED, HEAD = 6, 8
"""A text at least this long that is a secret somewhere is one wherever it stands by itself, or within another
text."""

Leaves = dict[str, Leaf]


class Known:
    """The secrets of a run, to be recognised where nothing else gives them away. They never leave it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = frozenset(text for text in texts if len(text) >= REPEATED)
        self._by_head: dict[str, list[str]] = {}
        for text in self._texts:
            if len(text) >= HEAD and not _is_word(text):
                self._by_head.setdefault(text[:HEAD], []).append(text)

    def is_one(self, value: str) -> bool:
        """Whether `value` is one of them, or holds one that is no plain word."""
        return value in self._texts or self.inside(value)

    def inside(self, text: str) -> bool:
        """Whether one of them that is no plain word stands in `text`; linear in its length."""
        if not self._by_head:
            return False
        return any(
            text.startswith(secret, at)
            for at in range(len(text) - HEAD + 1)
            for secret in self._by_head.get(text[at : at + HEAD], ())
        )


def _is_word(text: str) -> bool:
    """Whether a secret is written like a word: a password `postgres` must not hide every place called so."""
    return text.isalpha() and text[1:].islower()


@dataclass(frozen=True)
class Covered:
    """Two documents without their secrets, and the secrets, by which places are shown without them."""

    source: Leaves
    target: Leaves
    known: Known


def cover(source: Leaves, target: Leaves, key: bytes) -> Covered:
    """Replace every value that looks secret in either document by its HMAC under `key` (one per run, kept
    nowhere): equal values stay equal, and nothing can be guessed from what is left. Values that are the same
    in both are never shown, so only the others are searched for shapes."""
    sides = (source, target)
    hidden = {path for side in sides for path in _told_by_key(side)}
    secrets = {s[path].value for s in sides for path in hidden if path in s and s[path].type == "text"}
    texts = {
        leaf.value
        for side, other in ((source, target), (target, source))
        for path, leaf in side.items()
        if leaf.type == "text" and path not in hidden and not _same(leaf, other.get(path))
    }
    shapes = dict(_with_tokens(texts))
    known = Known(
        part for part in (*secrets, *(p for parts in shapes.values() for p in parts)) if not is_reference(part)
    )
    odd = {text for text in texts if text in shapes or known.is_one(text)}
    for side in sides:
        hidden |= {path for path, leaf in side.items() if leaf.type == "text" and leaf.value in odd}
    left, right = (_covered(side, hidden, known, key) for side in sides)
    return Covered(left, right, known)


def _same(leaf: Leaf, other: Leaf | None) -> bool:
    return other is not None and (leaf.type, leaf.value) == (other.type, other.value)


def _covered(leaves: Leaves, hidden: AbstractSet[str], known: Known, key: bytes) -> Leaves:
    return {
        path: _marked(leaf, key) if path in hidden and not _says_nothing(leaf, known) else leaf
        for path, leaf in leaves.items()
    }


def _says_nothing(leaf: Leaf, known: Known) -> bool:
    """Whether a value is nothing, or says where the secret is kept: no secret itself, on whichever side."""
    if leaf.type == "text":
        return is_reference(leaf.value) and not known.is_one(leaf.value)
    return leaf.type in ("null", "empty object", "empty list")


def _marked(leaf: Leaf, key: bytes) -> Leaf:
    written = f"{leaf.type}\0{leaf.value}".encode("utf-8", "surrogatepass")
    return replace(leaf, type=HIDDEN, value=hmac.new(key, written, hashlib.sha256).digest())


def _told_by_key(leaves: Leaves) -> Iterator[str]:
    """Places whose key, or a key above it, says that the value is a secret."""
    places = list(leaves)
    scalars = [
        Scalar(leaf.keys, at, at + 1, _plain(leaf), leaf.type != "text", "")
        for at, leaf in enumerate(leaves.values())
    ]
    yield from (places[hit.start] for hit in find_by_key(scalars))
    manifests = {
        leaf.keys[:-1] for leaf in leaves.values() if leaf.keys[-1] == "kind" and leaf.value == "Secret"
    }
    for path, leaf in leaves.items():
        if leaf.type == "boolean" or is_reference(_plain(leaf)):
            continue
        names = [key for key in leaf.keys if isinstance(key, str)]
        below = any(_telling(name) for name in (names if len(names) < len(leaf.keys) else names[:-1]))
        random = bool(names) and leaf.type == "text" and generic_key(names[-1]) and looks_random(leaf.value)
        sealed = bool(manifests) and any(
            leaf.keys[:depth] in manifests and leaf.keys[depth] in ("data", "stringData")
            for depth in range(len(leaf.keys) - 1)
        )
        if below or random or sealed:
            yield path


def _plain(leaf: Leaf) -> str:
    return (
        "" if leaf.value is None else (leaf.value if isinstance(leaf.value, str) else str(leaf.value).lower())
    )


def _telling(name: str) -> bool:
    return bool(secret_key(name) or (name[-1:] in ("s", "S") and secret_key(name[:-1])))


def _with_tokens(texts: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The texts that hold something in the shape of a secret (a token, a connection string, `key = value`),
    each with these parts of it.

    Many are searched at once, with a break between them that no shape crosses; only where something was
    found is each searched by itself.
    """
    ordered = sorted(texts)
    for at in range(0, len(ordered), CHUNK):
        chunk = ordered[at : at + CHUNK]
        if len(chunk) > 1 and not find_in_text(BREAK.join(chunk)):
            continue
        for text in chunk:
            hits = find_in_text(text)
            if hits:
                yield text, tuple(text[hit.start : hit.end] for hit in hits)


def shown_paths(paths: Sequence[str], steps: Sequence[tuple[str, ...]], known: Known) -> dict[str, str]:
    """How each place is shown: as it is, or redacted where it holds a secret itself, or cut where it is very
    long; those two end in `~` and a number of their own, so that different places stay different."""
    words = {_word(step) for own in steps for step in own}
    odd_words = {word for word, _ in _with_tokens(words)} | {word for word in words if known.inside(word)}
    odd_paths = {path for path, _ in _with_tokens(paths)}
    shown: dict[str, str] = {}
    changed = 0
    for path, own in zip(paths, steps, strict=True):
        text = _without(own, odd_words)
        if path in odd_paths:
            text = _redacted(text)
        if text != path or len(text) > LONGEST_SHOWN:
            changed += 1
            text = f"{text[:LONGEST_SHOWN]}~{changed}"
        shown[path] = text
    return shown


def _without(steps: Sequence[str], odd: AbstractSet[str]) -> str:
    """The text of a place, without steps that are secrets or look like names of secrets below their key."""
    text, above = "", ""
    for step in steps:
        word = _word(step)
        secret = word in odd or (_telling(above) and looks_random(word))
        if step[0] == "[":
            text += f"{step.partition('=')[0]}={REDACTED}]" if secret else step
        else:
            text += ("." if text else "") + (REDACTED if secret else step)
        above = word
    return text


def _word(step: str) -> str:
    """What stands in a step as the document has it."""
    inner = step[1:-1].partition("=")[2] if step[0] == "[" else step
    return str(json.loads(inner)) if inner[:1] == '"' else inner


def _redacted(path: str) -> str:
    try:
        return redact(path)
    except UndecidedError:
        return REDACTED
