"""The kinds of evidence at the command line: found by `init`, judged by a gate, refused without a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from release_simulator import SAMPLES, Simulator

AWS = "AKIA" + "Q3EGRTLM" * 2


def everything(folder: Path) -> bytes:
    """The bytes of every file below a folder, put together."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
def world(tmp_path: Path) -> Simulator:
    """A green release."""
    return Simulator(tmp_path)


@pytest.mark.parametrize("report", ["gitleaks", "detect-secrets"])
def test_a_report_with_a_secret_is_red_and_the_secret_is_nowhere(world: Simulator, report: str) -> None:
    """The gate refuses it by name; ledger, artifacts and output hold no byte of the secret, and a replay says
    that the file was not kept."""
    if report == "gitleaks":
        rows = json.loads((SAMPLES / "gitleaks/gitleaks_fail.json").read_text("utf-8"))
        rows[0] |= {"Secret": AWS, "Match": f"key = '{AWS}'"}
        text = json.dumps(rows)
    else:
        rows = {
            "category": "UNVERIFIED",
            "filename": "a.py",
            "lines": {"1": AWS},
            "secrets": AWS,
            "types": ["x"],
        }
        text = json.dumps({"results": [rows]})
    world.write("leaks.json", text)
    done = world.gate("--artifact", "leaks=leaks.json")
    assert done.status == 1
    assert "shows" in done.out
    (world.root / "leaks.json").unlink()
    kept = everything(world.folder)
    assert b"holds_secret" in kept
    assert AWS.encode() not in kept + done.out.encode() + done.err.encode()
    again = world.run("decision", "replay", "--all", "--collect")
    assert "was not kept" in again.out + again.err


def test_init_finds_the_new_kinds(world: Simulator) -> None:
    """Each is suggested under a name of its own; an empty list, which any tool may have written, is not."""
    world.put("build/gx.json", SAMPLES / "great_expectations/validation_pass.json")
    world.put("build/soda.json", SAMPLES / "soda/soda3_scan_pass.json")
    world.put("build/lineage.ndjson", SAMPLES / "openlineage/events_pass.ndjson")
    world.put("build/empty.json", SAMPLES / "ruff/ruff_pass.json")
    (world.root / "dpone.yaml").unlink()
    done = world.run("ops", "init")
    assert done.status == 0, done.err
    config = (world.root / "dpone.yaml").read_text("utf-8")
    assert "expectations:" in config
    assert "soda:" in config
    assert "lineage:" in config
    assert "empty.json" not in config
