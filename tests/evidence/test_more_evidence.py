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


ROWS = (
    '[{"device_id": "d-1", "reading": 21.5, "unit": "C"}, {"device_id": "d-2", "reading": 19.0, "unit": "C"}]'
)


def test_contract_check_takes_a_contract_in_odcs(world: Simulator) -> None:
    """YAML is told by its content; the SQL rule that is not run here is red by its place, and warns under
    --mode warn; a broken row is red beside it."""
    world.put("contract.yaml", SAMPLES / "datacontract/odcs_pass.yaml")
    asked = ("ops", "contract-check", "--contract-json", "contract.yaml", "--format", "json")
    done = world.run(*asked, "--rows-json", ROWS)
    red = [(f["rule"], f["severity"]) for f in done.document["findings"] if f["severity"] == "error"]
    assert (done.status, red) == (1, [("contract-check.all_supported", "error")])
    assert "the sql rule" in done.out
    assert "schema[0].quality[0]" in done.out
    assert world.run(*asked, "--rows-json", ROWS, "--mode", "warn").status == 0
    text = (world.root / "contract.yaml").read_text("utf-8").split("    quality:")
    world.write("contract.yaml", text[0] + "    properties:" + text[1].split("    properties:")[1])
    assert world.run(*asked, "--rows-json", ROWS).status == 0
    broken = world.run(*asked, "--rows-json", ROWS.replace("21.5", "null"))
    assert broken.status == 1
    assert "not_null.reading" in broken.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("apiVersion: v9\nkind: DataContract\n", "ODCS"),
        ("required_columns: [id]\n---\nmin_rows: 1\n", "2 documents"),
        ("required_columns: &a [id]\n", "aliases"),
        ("just words", "not an object"),
        ("{", "Expecting"),
    ],
)
def test_a_contract_that_cannot_be_read_is_red(world: Simulator, text: str, words: str) -> None:
    """A file that is no contract makes the evidence invalid: one line, exit 1."""
    world.write("contract.yaml", text)
    done = world.run("ops", "contract-check", "--contract-json", "contract.yaml", "--rows-json", ROWS)
    assert done.status == 1
    assert words in done.out
    assert "Traceback" not in done.err


def test_slo_evaluate_takes_objectives_in_openslo(world: Simulator) -> None:
    """Several documents in one file; the threshold is the limit, and what cannot be mapped is named."""
    world.put("slo.yaml", SAMPLES / "openslo/slo_valid.yaml")
    asked = ("ops", "slo-evaluate", "--objectives-json", "slo.yaml", "--metrics-json")
    assert world.run(*asked, '{"load-latency-seconds": 5}').status == 0
    late = world.run(*asked, '{"load-latency-seconds": 5.1}')
    assert (late.status, "load-latency-seconds is 5.1, objective max 5" in late.out) == (1, True)
    assert world.run(*asked, "{}").status == 1
    world.put("slo.yaml", SAMPLES / "openslo/slo_invalid.yaml")
    wrong = world.run(*asked, '{"load-latency-seconds": 5}')
    assert (wrong.status, "telemetry bad name" in wrong.out) == (1, True)


def test_objectives_come_from_standard_input_as_yaml(world: Simulator) -> None:
    """The seed's own form may be YAML too."""
    done = world.run(
        "ops", "slo-evaluate", "--objectives-json", "-", "--metrics-json", '{"a": 2}', stdin=b"a: {max: 1}\n"
    )
    assert (done.status, "a is 2, objective max 1" in done.out) == (1, True)
