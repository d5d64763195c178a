"""What can be known to be wrong with policies before an engine sees them."""
