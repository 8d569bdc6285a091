"""Facts of the published model that its record and its planner share."""

from __future__ import annotations

NAME = "sparkvsr"
