"""Console blocks whose output is what the commands really print.

A block is run when the line above it says where: `<!-- run in examples/release-gate/red -->` (a copy of that folder),
`<!-- run in nothing -->` (an empty folder) or `<!-- run on -->` (where the block before it left off); `run now in` takes
the time of the day, otherwise examples/shell.py sets one. Lines that begin with `$ ` are run, the others are what must be
printed; a line `...` stands for any lines. `--check` compares, `--write` puts the output in.

Keys are made anew for every page, so key fingerprints and whatever is computed from a signature differ from run to run:
keys, `SHA256:` digests and hexadecimal numbers of 8 digits or more are compared by their length only. So that a new rule
does not make every page stale, numbers of rules, modules, bytes and seconds are not compared either.
"""

from __future__ import annotations

import difflib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "examples"))

from shell import Shell  # noqa: E402 - the examples are no package

BLOCK = re.compile(
    r"^<!-- run (?:(?P<now>now )?in (?P<folder>\S+)|on) -->\n\n?```console\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
VOLATILE = re.compile(r"SHA256:[A-Za-z0-9+/]{43}|ssh-ed25519 [A-Za-z0-9+/]{68}|\b[0-9a-f]{8,128}\b")
NUMBERS = re.compile(r"\b\d+(?= (?:rules|modules|bytes)\b)|\b\d+\.\d(?= s;)")


@dataclass(frozen=True)
class Block:
    """A console block of a page: where its text starts and ends, what stands there, what is really printed."""

    start: int
    end: int
    written: str
    printed: str


def page_paths() -> list[Path]:
    """The pages with blocks that are run."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in pages if BLOCK.search(page.read_text(encoding="utf-8"))]


def blocks(text: str) -> Iterator[Block]:
    """Run the blocks of a page, one after the other."""
    with tempfile.TemporaryDirectory(prefix="dpone-page-") as folder:
        shell = None
        for number, match in enumerate(BLOCK.finditer(text)):
            if match["folder"]:
                place = Path(folder) / str(number)
                place.mkdir()
                shell = Shell(workspace_of(match["folder"], place), place / "home")
                if match["now"]:
                    shell.run("unset SOURCE_DATE_EPOCH")
            if shell is None:
                raise SystemExit("the first block of a page must say in which folder it runs")
            yield Block(match.start("text"), match.end("text"), match["text"], transcript(match["text"], shell))


def workspace_of(name: str, place: Path) -> Path:
    """A fresh copy of an example, or an empty folder."""
    workspace = place / "project"
    if name == "nothing":
        workspace.mkdir()
        return workspace
    return shutil.copytree(ROOT / name, workspace, ignore=shutil.ignore_patterns("example.txt"))


def transcript(text: str, shell: Shell) -> str:
    """The commands of a block, each followed by what it prints now. A line ending in a backslash goes on."""
    shown = ""
    for command in re.findall(r"^\$ ((?:.*\\\n)*.*)$", text, re.MULTILINE):
        line = re.sub(r"\s*#(?= ).*$", "", command.replace("\\\n", " "))
        answer = shell.run(line).text.replace(str(shell.home), "~").replace("~\\", "~/")
        shown += f"$ {command}\n{answer}"
    return shown


def same(written: str, printed: str) -> bool:
    """Whether an output is as written, but for what a new key changes and what the page leaves out."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", plain(written), flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*?".join(parts), plain(printed)) is not None


def plain(text: str) -> str:
    """The text without what a new key or a new rule changes."""
    return NUMBERS.sub("N", VOLATILE.sub(lambda found: "#" * len(found[0]), text))


def check(page: Path) -> list[str]:
    """How a page differs from what its commands print, as lines of a diff."""
    name = page.relative_to(ROOT).as_posix()
    lines: list[str] = []
    for block in blocks(page.read_text(encoding="utf-8")):
        if not same(block.written, block.printed):
            old, new = (plain(text).splitlines() for text in (block.written, block.printed))
            lines += difflib.unified_diff(old, new, f"{name}, as written", f"{name}, as printed", lineterm="")
    return lines


def write(page: Path) -> bool:
    """Put what the commands print into a page; return whether anything had changed."""
    text = page.read_text(encoding="utf-8")
    stale = [block for block in blocks(text) if not same(block.written, block.printed)]
    for block in reversed(stale):
        text = text[: block.start] + block.printed + text[block.end :]
    if stale:
        page.write_text(text, encoding="utf-8", newline="\n")
    return bool(stale)


def main() -> int:
    """Check or write all pages, or those named."""
    wish, *names = sys.argv[1:] or [""]
    if wish not in ("--check", "--write"):
        print("usage: python docs/tools/transcripts.py --check | --write [PAGE...]", file=sys.stderr)
        return 2
    pages = [Path(name).resolve() for name in names] or page_paths()
    if wish == "--write":
        changed = [page for page in pages if write(page)]
        print(f"transcripts: {len(changed)} of {len(pages)} pages written")
        return 0
    problems = [line for page in pages for line in check(page)]
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    print(f"transcripts: {len(pages)} pages run, {'stale' if problems else 'up to date'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
