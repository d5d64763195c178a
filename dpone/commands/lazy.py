"""Groups whose commands are the files of a folder, imported only when one of them is called."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

HELPERS = frozenset({"gate", "lazy", "options", "outputs"})
"""Modules of the commands package that are no commands."""


class FolderGroup(click.Group):
    """A group whose commands lie in a package: `release_gate.py` is the command `release-gate`.

    Each module has `command`; a folder is a group of its own. Nothing is imported to list them.
    """

    def __init__(self, *args: Any, package: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.package = package
        self.folder = Path(__file__).resolve().parent.joinpath(*package.split(".")[2:])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, sorted."""
        del ctx
        return sorted(path.stem.replace("_", "-") for path in self._files())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or None when there is no such file."""
        del ctx
        stem = cmd_name.replace("-", "_")
        if cmd_name != stem.replace("_", "-") or stem not in {path.stem for path in self._files()}:
            return None
        name = f"{self.package}.{stem}"
        if (self.folder / stem).is_dir():
            return FolderGroup(cmd_name, package=name, help=_first_line(self.folder / stem / "__init__.py"))
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
        rows = []
        for name in self.list_commands(ctx):
            path = self.folder / name.replace("-", "_")
            rows.append((name, _first_line(path / "__init__.py" if path.is_dir() else path.with_suffix(".py"))))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _files(self) -> list[Path]:
        return [
            path
            for path in self.folder.iterdir()
            if (path.suffix == ".py" and not path.name.startswith("_") and path.stem not in HELPERS)
            or (path.is_dir() and (path / "__init__.py").is_file())
        ]


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip().strip('"')
