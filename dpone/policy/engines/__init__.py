"""Engines that evaluate policies behind one interface."""
