"""What is measured: a workspace with eight sealed pieces of evidence, ledgers, folders of files."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from timing import environment

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "samples"
DPONE = str(Path(sys.executable).with_name("dpone.exe" if os.name == "nt" else "dpone"))
AT = "2026-11-23T00:00:00Z"
RELEASE = "v1"

EVIDENCE = {
    "tests": "pytest/junit_pass.xml",
    "coverage": "coverage/coverage_pass.xml",
    "dbt": "dbt/pass/run_results.json",
    "sast": "sarif/bandit_pass.sarif",
    "bandit": "bandit/bandit_pass.json",
    "deps": "pip_audit/audit_pass.json",
    "sbom": "cyclonedx/bom_1.6.json",
    "contract": "datacontract/junit_pass.xml",
}


SECONDS = itertools.count(1)


def gate() -> list[str]:
    """The gate that is measured, as a user types it: each a second later, so that no two decisions are the
    same and nothing of one is already there for the next."""
    later = (now() + timedelta(seconds=next(SECONDS))).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [DPONE, "ops", "release-gate", "--release", RELEASE, "--at", later]


def make_workspace(folder: Path, evidence: int = len(EVIDENCE)) -> Path:
    """A workspace whose pieces of evidence are declared, good, and sealed by a key beside the folder."""
    (folder / "build").mkdir(parents=True)
    lines = ["version: 1", f"signing: {{key: 'file:{make_key(folder.parent)}'}}", "evidence:"]
    for name, sample in list(EVIDENCE.items())[:evidence]:
        target = folder / "build" / f"{name}{Path(sample).suffix}"
        shutil.copyfile(SAMPLES / sample, target)
        lines.append(f"  {name}: {{path: build/{target.name}}}")
    (folder / "dpone.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run([DPONE, "evidence", "seal", "--all", "--release", RELEASE, "--at", AT], folder)
    return folder


def make_key(folder: Path) -> Path:
    """A private key in a file that every workspace below `folder` signs with."""
    from dpone.signing.private import new_private_text

    path = folder / "key.pem"
    if not path.exists():
        path.write_bytes(new_private_text())
        path.chmod(0o600)
    return path


def make_ledger(workspace: Path, entries: int) -> Path:
    """Put that many small sealed decisions into a workspace's ledger, without waiting for the disk."""
    ledger = workspace / ".dpone" / "ledger"
    program = Path(__file__).with_name("fill_ledger.py")
    run([sys.executable, str(program), str(ledger), str(make_key(workspace.parent)), str(entries)], ROOT)
    return ledger


def make_files(folder: Path, count: int, size: int) -> Path:
    """A folder of `count` files of `size` bytes, in subfolders of a hundred, no two alike."""
    for number in range(count):
        place = folder / f"{number // 100:04}"
        place.mkdir(parents=True, exist_ok=True)
        with (place / f"{number:06}.log").open("wb") as file:
            block = hashlib.sha256(str(number).encode()).hexdigest().encode() * 1024
            for start in range(0, size, len(block)):
                file.write(block[: size - start])
    return folder


def run(command: list[str], folder: Path) -> str:
    """Run a command of the preparation; return what it said."""
    result = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def now() -> datetime:
    """The instant that the measured decisions are taken at."""
    return datetime.fromisoformat(AT.replace("Z", "+00:00")).astimezone(timezone.utc)
