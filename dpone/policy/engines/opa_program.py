"""Finding the `opa` program, knowing it by its digest, and laying out a layer for it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dpone.policy.engines.interface import EngineFault

NO_BINARY = "install OPA and put it on the PATH, or name it: opa.binary in dpone.yaml"


def find_binary(binary: str, search: str) -> str:
    """The absolute path of the program. Folders of `search` that are not absolute are left out: what lies in
    the current folder is not installed. Raises `EngineFault`."""
    if binary:
        if not Path(binary).is_file():
            raise EngineFault("load", f"opa.binary is {binary}, and there is no such file", NO_BINARY)
        return binary
    name = "opa.exe" if sys.platform == "win32" else "opa"
    for folder in search.split(os.pathsep):
        path = Path(folder) / name
        if Path(folder).is_absolute() and path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise EngineFault("load", "there is no program called opa on the PATH", NO_BINARY)


def file_digest(path: str) -> str:
    """The SHA-256 (hex) of a program. Raises `EngineFault` when it cannot be read."""
    import hashlib

    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise EngineFault("load", f"{path} cannot be read: {error.strerror}", NO_BINARY) from None
    return digest.hexdigest()


def write_layer(folder: Path, modules: Mapping[str, str], data: Mapping[str, Any]) -> None:
    """Lay out modules under numbers, because their paths were written by others, and the data document."""
    import shutil

    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    for number, text in enumerate(modules.values()):
        (folder / f"{number:04}.rego").write_bytes(text.encode("utf-8"))
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    (folder / "data.json").write_bytes(text.encode("utf-8"))


def with_paths(errors: Any, paths: Sequence[str]) -> Any:
    """Errors of OPA with the paths that the modules really have, by the numbers of `write_layer`."""
    for error in errors if isinstance(errors, list) else ():
        place = error.get("location") if isinstance(error, dict) else None
        if isinstance(place, dict):
            number = Path(str(place.get("file", ""))).stem
            if number.isdigit() and int(number) < len(paths):
                error["message"] = f"{paths[int(number)]}:{place.get('row', 1)} {error.get('message', '')}"
    return errors
