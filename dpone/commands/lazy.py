"""Groups whose commands are the files of a folder, imported only when one of them is called."""

# ruff: noqa: PTH113, PTH118, PTH120, PTH122, PTH123 - importing pathlib costs a tenth of the time that help takes

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

HELPERS = frozenset({"gate", "lazy", "options", "outputs", "problems", "progress"})
"""Modules of the commands package that are no commands."""


class FolderGroup(click.Group):
    """A group whose commands lie in a package: `release_gate.py` is the command `release-gate`.

    Each module has `command`; a folder is a group of its own. Nothing is imported to list them.
    """

    def __init__(self, *args: Any, package: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.package = package
        self.folder = os.path.join(os.path.dirname(os.path.realpath(__file__)), *package.split(".")[2:])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, sorted."""
        del ctx
        return sorted(stem.replace("_", "-") for stem in self._places())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or None when there is no such file."""
        del ctx
        stem = cmd_name.replace("-", "_")
        place = self._places().get(stem, "")
        if not place or cmd_name != stem.replace("_", "-"):
            return None
        name = f"{self.package}.{stem}"
        if place.endswith("__init__.py"):
            return FolderGroup(cmd_name, package=name, help=_first_line(place))
        command = import_module(name).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name near commands when one is unknown."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"there is no command {args[0][:60]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands with their first docstring lines, without importing them."""
        del ctx
        rows = [(stem.replace("_", "-"), _first_line(place)) for stem, place in sorted(self._places().items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _places(self) -> dict[str, str]:
        """The file that a command's first line stands in, by the name of its module or package."""
        found = {}
        for entry in os.scandir(self.folder):
            stem, ending = os.path.splitext(entry.name)
            inside = os.path.join(entry.path, "__init__.py")
            if ending == ".py" and not stem.startswith("_") and stem not in HELPERS:
                found[stem] = entry.path
            elif not ending and os.path.isfile(inside):
                found[stem] = inside
        return found


def _first_line(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.readline().strip().strip('"')
