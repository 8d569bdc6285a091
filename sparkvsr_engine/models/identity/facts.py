"""Facts of the restorer that returns its input that its record and its planner share."""

from __future__ import annotations

NAME = "identity"
