"""Certification of load strategies: each really runs in SQLite and is held against an oracle."""
