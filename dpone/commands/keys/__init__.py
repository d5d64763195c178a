"""Make keys, and say whose signature counts for what."""
