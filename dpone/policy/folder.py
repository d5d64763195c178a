"""A team's policy folder: which files it may hold, and reading them safely."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dpone.policy.kinds import is_kinds_file, read_kinds, unwanted
from dpone.policy.problems import LintProblem
from dpone.record import dataclass, field
from dpone.workspace import ReadProblem, read_file

MAX_FILES = 200
MAX_ENTRIES = 2000
MAX_FOLDERS_DEEP = 8
MAX_MODULE = 200_000
MAX_TOTAL = 2_000_000
"""Caps on modules, directory entries, nesting, and bytes of one module and of all."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.ASCII)
_DATA = re.compile(r"data\.(json|ya?ml)", re.IGNORECASE)
_LAYER = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)
_CRLF = "has CRLF line ends; save it with LF and put `*.rego text eol=lf` into .gitattributes"


@dataclass(frozen=True)
class Folder:
    """What was read: modules and tests by path inside the folder, and what is wrong with the folder.

    `name` is the folder's name as a layer is called; `roots` are the manifest's, empty without one;
    `kinds` are the definitions and schemas of custom kinds of evidence.
    """

    name: str
    modules: Mapping[str, str]
    tests: Mapping[str, str]
    roots: tuple[str, ...]
    replaces: str
    problems: tuple[LintProblem, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)


def layer_name(path: Path) -> str:
    """`policies/Data-Team` -> `data_team`."""
    return path.name.lower().replace("-", "_")


def read_folder(path: Path) -> Folder:
    """Read a folder. Never raises: a folder that is missing or cannot be read is a problem of it."""
    name = layer_name(path)
    texts: dict[str, str] = {}
    kinds: dict[str, str] = {}
    problems: list[LintProblem] = []
    manifest: Mapping[str, Any] = {}
    total = 0
    if not _LAYER.fullmatch(name):
        problems.append(
            _problem("", "layer_name", f"{path.name!r} cannot name a layer: use letters, digits, -")
        )
    for inside, trouble in _files(path):
        if trouble:
            problems.append(_problem(inside, "folder", trouble))
        elif inside.endswith(".rego") or inside == ".manifest" or is_kinds_file(inside):
            try:
                text = _text(path / inside)
                total += len(text)
                if total > MAX_TOTAL:
                    raise _Unusable(f"the modules have more than {MAX_TOTAL} bytes")
                if inside == ".manifest":
                    manifest = _manifest(text)
                elif is_kinds_file(inside):
                    kinds[inside] = text
                else:
                    texts[inside] = text
            except _Unusable as error:
                problems.append(_problem(inside, "file", str(error)))
    problems += read_kinds(kinds)[1] if kinds else []
    if not texts and not kinds and not problems:
        problems.append(_problem("", "empty", f"{path} holds no .rego file"))
    return Folder(
        name,
        {inside: text for inside, text in texts.items() if not inside.endswith("_test.rego")},
        {inside: text for inside, text in texts.items() if inside.endswith("_test.rego")},
        tuple(manifest.get("roots", ())),
        str(manifest.get("metadata", {}).get("replaces", "")),
        tuple(sorted(problems)),
        kinds,
    )


def _files(root: Path) -> Iterator[tuple[str, str]]:
    """Paths of regular files inside `root` in order, or of what must not be there, with the reason."""
    if not root.is_dir():
        yield "", "there is no such folder"
        return
    pending, seen, modules = [""], 0, 0
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError as error:
            yield folder, f"cannot be read: {error.strerror}"
            return
        for entry in entries:
            seen += 1
            inside = f"{folder}/{entry.name}" if folder else entry.name
            modules += entry.name.endswith(".rego")
            if seen > MAX_ENTRIES or modules > MAX_FILES:
                yield "", f"holds more than {MAX_FILES} modules or {MAX_ENTRIES} entries"
                return
            if entry.is_symlink():
                yield inside, "is a symbolic link: a layer holds plain files only"
            elif entry.is_dir(follow_symlinks=False):
                if inside.count("/") >= MAX_FOLDERS_DEEP:
                    yield inside, f"lies more than {MAX_FOLDERS_DEEP} folders deep"
                else:
                    pending.append(inside)
            elif trouble := _unwanted(entry, inside):
                yield inside, trouble
            else:
                yield inside, ""


def _unwanted(entry: os.DirEntry[str], inside: str) -> str:
    """Why a file must not be in a layer, or an empty text."""
    if is_kinds_file(inside) and not _DATA.fullmatch(entry.name):
        regular = stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)
        return unwanted(inside) if regular else "is not a regular file"
    if _DATA.fullmatch(entry.name):
        return "data belongs into dpone.yaml (gates.<gate>.settings): a data file could stand in for a rule"
    if not entry.name.lower().endswith(".rego"):
        return ""
    if not _PART.fullmatch(entry.name) or not entry.name.endswith(".rego"):
        return "module names have letters, digits, _ - . and end in .rego"
    return "" if stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode) else "is not a regular file"


class _Unusable(Exception):
    """A file that cannot be part of a layer; the message says why."""


def _text(path: Path) -> str:
    try:
        data = read_file(path, MAX_MODULE)
    except ReadProblem as problem:
        raise _Unusable(problem.message) from None
    if b"\r" in data:
        raise _Unusable(_CRLF)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Unusable(f"byte {error.start} is not UTF-8") from None


def _manifest(text: str) -> Mapping[str, Any]:
    """A bundle manifest as OPA knows it (`.manifest`), with `metadata.replaces` of our own."""
    from dpone.canonical import JsonProblem, parse_json

    try:
        found = parse_json(text.encode(), 6)
    except JsonProblem as problem:
        raise _Unusable(f"is not JSON: {problem}") from None
    if not isinstance(found, dict):
        raise _Unusable("must be a JSON object")
    roots, metadata = found.get("roots", []), found.get("metadata", {})
    if not isinstance(roots, list) or not all(isinstance(root, str) and root for root in roots):
        raise _Unusable('roots must be a list such as ["dpone/custom/release_gate/payments"]')
    if found.get("rego_version", 1) != 1:
        raise _Unusable("rego_version must be 1")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("replaces", ""), str):
        raise _Unusable("metadata.replaces must be the id of a gate")
    return found


def _problem(inside: str, code: str, message: str) -> LintProblem:
    return LintProblem(inside, 1, 1, code, message)
