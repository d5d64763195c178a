"""Measure what dpone promises about speed, as ratios taken in one run, and write benchmarks/report.*.

    python benchmarks/run.py                            everything, some minutes
    python benchmarks/run.py --only start --runs 5      a quick look; writes no report
    python benchmarks/run.py --entries 1000 --files 1000 --megabytes 100

Ratios travel between machines where seconds do not: each case runs two things in turns and compares
their medians. Exit 1 when a target does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from cases import Sizes, chosen
from timing import Outcome, measure, precompile
from world import ROOT

import dpone


def main() -> int:
    """Run the chosen cases, print a line for each, and write the report of a whole run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", metavar="NAME", help="only cases whose name holds this")
    for size in fields(Sizes):
        parser.add_argument(f"--{size.name}", type=int, default=size.default, metavar="N")
    options = vars(parser.parse_args())
    only = options.pop("only")
    sizes = Sizes(**options)
    precompile(ROOT)
    outcomes = []
    for make in chosen(only):
        with tempfile.TemporaryDirectory(prefix="dpone-bench-") as folder:
            outcome = measure(make(Path(folder), sizes))
        print(line(outcome), flush=True)
        outcomes.append(outcome)
    if not only:
        write(outcomes, sizes)
    missed = [outcome.case.name for outcome in outcomes if not outcome.holds]
    print(
        f"{len(outcomes) - len(missed)} of {len(outcomes)} targets hold"
        + (f", not: {', '.join(missed)}" if missed else "")
    )
    return 1 if missed or not outcomes else 0


def line(outcome: Outcome) -> str:
    """One measured case for the terminal."""
    mark = "ok  " if outcome.holds else "MISS"
    value = f"{outcome.value:6.2f} {outcome.unit:<2} (at most {outcome.case.target:g})"
    return f"{mark}  {outcome.case.name:<38} {value}  {outcome.subject_seconds * 1000:9.1f} ms"


def write(outcomes: Sequence[Outcome], sizes: Sizes) -> None:
    """Write report.md for people and report.json for comparison."""
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    rows = "\n".join(
        f"| {o.case.name} | {o.case.subject} | {o.subject_seconds * 1000:,.1f} ms | {o.case.reference} "
        f"| {o.reference_seconds * 1000:,.1f} ms | **{o.value:.2f} {o.unit}** | {o.case.target:g} {o.unit} "
        f"| {'yes' if o.holds else 'no'} |"
        for o in outcomes
    )
    text = f"""# Benchmarks

Made by `make bench`: medians, both sides in turns, whole processes with their start-up.
dpone {dpone.__version__}, {machine}.

| case | measured | median | against | median | value | at most | holds |
|---|---|---|---|---|---|---|---|
{rows}
"""
    place = ROOT / "benchmarks"
    (place / "report.md").write_text(text, encoding="utf-8", newline="\n")
    document = {
        "dpone": dpone.__version__,
        "machine": machine,
        "sizes": vars(sizes),
        "cases": [
            {
                "name": o.case.name,
                "value": round(o.value, 3),
                "unit": o.unit,
                "target": o.case.target,
                "holds": o.holds,
                "subject_seconds": round(o.subject_seconds, 6),
                "reference_seconds": round(o.reference_seconds, 6),
                "spread": round(o.spread, 3),
            }
            for o in outcomes
        ],
    }
    (place / "report.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
