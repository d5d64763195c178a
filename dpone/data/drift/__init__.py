"""Two environments' configurations, read strictly, flattened and compared; what looks secret is never shown."""

from dpone.data.drift.compare import Drift, compare, listing
from dpone.data.drift.documents import read_flat
from dpone.data.drift.flatten import Flat, Problem

__all__ = ["Drift", "Flat", "Problem", "compare", "listing", "read_flat"]
