"""Facts of `lite` that its record and its planner share."""

from __future__ import annotations

NAME = "lite"
CONTEXT_FRAMES = 2
"""Neighbours on either side that a frame depends on."""
# Between scale 1 and this one frames are worked on at this one (`working_size.py`).
HOME_SCALE = 4
