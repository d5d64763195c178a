"""dpone.yaml: one table of keys, one merge, every effective value with its origin."""
