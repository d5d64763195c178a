"""A ledger on a branch of a git repository: pushing is the compare-and-swap, every clone a witness."""
