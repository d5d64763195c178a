"""Creating a file that was not there, whole and durable, whoever else tries at the same moment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dpone.workspace import sync_folder


def write_synced(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a new file at `path` and sync its content; raises `FileExistsError` when it is there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def create_file(path: Path, data: bytes, temporary: Path, mode: int = 0o644) -> bool:
    """Put `data` at `path` unless something is there already; return whether this call did it.

    `place_file`, and then `path`'s folder is synced in both cases: a file another process has just created
    must be as durable as our own. Raises `OSError`; `temporary` never stays behind.
    """
    try:
        return place_file(path, data, temporary, mode)
    finally:
        sync_folder(path.parent)


def place_file(path: Path, data: bytes, temporary: Path, mode: int = 0o644) -> bool:
    """`create_file` whose caller syncs the folder: one that places many files does it once.

    The bytes are written and synced at `temporary` (same file system) first, so that nobody ever sees
    a part of them; the name then appears in one step that fails when it exists.
    """
    try:
        write_synced(temporary, data, mode)
        try:
            _give_name(temporary, path)
        except FileExistsError:
            return False
        return True
    finally:
        temporary.unlink(missing_ok=True)


def _give_name(temporary: Path, path: Path) -> None:
    if sys.platform == "win32":
        temporary.rename(path)  # on Windows a rename never replaces
    else:
        os.link(temporary, path)


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents, each new one durable in its own parent."""
    if folder.is_dir():
        return
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)
