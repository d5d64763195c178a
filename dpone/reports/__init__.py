"""Outputs: one module per format, each turns an outcome into bytes and decides nothing."""
