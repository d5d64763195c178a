"""A workspace with a home beside it, and signers from fixed seeds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dpone.signing.private import KeySigner, signer_from_seed
from dpone.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty project with a home folder beside it."""
    root, home = tmp_path.resolve() / "project", tmp_path.resolve() / "home"
    root.mkdir()
    home.mkdir()
    return Workspace(root, env={"HOME": str(home), "PATH": os.environ["PATH"]})


@pytest.fixture(scope="session")
def make_signer() -> Callable[[int], KeySigner]:
    """Signers by number, the same in every run."""
    return lambda number: signer_from_seed(bytes([number]) * 32, f"test key {number}")
