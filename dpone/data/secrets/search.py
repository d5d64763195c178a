"""One document, all passes: every secret in it, with its path where the document has a structure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from dpone.data.secrets.judge import REDACTED, secret_key
from dpone.data.secrets.rules import lower_ascii
from dpone.data.secrets.structure import NotStructured, Scalar, Syntax, find_by_key, read_scalars
from dpone.data.secrets.text import Hit, Path, find_in_text
from dpone.record import dataclass, replace

_CODE = ".py .js .ts .jsx .tsx .go .java .kt .scala .rb .cs .rs .rego .c .h"

SUFFIXES: dict[str, Syntax] = {
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".sarif": "json",
    ".ipynb": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    **dict.fromkeys(_CODE.split(), "code"),
}
"""How a file is read, by the end of its name; any other is plain text."""

_STRUCTURE_WORTH_READING = (
    "passw",
    "passphrase",
    "passcode",
    "_pass",
    "-pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "private",
    "access",
    "account",
    "credential",
    "authorization",
    "signing",
    "encryption",
    "master",
    "storage",
    "fernet",
    "license",
    "connection",
)


_YAML_MARKS = "*&!"
"""What begins an alias, an anchor or a tag: no value itself, so its scalar is judged in its place."""


@dataclass(frozen=True)
class ConnectionType:
    """A `connection_type` in a manifest and its value as written."""

    path: Path
    value: str
    start: int


@dataclass(frozen=True)
class Findings:
    """What all passes found: `hits` in order, connection types, and whether the structure was read
    (`problem` says why not)."""

    hits: tuple[Hit, ...]
    connection_types: tuple[ConnectionType, ...] = ()
    problem: str = ""


def search(text: str, syntax: Syntax, *, thorough: bool = False) -> Findings:
    """Find every secret in `text`. A document that is not in its `syntax` is searched as plain text, and
    says so. `thorough` reads the structure even where no telling word stands (for policies on manifests)."""
    hits = find_in_text(text, code=syntax == "code", escaped=syntax == "json")
    if syntax in ("text", "code"):
        return Findings(tuple(_distinct(hits)))
    low = lower_ascii(text)
    if not (thorough or hits or any(word in low for word in _STRUCTURE_WORTH_READING)):
        return Findings(())
    try:
        scalars = read_scalars(text, syntax)
    except NotStructured as error:
        return Findings(tuple(_distinct(hits)), problem=str(error))
    hits = [hit for hit in _with_paths(hits, scalars) if hit.path or text[hit.start] not in _YAML_MARKS]
    hits += find_by_key(scalars)
    kinds = [
        ConnectionType(scalar.path, scalar.value, scalar.start)
        for scalar in scalars
        if _is_connection_type(scalar)
    ]
    return Findings(tuple(_distinct(hits)), tuple(kinds))


def _is_connection_type(scalar: Scalar) -> bool:
    name = scalar.path[-1] if scalar.path else ""
    return isinstance(name, str) and name.lower().replace("_", "").replace("-", "") == "connectiontype"


def _with_paths(hits: Sequence[Hit], scalars: Sequence[Scalar]) -> list[Hit]:
    ordered = sorted(scalars, key=lambda scalar: scalar.start)
    starts = [scalar.start for scalar in ordered]
    result = []
    for hit in hits:
        at = bisect_right(starts, hit.start) - 1
        inside = at >= 0 and hit.start <= ordered[at].end
        scalar = ordered[at] if inside else None
        if scalar is None:
            result.append(hit)
        elif not (scalar.plain and hit.rule in KEY_RULES):  # numbers are judged by their key alone
            # A value ends where its document says, whatever a pattern reads on.
            end = min(hit.end, scalar.end) if hit.start < scalar.end else hit.end
            result.append(replace(hit, end=end, path=scalar.path, structured=_under_key(scalar)))
    return result


def _under_key(scalar: Scalar) -> bool:
    name = scalar.path[-1] if scalar.path else ""
    return isinstance(name, str) and bool(secret_key(name))


def _distinct(hits: Sequence[Hit]) -> Iterator[Hit]:
    """Drop a hit that lies over one already kept: token shapes say more than keys, so they go first."""
    end = -1
    group: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, hit.end)):
        if group and hit.start >= end:
            yield _best(group)
            group = []
        group.append(hit)
        end = max(end, hit.end) if len(group) > 1 else hit.end
    if group:
        yield _best(group)


def _best(group: Sequence[Hit]) -> Hit:
    """One hit for hits that overlap: the most telling rule over the whole of their place."""
    named = min(group, key=lambda hit: (hit.rule in KEY_RULES, hit.start, -hit.end))
    whole = next((hit for hit in group if hit.structured and hit.replacement != REDACTED), named)
    return replace(
        named,
        start=min(hit.start for hit in group),
        end=max(hit.end for hit in group),
        path=next((hit.path for hit in group if hit.path), ()),
        structured=any(hit.structured for hit in group),
        replacement=whole.replacement,
    )


KEY_RULES = frozenset({"password_assignment", "secret_assignment", "high_entropy_value"})
"""Rules that go by the key, not by the shape of the value."""
