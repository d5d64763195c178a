"""The user's own configuration folder, where private keys live: outside every workspace."""

from __future__ import annotations

import sys
from pathlib import Path, PurePath

from dpone.errors import UsageError
from dpone.workspace import Workspace


def home(workspace: Workspace) -> Path:
    """The user's home folder as the environment names it; raises `UsageError` when it does not."""
    name = "USERPROFILE" if sys.platform == "win32" else "HOME"
    return _folder(workspace.env.get(name, ""), name)


def expand_user(workspace: Workspace, text: str) -> Path:
    """`text` as a path, a leading ``~/`` meaning the user's home, relative ones from the workspace."""
    if text == "~" or text.startswith(("~/", "~\\")):
        return home(workspace) / text[2:]
    return workspace.path(text)


def user_folder(workspace: Workspace) -> Path:
    r"""Where dpone keeps private keys: ``$XDG_CONFIG_HOME/dpone`` or ``~/.config/dpone`` on Unix (XDG Base
    Directory Specification), ``~/Library/Application Support/dpone`` on macOS, ``%APPDATA%\dpone``.

    Raises `UsageError` when there is no such place or it lies inside the workspace, which gets
    scanned, packed and uploaded.
    """
    if sys.platform == "win32":
        base = _folder(workspace.env.get("APPDATA", ""), "APPDATA")
    elif sys.platform == "darwin":
        base = home(workspace) / "Library" / "Application Support"
    elif PurePath(workspace.env.get("XDG_CONFIG_HOME", "")).is_absolute():
        base = Path(workspace.env["XDG_CONFIG_HOME"])
    else:
        base = home(workspace) / ".config"
    folder = base / "dpone"
    if workspace.contains(folder):
        raise UsageError(
            f"your configuration folder {folder} lies inside the workspace {workspace.root}",
            "set XDG_CONFIG_HOME or HOME to a folder outside it, where nothing gets packed or uploaded",
            code="signing.folder_in_workspace",
        )
    return folder


def _folder(text: str, name: str) -> Path:
    if not PurePath(text).is_absolute():
        raise UsageError(
            f"{name} names no folder, so there is no place for a key of your own",
            f"set {name}, or DPONE_SIGNING_KEY",
            code="signing.no_home",
        )
    return Path(text)
