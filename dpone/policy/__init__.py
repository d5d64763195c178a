"""Policies: engines that run them, the dialect they are written in, layers, lint and tests."""
