"""Frames of sources and results for people's eyes, given out by a process of its own.

A window asks it over its standard input and never waits: a damaged file or a slow disk holds up this process
alone. Whatever the engine reads is shown, by the engine's own frame numbers.
"""
