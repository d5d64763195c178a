"""The one path of every decision, and taking, verifying and replaying the ones that were recorded."""
