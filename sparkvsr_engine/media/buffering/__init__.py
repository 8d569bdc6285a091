"""Frames read ahead and written behind, in threads, a bounded number at a time."""
