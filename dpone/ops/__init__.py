"""One focused service per capability: each turns options into a `GateRequest`; none of them judges."""
