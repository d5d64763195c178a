"""The option reference: one page per command, from the options that the command line really has."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

import click
from pages import main

from dpone.cli import dpone
from dpone.policy.catalogue import cell


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below `group` with its path, in the order of `--help`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def page(path: tuple[str, ...], command: click.Command) -> str:
    """The page of one command."""
    lines = [f"# dpone {' '.join(path)}", "", description(command), ""]
    lines += [f"What it is for, and what to do when it is red: {guide(path)}.", ""]
    arguments = " ".join(p.make_metavar(click.Context(command)) for p in positionals(command))
    lines += ["```console", f"$ dpone {' '.join(path)} [OPTIONS] {arguments}".rstrip(), "```", ""]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        lines += ["| option | | default | meaning |", "|---|---|---|---|"]
        lines += [option_row(option) for option in options]
    return "\n".join(lines)


def guide(path: tuple[str, ...]) -> str:
    """A link to the hand-written page: one per command of `dpone ops`, one per other group."""
    name = path[-1] if path[0] == "ops" else path[0]
    return f"[{name}](../commands/{name}.md)"


def description(command: click.Command) -> str:
    """The help text of a command as Markdown; blocks that click keeps as they are become code."""
    blocks = []
    for block in inspect.cleandoc(command.help or "").split("\n\n"):
        if block.startswith("\b"):
            text = block.lstrip("\b").strip("\n")
            blocks.append("\n".join(f"    {line}" for line in text.split("\n")))
        else:
            blocks.append(block)
    return "\n\n".join(blocks)


def positionals(command: click.Command) -> list[click.Argument]:
    """The positional arguments of a command."""
    return [p for p in command.params if isinstance(p, click.Argument)]


def option_row(option: click.Option) -> str:
    """One row of the table of options."""
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if not option.is_flag:
        names += f" {option.metavar or choices(option) or option.type.name.upper()}"
    marks = ["required"] if option.required else []
    marks += ["repeatable"] if option.multiple else []
    shown = option.default if option.show_default or isinstance(option.default, int | float) else None
    default = f"`{shown}`" if shown is not None and not option.is_flag else ""
    meaning = (option.help or "").replace(" (repeatable)", "")
    if option.envvar:
        meaning += f" Also from `{option.envvar}`."
    return f"| {cell(names)} | {', '.join(marks)} | {cell(default)} | {cell(meaning)} |"


def choices(option: click.Option) -> str:
    """The values an option takes, when they are a closed list."""
    return "/".join(map(str, option.type.choices)) if isinstance(option.type, click.Choice) else ""


def pages() -> dict[str, str]:
    """All pages by file name."""
    result, index = {}, ["# Options", "", "`--help` on any command says the same on the terminal.", ""]
    group = ""
    for path, command in commands(dpone):
        name = f"{'-'.join(path)}.md"
        result[name] = page(path, command)
        if path[0] != group:
            group = path[0]
            index += ["", f"## dpone {group}", "", "| command | |", "|---|---|"]
        first = inspect.cleandoc(command.help or "").split("\n\n")[0]
        index.append(f"| [{' '.join(path)}]({name}) | {cell(first)} |")
    exits = "Exit 0 passed, 1 not passed, 2 wrong usage, 3 could not decide."
    result["index.md"] = "\n".join([*index, "", exits])
    return result


if __name__ == "__main__":
    sys.exit(main("commands.py", "reference", pages()))
