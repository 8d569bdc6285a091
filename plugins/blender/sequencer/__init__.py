"""Strips and the files behind them: read, ordered, rendered where needed, placed as results."""
