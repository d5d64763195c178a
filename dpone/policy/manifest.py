"""`.manifest`, as OPA knows it: revision, roots, rego_version, metadata, with words of our own in metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpone.canonical import JsonProblem, parse_json
from dpone.record import dataclass, field

FILE = ".manifest"

_KEYS = frozenset(("revision", "roots", "rego_version", "metadata"))


@dataclass(frozen=True)
class Manifest:
    """What a manifest says. `name` is what the layer is called where its file name does not say so, `replaces`
    the gate whose own rules that are not mandatory it stands in for; both are texts of `metadata`."""

    revision: str = ""
    roots: tuple[str, ...] = ()
    name: str = ""
    replaces: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


class BadManifest(Exception):
    """A manifest that is not understood; the message says why."""


def read_manifest(text: str) -> Manifest:
    """Read a manifest. A key that nobody here knows is refused, because OPA might: `file_rego_versions` changes
    what a rule means, `wasm` brings other rules. Raises `BadManifest`."""
    try:
        found = parse_json(text.encode(), 6)
    except JsonProblem as problem:
        raise BadManifest(f"is not JSON: {problem}") from None
    if not isinstance(found, dict):
        raise BadManifest("must be a JSON object")
    for unknown in sorted(found.keys() - _KEYS):
        raise BadManifest(f"has the key {unknown[:60]!r}; only {', '.join(sorted(_KEYS))} are known")
    roots, metadata = found.get("roots", []), found.get("metadata", {})
    if not isinstance(roots, list) or not all(isinstance(root, str) and root for root in roots):
        raise BadManifest('roots must be a list such as ["dpone/custom/release_gate/payments"]')
    if type(found.get("rego_version", 1)) is not int or found.get("rego_version", 1) != 1:
        raise BadManifest("rego_version must be 1")
    if not isinstance(found.get("revision", ""), str):
        raise BadManifest("revision must be a text")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("replaces", ""), str):
        raise BadManifest("metadata.replaces must be the id of a gate")
    if not isinstance(metadata.get("name", ""), str):
        raise BadManifest("metadata.name must be the name of the layer")
    return Manifest(
        found.get("revision", ""),
        tuple(roots),
        metadata.get("name", ""),
        metadata.get("replaces", ""),
        metadata,
    )
