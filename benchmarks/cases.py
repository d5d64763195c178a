"""The targets: each a pair of things run in turns. Sizes can be made smaller for a quick look."""

from __future__ import annotations

import itertools
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fill_ledger import append
from timing import Case, Sample, process
from world import DPONE, ROOT, gate, make_files, make_key, make_ledger, make_workspace, run


@dataclass(frozen=True)
class Sizes:
    """How much is measured: entries of the large ledger, small files, megabytes of large files, runs."""

    entries: int = 10_000
    files: int = 10_000
    megabytes: int = 1_000
    runs: int = 15
    decisions: int = 100


BARE = [sys.executable, "-c", "pass"]


def start_version(folder: Path, sizes: Sizes) -> Case:
    """The version, against a bare start of Python."""
    samples = {"subject": process([DPONE, "--version"], folder), "reference": process(BARE, folder)}
    return Case("start: --version", "dpone --version", "python -c pass", 5, samples, sizes.runs)


def start_help(folder: Path, sizes: Sizes) -> Case:
    """The list of commands, against a bare start of Python."""
    samples = {"subject": process([DPONE, "--help"], folder), "reference": process(BARE, folder)}
    return Case("start: --help", "dpone --help", "python -c pass", 5, samples, sizes.runs)


def gate_eight(folder: Path, sizes: Sizes) -> Case:
    """A whole gate, from eight sealed files to a recorded decision."""
    workspace = make_workspace(folder / "workspace")
    samples = {"subject": process(gate, workspace), "reference": process(BARE, folder)}
    return Case(
        "gate: 8 sealed items", "release-gate, signed and recorded", "python -c pass", 16, samples, sizes.runs
    )


def gate_large_ledger(folder: Path, sizes: Sizes) -> Case:
    """The same gate where the ledger is long, against where it is short."""
    sides = {"subject": sizes.entries, "reference": 10}
    samples: dict[str, Sample] = {}
    for side, entries in sides.items():
        workspace = make_workspace(folder / side)
        make_ledger(workspace, entries)
        samples[side] = process(gate, workspace)
    words = f"release-gate at {sizes.entries:,} entries", "release-gate at 10 entries"
    return Case("gate: long ledger", *words, 2, samples, sizes.runs)


def ledger_append(folder: Path, sizes: Sizes) -> Case:
    """One durable append to a long ledger, against one to a short one."""
    from dpone.ledger.folder import FolderLedger
    from dpone.signing.private import read_private_file

    signer = read_private_file(make_key(folder), "benchmark")
    numbers = itertools.count(10**9)

    def appending(path: Path) -> Sample:
        def sample() -> float:
            ledger = FolderLedger(path, "benchmark")
            started = time.perf_counter()
            append(ledger, signer, next(numbers))
            return time.perf_counter() - started

        return sample

    samples = {
        "subject": appending(make_ledger(folder / "long", sizes.entries)),
        "reference": appending(make_ledger(folder / "short", 10)),
    }
    words = f"append at {sizes.entries:,} entries", "append at 10 entries"
    return Case("ledger: append", *words, 2, samples, sizes.runs)


def ledger_verify(folder: Path, sizes: Sizes) -> Case:
    """Checking a long ledger, against checking as many bare signatures."""
    workspace = make_workspace(folder / "workspace", evidence=1)
    make_ledger(workspace, sizes.entries)
    program = str(ROOT / "benchmarks" / "verify_signatures.py")
    samples = {
        "subject": process([DPONE, "ledger", "verify"], workspace),
        "reference": process([sys.executable, program, str(sizes.entries)], folder),
    }
    words = f"dpone ledger verify, {sizes.entries:,} entries", f"{sizes.entries:,} Ed25519 verifications"
    return Case("ledger: verify", *words, 3, samples, max(3, sizes.runs // 4))


def index_small_files(folder: Path, sizes: Sizes) -> Case:
    """Indexing many small files, against hashing them."""
    make_files(folder / "files", sizes.files, 1_000)
    return _index(folder, f"{sizes.files:,} files of 1 KB", 4, max(3, sizes.runs // 4))


def index_large_files(folder: Path, sizes: Sizes) -> Case:
    """Indexing a few large files, against hashing them."""
    make_files(folder / "files", 4, sizes.megabytes * 250_000)
    return _index(folder, f"4 files, {sizes.megabytes:,} MB", 1.3, 3)


def _index(folder: Path, words: str, target: float, runs: int) -> Case:
    tool = "sha256sum" if shutil.which("sha256sum") else "shasum -a 256"
    workspace = folder / "workspace"
    workspace.mkdir()
    (workspace / "dpone.yaml").write_text(
        f"version: 1\nsigning: {{key: 'file:{make_key(folder)}'}}\n", encoding="utf-8"
    )
    index = [DPONE, "ops", "artifact-index", "--root", str(folder / "files"), "--release", "v1"]
    samples = {
        "subject": process(index, workspace),
        "reference": process(["sh", "-c", f"find files -type f -print0 | xargs -0 {tool}"], folder),
    }
    return Case(f"artifact-index: {words}", "dpone ops artifact-index", tool, target, samples, runs)


def replay(folder: Path, sizes: Sizes) -> Case:
    """Replaying many decisions, against replaying one: what each further one costs. What two processes differ by
    anyway is some milliseconds, so there are enough of them for that to be little."""
    samples: dict[str, Sample] = {}
    for side, decisions in {"subject": sizes.decisions + 1, "reference": 1}.items():
        workspace = make_workspace(folder / side)
        for _ in range(decisions):
            run(gate(), workspace)
        samples[side] = process([DPONE, "decision", "replay", "--all"], workspace)
    words = f"decision replay, {sizes.decisions + 1} decisions", "decision replay, 1 decision"
    return Case("replay: each further decision", *words, 5, samples, sizes.runs, per=sizes.decisions)


CASES: tuple[Callable[[Path, Sizes], Case], ...] = (
    start_version,
    start_help,
    gate_eight,
    gate_large_ledger,
    ledger_append,
    ledger_verify,
    index_small_files,
    index_large_files,
    replay,
)


def chosen(only: str) -> Iterator[Callable[[Path, Sizes], Case]]:
    """The cases whose name holds `only`; all when it is empty."""
    return (case for case in CASES if only in case.__name__)
