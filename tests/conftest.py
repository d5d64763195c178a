"""What all tests share: how hard Hypothesis tries, and that no test sees this machine's own settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dpone", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dpone"))


sys.path.insert(0, str(Path(__file__).parent / "parity"))

from opa import NOT_HERE, opa_path  # noqa: E402 - the folder must be on the path first


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in every run whether OPA was there: tests that are not collected leave no other trace."""
    found = opa_path()
    terminalreporter.write_line(f"note: compared with {found}" if found else f"note: {NOT_HERE}")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, trust root, subject or clock of the machine that runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith("DPONE_") or name in (
            "SOURCE_DATE_EPOCH",
            "CI",
            "GITHUB_OUTPUT",
            "GITHUB_STEP_SUMMARY",
        ):
            monkeypatch.delenv(name)
