"""Write the hashed locks from pyproject.toml, or check without a network that they are in step.

    python requirements/lock.py            refresh (needs `uv` on the path and a package index)
    python requirements/lock.py --check    exit 1 and say what differs

One resolution for Python 3.10 and later on every platform. `dev.txt` is resolved first and the
smaller locks take their versions from it, so that a tool has one version wherever it runs. No lock
names an index: where packages come from is the reader's own configuration, what they contain is not.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).resolve().parent
PYPROJECT = FOLDER.parent / "pyproject.toml"
LOCKS = {
    "dev": ("dev",),
    "test": ("test", "build"),  # build: tests look into the wheel, and installing needs the backend
    "runtime": (),
}
"""Lock name -> dependency groups it has beside the project's own dependencies."""

_PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9-]*)(\[[a-z0-9,-]+\])?==(?P<version>[^ ;\\]+)")
_HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}( \\)?$")


def main(arguments: list[str]) -> int:
    """Refresh the locks, or check them with `--check`; return the exit status."""
    if arguments == ["--check"]:
        problems = [problem for lock in LOCKS for problem in check(lock)]
        print("\n".join(problems) or f"requirements: {len(LOCKS)} locks in step with pyproject.toml")
        return 1 if problems else 0
    if arguments:
        print(__doc__)
        return 2
    for lock in LOCKS:
        refresh(lock)
        print(f"wrote requirements/{lock}.txt, {len(pins(lock))} packages")
    return 0


def refresh(lock: str) -> None:
    """Resolve one lock with uv and write it."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.10", "--upgrade"]
    # With its extras: pip holds `coverage[toml]`, wanted by another package, to be unpinned as soon as the
    # index has a newer version than the pin of plain `coverage`.
    command += ["--generate-hashes", "--no-strip-extras", "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", str(PYPROJECT)]
    for group in LOCKS[lock]:
        command += ["--group", f"{PYPROJECT}:{group}"]
    if lock != "dev":
        command += ["--constraint", str(FOLDER / "dev.txt")]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    text = f"# Written by `make lock`; do not edit.\n# inputs: {inputs_digest(lock)}\n{result.stdout}"
    (FOLDER / f"{lock}.txt").write_text(text, encoding="utf-8", newline="\n")


def check(lock: str) -> Iterator[str]:
    """Yield one line for every way in which a lock does not follow from pyproject.toml."""
    lines = (FOLDER / f"{lock}.txt").read_text(encoding="utf-8").splitlines()
    if f"# inputs: {inputs_digest(lock)}" not in lines:
        yield f"requirements/{lock}.txt was made from other dependencies -> make lock"
    for number, line in enumerate(lines, 1):
        if not (line.startswith("# ") or _PIN.match(line) or _HASH.match(line)):
            yield f"requirements/{lock}.txt:{number} is neither a pin nor a hash: {line[:60]}"
    for name in set(names(lock)) - set(pins(lock)):
        yield f"requirements/{lock}.txt has no pin for {name} -> make lock"


def inputs_digest(lock: str) -> str:
    """Return the SHA-256 (hex) of everything a lock is resolved from."""
    wanted = [sorted(requirements(lock)), project()["project"]["requires-python"]]
    return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()


def requirements(lock: str) -> list[str]:
    """Return the requirement strings of pyproject.toml that belong into a lock."""
    return [*project()["project"]["dependencies"], *(r for g in LOCKS[lock] for r in _group(g))]


def names(lock: str) -> list[str]:
    """Return the normalised names (PEP 503) of the direct requirements of a lock."""
    found = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements(lock))
    return [re.sub(r"[-_.]+", "-", match.group()).lower() for match in found if match]


def pins(lock: str) -> dict[str, list[str]]:
    """Return the versions a lock pins by name; several where they depend on the Python version."""
    result: dict[str, list[str]] = {}
    for line in (FOLDER / f"{lock}.txt").read_text(encoding="utf-8").splitlines():
        if match := _PIN.match(line):
            result.setdefault(match["name"], []).append(match["version"])
    return result


def project() -> dict[str, dict[str, list[str]]]:
    """Return pyproject.toml, parsed."""
    return tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))


def _group(name: str) -> Iterator[str]:
    for entry in project()["dependency-groups"][name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from _group(entry["include-group"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
