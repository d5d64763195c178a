"""`python -m dpone` is the same as `dpone`."""

from dpone.cli import program

program()
