"""Test, lint and list the rules."""
