"""Clients of other machines: one check for every message of theirs, and what it needs."""
