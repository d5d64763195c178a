"""Every shipped rule, on thousands of inputs, in the embedded engine and in OPA: no answer may differ.

    python benchmarks/parity.py                         2,000 inputs for every gate, a new seed
    python benchmarks/parity.py --seed 7 --gate release-gate --inputs 500
    python benchmarks/parity.py --write                 also write benchmarks/parity.md and parity.json

Exit 1 when the engines differ, or when a rule was never red or never cleared; 3 without OPA.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "parity"))

from compare import Compared, compare, gates, inputs_of, reached, whole_layer, write_differences  # noqa: E402
from opa import NOT_HERE, opa_path, opa_server  # noqa: E402

import dpone  # noqa: E402
from dpone.canonical import canonical_bytes  # noqa: E402
from dpone.policy.engines.interface import Engine  # noqa: E402
from dpone.policy.engines.opa_engine import OpaEngine  # noqa: E402
from dpone.policy.engines.opa_server import OpaServerEngine  # noqa: E402
from dpone.policy.engines.regopy_engine import RegopyEngine  # noqa: E402

SERVED = 100
"""Inputs of a gate that also go to a server."""
WHOLE = 2000
"""From so many inputs a gate on, every rule must have been red and cleared at least once, and every gate is asked of a
server, which compiles all it has been given for each gate that comes; a shorter run asks one of every `SHARE`."""
SHARE = 3
TIMED = "release-gate"
TURNS = 15
ENGINES = ("regopy", "opa eval", "opa server")


def main() -> int:
    """Compare, print a line per gate, and say what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inputs", type=int, default=2000, metavar="N", help="inputs for every gate")
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="make these inputs again")
    parser.add_argument("--gate", action="append", choices=gates(), help="only this gate (repeatable)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--write", action="store_true", help="write benchmarks/parity.md and parity.json")
    options = parser.parse_args()
    binary = opa_path()
    if not binary:
        print(f"parity: {NOT_HERE}", file=sys.stderr)
        return 3
    seed = int(time.time()) % 1_000_000 if options.seed is None else options.seed
    print(f"parity: seed {seed}, {options.inputs:,} inputs for every gate")
    wanted = options.gate or gates()
    found = []
    with opa_server(binary) as server, ProcessPoolExecutor(options.jobs) as pool:
        whole = options.inputs >= WHOLE or bool(options.gate)
        served = wanted if whole else wanted[seed % SHARE :: SHARE]
        tasks = [
            pool.submit(_compared, gate, options.inputs, seed, binary, server if gate in served else "")
            for gate in wanted
        ]
        for task in tasks:
            found.append(task.result())
            print(f"  {_line(found[-1])}", flush=True)
    wrong = _problems(found, whole=options.gate is None and options.inputs >= WHOLE)
    report = {
        "dpone": dpone.__version__,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}",
        "seed": seed,
        "rules": len({entry for one in found for entry in one.answers}),
        "gates": [_row(one) for one in found],
    }
    if options.write:
        report |= _times(binary)
        here = Path(__file__).parent
        (here / "parity.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        (here / "parity.md").write_text(_markdown(report), encoding="utf-8")
    kept = write_differences(Path.cwd(), found)
    for line in wrong + ([f"the inputs are kept in {kept.name}"] if kept else []):
        print(f"parity: {line}", file=sys.stderr)
    total = sum(one.inputs for one in found)
    print(
        f"parity: {total:,} inputs, {report['rules']} rules, {sum(len(o.differences) for o in found)} differences"
    )
    return 1 if wrong else 0


def _compared(gate: str, inputs: int, seed: int, binary: str, server: str) -> Compared:
    return compare(gate, inputs, seed, binary, server=server, sample=SERVED)


def _line(one: Compared) -> str:
    return (
        f"{one.gate:<24} {one.inputs:>6,} inputs  {one.served:>4} on a server  {one.rules:>3} rules  "
        f"{len(one.differences)} differences  {one.faults} faults"
    )


def _problems(found: list[Compared], *, whole: bool) -> list[str]:
    wrong = [
        f"{d['gate']} {d['rule']} differs (seed {d['seed']}, input {d['input']})"
        for one in found
        for d in one.differences[:5]
    ]
    wrong += [f"{one.gate}: {one.faults} inputs were not answered" for one in found if one.faults]
    answers: dict[str, list[int]] = {}
    for one in found:
        for entry, (red, cleared) in one.answers.items():
            held = answers.setdefault(entry, [0, 0])
            held[0] += red
            held[1] += cleared
    asked = {entry for one in found for entry in whole_layer(one.gate).entrypoints} if whole else set()
    wrong += [f"{entry} was never asked anything" for entry in sorted(asked - answers.keys())]
    wrong += [f"{entry} was never red" for entry, (red, _) in sorted(answers.items()) if whole and not red]
    wrong += [f"{entry} was never cleared" for entry, (_, ok) in sorted(answers.items()) if whole and not ok]
    return wrong


def _row(one: Compared) -> dict[str, Any]:
    red, cleared = (sum(counts[n] for counts in one.answers.values()) for n in (0, 1))
    return {
        "gate": one.gate, "rules": one.rules, "inputs": one.inputs, "on_a_server": one.served,
        "answers_red": red, "answers_cleared": cleared, "differences": len(one.differences), "faults": one.faults,
    }  # fmt: skip


def _times(binary: str) -> dict[str, Any]:
    """How long each engine takes until its first answer, and for each further one, in milliseconds."""
    layer = whole_layer(TIMED)
    inputs = inputs_of(TIMED, binary)
    config = inputs.configs(1)[0]
    document = max(inputs.documents(1, 400), key=lambda d: len(reached(layer, d)))
    text, entries = canonical_bytes(document).decode("utf-8"), reached(layer, document)
    rows, versions = [], {}
    with opa_server(binary) as server:
        starts = (
            lambda: RegopyEngine(60),
            lambda: OpaEngine(binary, deadline_seconds=60),
            lambda: OpaServerEngine(server, "read_back", 60),
        )
        for name, start in zip(ENGINES, starts, strict=True):
            first, further = [], []
            for _ in range(TURNS):
                began = time.perf_counter()
                engine: Engine = start()
                try:
                    engine.load(layer.modules, {"dpone": {"config": config}}, entries)
                    engine.evaluate(text)
                    first.append(time.perf_counter() - began)
                    for _ in range(3):
                        began = time.perf_counter()
                        engine.evaluate(text)
                        further.append(time.perf_counter() - began)
                    versions[name] = engine.version
                finally:
                    engine.close()
            rows.append({
                "engine": name, "version": versions[name],
                "first_ms": round(statistics.median(first) * 1000, 1),
                "further_ms": round(statistics.median(further) * 1000, 1),
            })  # fmt: skip
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    timed = {"gate": TIMED, "rules": len(entries), "input_bytes": len(text.encode()), "load": load}
    return {"times": rows, "timed": timed}


def _markdown(report: dict[str, Any]) -> str:
    timed, machine = report["timed"], report["machine"]
    regopy, opa, _ = report["times"]
    lines = [
        "# The embedded engine and OPA",
        "",
        f"Made by `make parity WRITE=--write`, seed {report['seed']}: every shipped rule, on inputs shaped by the",
        "schemas and filled from the worlds of the rules' own tests, in four configurations a gate. Answers are compared",
        f"as canonical bytes. regopy {regopy['version']}, OPA {opa['version']}, dpone {report['dpone']}, {machine}.",
        "",
        f"{report['rules']} rules; each was red at least once and cleared at least once.",
        "",
        "| gate | rules | inputs | of these on a server | answers red | answers cleared | differences |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {g['gate']} | {g['rules']} | {g['inputs']:,} | {g['on_a_server']} | {g['answers_red']:,} | "
        f"{g['answers_cleared']:,} | {g['differences']} |"
        for g in report["gates"]
    ]
    lines += [
        "",
        f"Medians of one {timed['gate']} with {timed['rules']} rules and an input of {timed['input_bytes']:,} bytes. The",
        "first answer includes the start, the canary, and giving the engine its layer; `opa eval` starts a process for",
        f"each answer. The load average meanwhile was {timed['load']}: compare the engines, not the milliseconds.",
        "",
        "| engine | first answer | each further answer |",
        "|---|---|---|",
    ]
    lines += [
        f"| {t['engine']} {t['version']} | {t['first_ms']} ms | {t['further_ms']} ms |" for t in report["times"]
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
