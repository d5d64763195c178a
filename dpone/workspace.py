"""The one seam to the outside: the workspace folder, the clock, the environment, safe reads and writes.

Everything that is not determined by files and options enters here, so that a test can set it.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from dpone.clock import Clock, open_clock, parse_time, read_time, time_text
from dpone.errors import UndecidedError, UsageError
from dpone.record import dataclass, field

__all__ = [
    "CONFIG_NAME", "MEGABYTE", "STATE_FOLDER", "Clock", "ReadProblem", "Workspace", "check_id", "file_stem", "open_clock",
    "open_file", "open_workspace", "parse_time", "publish", "read_file", "read_time", "sync_folder", "time_text",
]  # fmt: skip

CONFIG_NAME = "dpone.yaml"
STATE_FOLDER = ".dpone"
LONGEST_NAME, LONGEST_PATH = 255, 4000
"""What file systems allow, in bytes and in characters; asking them for more is an error of its own."""
MEGABYTE = 1_000_000


class ReadProblem(Exception):
    """A file that cannot be taken as evidence. `state` is `missing`, `unreadable` or `too_large`."""

    def __init__(self, state: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.state, self.reason, self.message = state, reason, message


@dataclass(frozen=True)
class Workspace:
    """A project folder with its clock and environment. `root` is absolute and resolved; `here` is the
    folder the command was called in, the root or one below it."""

    root: Path
    clock: Clock = field(default_factory=Clock)
    env: Mapping[str, str] = field(default_factory=dict)
    here: Path = field(default_factory=Path)

    @property
    def state(self) -> Path:
        """The folder for what dpone writes by default."""
        return self.root / STATE_FOLDER

    @property
    def in_ci(self) -> bool:
        """Whether this run is a CI job (`CI=true`, as GitHub, GitLab and others set it)."""
        return self.env.get("CI", "").lower() in ("true", "1", "yes")

    def path(self, text: str) -> Path:
        """A path as dpone.yaml or dpone itself wrote it, absolute: relative ones start at the root."""
        return _joined(self.root, text)

    def argument(self, text: str) -> Path:
        """A path as the command line says it, absolute: relative ones start where the user stands."""
        return _joined(self.root / self.here, text)

    def uri(self, path: Path) -> str:
        """`path` relative to the root with forward slashes; as it is, absolute, where it lies outside."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()

    def contains(self, path: Path) -> bool:
        """Whether the real place of `path` (symlinks followed) lies inside the workspace."""
        return Path(os.path.realpath(path)).is_relative_to(self.root)

    def read(self, path: Path, limit: int) -> bytes:
        """Read a regular file of at most `limit` bytes; raise `ReadProblem` otherwise.

        What looks as if it lay inside the workspace must really lie there, folders on the way included.
        """
        self._check_place(path)
        return read_file(path, limit, allow=self.contains)

    def open(self, path: Path, limit: int) -> BinaryIO:
        """Open a file that may be too large for memory; otherwise as `read`."""
        self._check_place(path)
        return open_file(path, limit, allow=self.contains)

    def _check_place(self, path: Path) -> None:
        if path.is_relative_to(self.root) and not self.contains(path):
            raise ReadProblem("unreadable", "symlink_outside", "a symbolic link leads out of the workspace")


def open_workspace(env: Mapping[str, str] | None = None, at: str = "", start: Path | None = None) -> Workspace:
    """Find the workspace: the nearest folder upwards that holds `dpone.yaml`, else the start folder."""
    env = os.environ if env is None else env
    here = Path(os.path.realpath(start or Path.cwd()))
    root = next((p for p in (here, *here.parents) if (p / CONFIG_NAME).is_file()), here)
    return Workspace(root, open_clock(at or env.get("DPONE_AT", ""), env), env, here)


def _joined(base: Path, text: str) -> Path:
    if "\0" in text:
        raise UsageError("a path holds a NUL character", "write the path without it")
    if (
        max(len(os.fsencode(part)) for part in (*Path(text).parts, "")) > LONGEST_NAME
        or len(text) > LONGEST_PATH
    ):
        raise UsageError(f"{text[:80]!r}… is too long for a path", "no file can have it; give a shorter one")
    try:
        return Path(os.path.normpath(base / Path(text).expanduser()))
    except RuntimeError:
        raise UsageError(f"{text[:80]!r}: nobody has that home folder", "write the whole path") from None


def read_file(path: Path, limit: int, allow: Callable[[Path], bool] | None = None) -> bytes:
    """Read a regular file of at most `limit` bytes.

    See `open_file`. Raises `ReadProblem`.
    """
    with open_file(path, limit, allow) as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise ReadProblem("unreadable", "not_readable", _why(error)) from None
    if len(data) > limit:
        raise ReadProblem("too_large", "over_limit", f"it has more than {limit} bytes, the limit")
    return data


def open_file(path: Path, limit: int, allow: Callable[[Path], bool] | None = None) -> BinaryIO:
    """Open a regular file of at most `limit` bytes for reading.

    FIFOs, devices and folders are refused without blocking; a symbolic link is followed only where
    `allow` says that its target may be read. Raises `ReadProblem`.
    """
    try:
        if path.is_symlink() and not (allow and allow(path)):
            raise ReadProblem(
                "unreadable", "symlink_outside", "a symbolic link that leads out of the workspace"
            )
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise ReadProblem("missing", "not_found", "there is no such file") from None
    except (OSError, ValueError) as error:
        if os.path.isdir(path):
            raise ReadProblem("unreadable", "is_folder", "it is a folder, not a file") from None
        raise ReadProblem("unreadable", "not_readable", _why(error)) from None
    info = os.fstat(handle)
    if not stat.S_ISREG(info.st_mode):
        os.close(handle)
        if stat.S_ISDIR(info.st_mode):
            raise ReadProblem("unreadable", "is_folder", "it is a folder, not a file")
        raise ReadProblem("unreadable", "not_regular", "it is not a regular file")
    if info.st_size > limit:
        os.close(handle)
        raise ReadProblem("too_large", "over_limit", f"it has {info.st_size} bytes, the limit is {limit}")
    return os.fdopen(handle, "rb")


def publish(files: Mapping[Path, bytes]) -> None:
    """Write all `files` or, as far as a file system allows, none: each is written beside its place
    and synced first, then all are renamed. Raises `UndecidedError` when they cannot be kept."""
    staged: list[tuple[Path, Path]] = []
    try:
        for target, data in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
            staged.append((temporary, target))
            with open(temporary, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for temporary, target in staged:
            os.replace(temporary, target)
        for folder in {target.parent for _, target in staged}:
            sync_folder(folder)
    except OSError as error:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
        where = staged[-1][1] if staged else next(iter(files), Path())
        raise UndecidedError(
            f"cannot write {where}: {_why(error)}", "free space or choose another --output-dir", code="disk"
        ) from None


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` durable; a no-op where the platform cannot open folders (Windows)."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+@:-]|/(?=[A-Za-z0-9])){0,127}")


def check_id(value: str, where: str) -> str:
    """Return `value` if it may stand in subjects and file names, else raise `UsageError`.

    Letters, digits and ``. _ + @ : - /`` are allowed, at most 128 characters, no ``..`` and no
    absolute path, so that an id can never lead out of a folder.
    """
    if not _ID.fullmatch(value) or ".." in value or re.match(r"[A-Za-z]:[\\/]", value):
        raise UsageError(
            f"{where}: {value[:80]!r} is not a usable id",
            "use letters, digits and . _ + @ : - / without '..', at most 128 characters",
        )
    return value


def file_stem(identifier: str) -> str:
    """A file name for an id, different for different ids even where the file system folds case:
    odd characters become `_`, and then `~` (which no id has) and a short digest of the id are added."""
    from dpone.canonical import sha256_hex

    plain = re.sub(r"[^A-Za-z0-9._-]", "_", identifier)
    if plain == identifier and plain == plain.lower():
        return plain
    return f"{plain}~{sha256_hex(identifier.encode())[:8]}"
