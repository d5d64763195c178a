"""Verify the ledger and keep its checkpoint elsewhere."""
