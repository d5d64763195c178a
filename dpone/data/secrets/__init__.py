"""Secrets: find them, say where, take them out. What was matched never leaves this package."""
