"""Secrets: find them, say where, take them out. What was matched never leaves this package."""

from dpone.data.secrets.redact import redact
from dpone.data.secrets.scan import Scan, SecretFinding, merge, scan_bytes, scan_paths

__all__ = ["Scan", "SecretFinding", "merge", "redact", "scan_bytes", "scan_paths"]
