"""Evidence: what other tools wrote, read once, recognised by content, turned into small typed facts."""
