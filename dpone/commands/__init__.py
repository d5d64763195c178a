"""Thin adapters: parse options, call a service, publish. A file here is a command, a folder a group.

The first line of a command's docstring is its short help, read without importing the module.
"""
