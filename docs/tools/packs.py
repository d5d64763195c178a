"""Build what the packs write, under `mkdocs build --strict` with the settings of this site, as a user would publish it.

The evidence is green and red, and some of it is named to break out of a page. Exit 1 when the build warns, or when
anything of that comes out as more than text. Run by `make docs`, because mkdocs is there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DPONE = Path(sys.executable).with_name("dpone.exe" if os.name == "nt" else "dpone")
SHOWN = (
    "<script>alert(1)</script>",
    "a | b",
    "`c`",
    "[d](javascript:alert(1))",
    "{{ e }}",
    "# f",
    "1. g",
    "https://example.com",
)
METRICS = dict.fromkeys(SHOWN, 9)
OBJECTIVES = {name: {"max": 3} for name in METRICS}
GATE, SLO = "release_gate=.dpone/releases/latest/release_gate.json", "slo=.dpone/slo/latest/slo_report.json"
AUDIT = "security=.dpone/security/latest/security_audit.json"
TITLE = "Go <b>live</b> | [now](x)"
COMMANDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0, ("security-audit", "--log-text", "all is well")),
    (0, ("release-gate", "--artifact", AUDIT)),
    (0, ("docs-publish-pack", "--artifact", GATE, "--artifact", AUDIT, "--output-dir", "green")),
    (1, ("slo-evaluate", "--metrics-json", json.dumps(METRICS), "--objectives-json", json.dumps(OBJECTIVES))),
    (
        1,
        (
            "docs-publish-pack",
            "--artifact",
            GATE,
            "--artifact",
            SLO,
            "--artifact",
            AUDIT,
            "--output-dir",
            "red",
        ),
    ),
    (1, ("runbook-pack", "--runbook-id", "R", "--title", TITLE, "--artifact", SLO, "--output-dir", "red")),
    (1, ("incident-pack", "--incident-id", "I", "--title", TITLE, "--artifact", SLO, "--artifact-dir", "red")),
)
NEVER = ("<script>alert", 'href="javascript', "<b>live", 'href="https://example.com"')


def main() -> int:
    """Make the packs, build the site, look at its pages."""
    with tempfile.TemporaryDirectory() as folder:
        home, project, docs = (Path(folder, name) for name in ("home", "project", "docs"))
        for path in (home, project, docs):
            path.mkdir()
        kept = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        env |= {"HOME": str(home), "USERPROFILE": str(home), "NO_MKDOCS_2_WARNING": "1"}
        for status, words in COMMANDS:
            command = [str(DPONE), "ops", *words, "--release", "v0.7.1"]
            done = subprocess.run(
                command, cwd=project, env=env, capture_output=True, encoding="utf-8", check=False
            )
            if done.returncode != status:
                return _broken(
                    f"{' '.join(words)}: exit {done.returncode}, not {status}", done.stdout + done.stderr
                )
        pages = [*project.glob("green/*.md"), *project.glob("red/*.md")]
        for page in pages:
            (docs / f"{page.parent.name}-{page.name}").write_bytes(page.read_bytes())
        (docs / "index.md").write_bytes((project / "green" / "PAGES_INDEX.md").read_bytes())
        settings = {
            "INHERIT": str(ROOT / "mkdocs.yml"),
            "docs_dir": str(docs),
            "site_dir": str(Path(folder, "site")),
            "nav": None,
        }
        Path(folder, "mkdocs.yml").write_text(json.dumps(settings), encoding="utf-8")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            return _broken("mkdocs build --strict", done.stdout + done.stderr)
        built = {path.name: path.read_text("utf-8") for path in Path(folder, "site").glob("*.html")}
    for name, text in built.items():
        found = [never for never in NEVER if never in text.partition("<article")[2].partition("</article")[0]]
        if found:
            return _broken(f"{name} holds {found[0]}", "")
    told = built["red-OPERATOR_RUNBOOK.html"]
    if "&lt;script&gt;alert(1)&lt;/script&gt;" not in told or "{{ e }}" not in told.replace(
        "&#123;", "{"
    ).replace("&#125;", "}"):
        return _broken("the runbook does not show what the evidence says", "")
    print(f"packs: {len(pages)} pages built, strict")
    return 0


def _broken(what: str, said: str) -> int:
    print(f"packs: {what}\n{said}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
