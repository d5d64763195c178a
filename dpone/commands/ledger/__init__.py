"""Verify the ledger, keep its checkpoint elsewhere, take it elsewhere."""
