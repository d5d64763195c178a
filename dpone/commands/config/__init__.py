"""Show the effective configuration."""
