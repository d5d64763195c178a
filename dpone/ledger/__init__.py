"""The append-only list of decisions: entries, checkpoints, and the store beside them."""
