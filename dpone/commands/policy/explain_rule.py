"""Explain one rule: why it is there, what it reads, its text and its tests."""

from __future__ import annotations

import json

import click

from dpone.commands.options import workspace_of


@click.command("explain-rule")
@click.argument("rule", metavar="RULE_ID")
@click.option("--policy", "folders", multiple=True, metavar="DIR", help="Look in this layer too (repeatable).")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(rule: str, folders: tuple[str, ...], form: str) -> None:
    """Explain one rule: why it is there, what it reads, its text and its tests."""
    from dpone.ops.policy_explain import explain
    from dpone.record import asdict

    found = explain(rule, folders, workspace_of())
    if form == "json":
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
        return
    info = found.rule
    marks = [f"severity {info.severity}", "mandatory" if info.mandatory else ""]
    marks += ["waivable" if info.waivable else "cannot be waived", f"mode {info.mode}"]
    marks += [f"counts from {info.effective_from}"] if info.effective_from else []
    rows = {
        "why": info.description,
        "asked of": found.asked_of,
        "counts": ", ".join(mark for mark in marks if mark),
        "says": info.message,
        "do": info.remedy,
        "reads": ", ".join(found.reads) or "no configuration",
        "where": f"{found.folder}/{info.path}:{info.line}",
    }
    click.echo(f"{info.id}  {info.title}")
    for name, value in rows.items():
        click.echo(f"{name:<9} {value}")
    click.echo("\n".join(("", *(f"    {line}".rstrip() for line in found.source.split("\n")), "")))
    for test in found.tests:
        click.echo(f"test      {found.folder}/{test.path}:{test.line}  {test.name}")
    click.echo(f"{len(found.tests)} tests")
