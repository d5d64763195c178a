"""Certification of load strategies: each really runs in SQLite and is held against an oracle."""

from dpone.data.certification.matrix import SINKS, SOURCES, STRATEGIES, Case, select
from dpone.data.certification.results import CaseResult, Certification, certify

__all__ = ["SINKS", "SOURCES", "STRATEGIES", "Case", "CaseResult", "Certification", "certify", "select"]
