"""The connector catalogue: what each can do in principle, and what is proved about it here.

`embedded`: runs inside dpone, its cases are really executed; `simulated`: its strategies are executed on
the embedded engine, the connector itself is not; nothing is `certified` without evidence of real runs.
"""

from __future__ import annotations

import json
from pathlib import Path

from dpone.record import dataclass

_BADGES = {"embedded": "brightgreen", "simulated": "lightgrey"}


@dataclass(frozen=True)
class Connector:
    """One entry. `proof` says how its certification cases run here: executed or simulated; `roles` are
    source, sink or both; `badge` is a label and a colour as shields endpoints take them."""

    connector: str
    status: str
    proof: str
    roles: tuple[str, ...]
    capabilities: tuple[str, ...]
    docs: str
    badge: dict[str, str]


def catalogue() -> tuple[Connector, ...]:
    """Every connector, sorted by name."""
    rows = json.loads(Path(__file__).with_name("connectors.json").read_text("utf-8"))
    made = [
        Connector(
            row["connector"],
            row["status"],
            row["proof"],
            tuple(row["roles"]),
            tuple(row["capabilities"]),
            f"docs/connectors.md#{row['connector']}",
            {"label": row["connector"], "message": row["status"], "color": _BADGES[row["status"]]},
        )
        for row in rows
    ]
    return tuple(sorted(made, key=lambda connector: connector.connector))
