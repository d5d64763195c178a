"""A team's policies, as a folder or an archive: which files they may hold, and reading them safely."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from dpone.canonical import sha256_hex
from dpone.policy.files import (
    OPA_SEAL,
    SEAL,
    Entry,
    bad_entry,
    counts,
    held_entries,
    lying_files,
)
from dpone.policy.kinds import is_kinds_file, read_kinds
from dpone.policy.manifest import FILE as MANIFEST
from dpone.policy.manifest import BadManifest, Manifest, read_manifest
from dpone.policy.problems import LintProblem
from dpone.policy.tarball import MAX_ARCHIVE, BadArchive, other_spelling, read_archive
from dpone.record import dataclass, field, replace
from dpone.workspace import ReadProblem, read_file

MAX_MODULE = 200_000
MAX_TOTAL = 2_000_000
"""Caps on the bytes of one module and of all."""

ENDINGS = (".tar.gz", ".tgz")

_LAYER = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)
_CRLF = "has CRLF line ends: the digest would differ between machines; add `* text eol=lf` to .gitattributes"


@dataclass(frozen=True)
class Folder:
    """What was read: modules and tests by path inside the folder, and what is wrong with the folder.

    `name` is what the layer is called; `roots` are the manifest's, empty without one; `kinds` are the
    definitions and schemas of custom kinds of evidence. `files` are the SHA-256 of everything that counts, by
    path, `others` the paths of files that do not and are never read. `signatures` are signature files by name,
    those beside the folder or archive marked with `../`.
    """

    name: str
    modules: Mapping[str, str]
    tests: Mapping[str, str]
    roots: tuple[str, ...]
    replaces: str
    problems: tuple[LintProblem, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)
    manifest: str = ""
    revision: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    signatures: Mapping[str, bytes] = field(default_factory=dict)

    def contents(self) -> dict[str, str]:
        """The text of everything that counts, by path."""
        own = {MANIFEST: self.manifest} if self.manifest else {}
        return {**self.modules, **self.tests, **self.kinds, **own}


def is_archive(path: Path) -> bool:
    """Whether a layer's path is that of an archive."""
    return path.name.endswith(ENDINGS) and not path.is_dir()


def layer_name(path: Path) -> str:
    """`policies/Data-Team` or `Data-Team.tar.gz` -> `data_team`."""
    name = path.name
    if is_archive(path):
        name = name.removesuffix(ENDINGS[0]).removesuffix(ENDINGS[1])
    return name.lower().replace("-", "_")


def read_folder(path: Path) -> Folder:
    """Read a folder or an archive. Never raises: one that is missing or cannot be read is a problem of it."""
    entries: Iterable[Entry]
    if is_archive(path):
        try:
            held = read_archive(read_file(path, MAX_ARCHIVE))
        except ReadProblem as problem:
            entries = [bad_entry("", f"the archive cannot be read: {problem.message}")]
        except BadArchive as bad:
            entries = [bad_entry(bad.inside, bad.message if bad.inside else f"the archive {bad.message}")]
        else:
            entries = held_entries(held)
    else:
        entries = lying_files(path)
    found = gather(layer_name(path), str(path), entries)
    beside = {f"../{path.name}{ending}": path.with_name(path.name + ending) for ending in (SEAL, OPA_SEAL)}
    signatures = {name: _signature(place) for name, place in beside.items() if os.path.lexists(place)}
    return replace(found, signatures={**found.signatures, **signatures})


def gather(name: str, where: str, entries: Iterable[Entry]) -> Folder:
    """The layer that entries make: the same checks for a folder and for an archive. `where` names it."""
    texts: dict[str, str] = {}
    problems: list[LintProblem] = []
    others: list[str] = []
    signatures: dict[str, bytes] = {}
    seen: dict[str, str] = {}
    total = 0
    for entry in entries:
        inside = entry.inside
        if other := other_spelling(inside, seen):
            problems.append(_problem(inside, "folder", f"differs from {other} only in how it is written"))
        elif entry.trouble:
            problems.append(_problem(inside, "folder", entry.trouble))
        elif not (counts(inside) or inside in (SEAL, OPA_SEAL)):
            others.append(inside)
        else:
            try:
                data = entry.read(MAX_MODULE if counts(inside) else MAX_TOTAL)
                total += len(data)
                if total > MAX_TOTAL:
                    raise _Unusable(f"the modules have more than {MAX_TOTAL} bytes")
                if counts(inside):
                    texts[inside] = _text(data)
                else:
                    signatures[inside] = data
            except _Unusable as error:
                problems.append(_problem(inside, "file", str(error)))
            except ReadProblem as error:
                problems.append(_problem(inside, "file", error.message))
    try:
        manifest = read_manifest(texts[MANIFEST]) if MANIFEST in texts else Manifest()
    except BadManifest as error:
        manifest = Manifest()
        problems.append(_problem(MANIFEST, "file", str(error)))
    name = manifest.name or name
    if not _LAYER.fullmatch(name):
        problems.append(_problem("", "layer_name", f"{name!r} cannot name a layer: use letters, digits, -"))
    kinds = {inside: text for inside, text in texts.items() if is_kinds_file(inside)}
    rego = {inside: text for inside, text in texts.items() if inside.endswith(".rego")}
    problems += read_kinds(kinds)[1] if kinds else []
    if not rego and not kinds and not problems:
        problems.append(_problem("", "empty", f"{where} holds no .rego file"))
    return Folder(
        name,
        {inside: text for inside, text in rego.items() if not inside.endswith("_test.rego")},
        {inside: text for inside, text in rego.items() if inside.endswith("_test.rego")},
        manifest.roots,
        manifest.replaces,
        tuple(sorted(problems)),
        kinds,
        texts.get(MANIFEST, ""),
        manifest.revision,
        {inside: sha256_hex(text.encode()) for inside, text in sorted(texts.items())},
        tuple(sorted(others)),
        signatures,
    )


class _Unusable(Exception):
    """A file that cannot be part of a layer; the message says why."""


def _text(data: bytes) -> str:
    if b"\r" in data:
        raise _Unusable(_CRLF)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Unusable(f"byte {error.start} is not UTF-8") from None


def _signature(path: Path) -> bytes:
    """A signature file; one that cannot be read is one that proves nothing."""
    try:
        return read_file(path, MAX_TOTAL)
    except ReadProblem:
        return b""


def _problem(inside: str, code: str, message: str) -> LintProblem:
    return LintProblem(inside, 1, 1, code, message)
