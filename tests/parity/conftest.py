"""Without OPA nothing here can be compared; the summary of the run says so (tests/conftest.py)."""

from __future__ import annotations

from opa import opa_path

collect_ignore = [] if opa_path() else ["test_opa_bundles.py", "test_opa_decisions.py", "test_parity.py"]
