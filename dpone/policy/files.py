"""The files of a layer as they lie in a folder or are held in memory, and which must not be there."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from dpone.policy.kinds import is_kinds_file, unwanted
from dpone.policy.manifest import FILE as MANIFEST
from dpone.record import dataclass
from dpone.workspace import ReadProblem, read_file

MAX_FILES = 200
MAX_ENTRIES = 2000
MAX_FOLDERS_DEEP = 8
"""Caps on modules, entries and nesting."""

SEAL, OPA_SEAL = ".signatures.dsse.json", ".signatures.json"
"""Signatures: dpone's own, and OPA's."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.ASCII)
_DATA = re.compile(r"data\.(json|ya?ml)", re.IGNORECASE)
_OTHER_ENGINE = re.compile(r"(.*\.wasm|plan\.json|patch\.json)", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """What lies at a path: `read` gives at most so many bytes, `trouble` says why it must not be there."""

    inside: str
    read: Callable[[int], bytes]
    trouble: str = ""


def held_entries(files: Mapping[str, bytes]) -> list[Entry]:
    """Entries of files that are in memory."""
    if len(files) > MAX_ENTRIES or sum(inside.endswith(".rego") for inside in files) > MAX_FILES:
        return [bad_entry("", f"holds more than {MAX_FILES} modules or {MAX_ENTRIES} entries")]
    return [
        Entry(inside, partial(_held, data), _too_deep(inside) or unwanted_file(inside))
        for inside, data in files.items()
    ]


def counts(inside: str) -> bool:
    """Whether a file is part of a layer; others, a README for example, are never read."""
    return inside.endswith(".rego") or inside == MANIFEST or is_kinds_file(inside)


def lying_files(root: Path) -> Iterator[Entry]:
    """What lies in a folder, in order."""
    if not root.is_dir():
        yield bad_entry(
            "", "there is no such folder; a layer is a folder, or an archive called .tar.gz or .tgz"
        )
        return
    pending, seen, modules = [""], 0, 0
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError as error:
            yield bad_entry(folder, f"cannot be read: {error.strerror}")
            return
        for entry in entries:
            seen += 1
            inside = f"{folder}/{entry.name}" if folder else entry.name
            modules += entry.name.endswith(".rego")
            if seen > MAX_ENTRIES or modules > MAX_FILES:
                yield bad_entry("", f"holds more than {MAX_FILES} modules or {MAX_ENTRIES} entries")
                return
            if entry.is_symlink():
                yield bad_entry(inside, "is a symbolic link: a layer holds plain files only")
            elif entry.is_dir(follow_symlinks=False):
                if deep := _too_deep(f"{inside}/"):
                    yield bad_entry(inside, deep)
                else:
                    pending.append(inside)
            else:
                yield Entry(inside, partial(read_file, root / inside), _unwanted(entry, inside))


def _too_deep(inside: str) -> str:
    deep = inside.count("/") > MAX_FOLDERS_DEEP
    return f"lies more than {MAX_FOLDERS_DEEP} folders deep" if deep else ""


def _unwanted(entry: os.DirEntry[str], inside: str) -> str:
    """Why a file of a folder must not be in a layer, or an empty text."""
    regular = stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)
    if regular or not (counts(inside) or inside in (SEAL, OPA_SEAL)):
        return unwanted_file(inside)
    return "is not a regular file"


def unwanted_file(inside: str) -> str:
    """Why a file must not be in a layer because of its path, or an empty text."""
    name = inside.rpartition("/")[2]
    if _DATA.fullmatch(name):
        return "data belongs into dpone.yaml (gates.<gate>.settings): a data file could stand in for a rule"
    if is_kinds_file(inside):
        return unwanted(inside)
    if _OTHER_ENGINE.fullmatch(name):
        return "holds rules that only OPA would see; a layer holds .rego files"
    if inside not in (MANIFEST, OPA_SEAL) and name.lower().endswith((MANIFEST, OPA_SEAL)):
        return "OPA would take it for the one at the top; a layer has one, at the top"
    if name.lower().endswith(".rego") and (not _PART.fullmatch(name) or not name.endswith(".rego")):
        return "module names have letters, digits, _ - . and end in .rego"
    return ""


def _held(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise ReadProblem("too_large", "over_limit", f"it has {len(data)} bytes, the limit is {limit}")
    return data


def bad_entry(inside: str, message: str) -> Entry:
    """An entry that must not be there."""
    return Entry(inside, partial(_held, b""), message)
