"""`python -m dpone` is the same as `dpone`."""

from dpone.cli import main

main()
