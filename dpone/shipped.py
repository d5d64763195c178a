"""Where the policies and schemas that ship with dpone lie: inside the wheel, or the checkout's own."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(*parts: str) -> Path:
    """The path of a shipped file, for example ``shipped("policies", "dpone", "lib")``."""
    bundled = _PACKAGE / "_shipped"
    base = bundled if bundled.is_dir() else _PACKAGE.parent
    return base.joinpath(*parts)
