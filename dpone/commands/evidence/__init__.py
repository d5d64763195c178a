"""See what a file says, and seal it where it is made."""
