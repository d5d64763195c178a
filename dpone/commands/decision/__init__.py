"""Look up, verify and replay decisions."""
