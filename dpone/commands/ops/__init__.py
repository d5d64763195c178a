"""Decide gates and record what happened, release by release."""
