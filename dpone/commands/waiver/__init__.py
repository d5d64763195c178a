"""Waive single findings for a time, signed by two people; list and revoke waivers."""
