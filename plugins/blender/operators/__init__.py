"""Everything an artist can do; what it does is in the modules one folder up."""

from __future__ import annotations

from . import engine, jobs, keyframes, previews, versions

CLASSES = (*jobs.CLASSES, *keyframes.CLASSES, *previews.CLASSES, *versions.CLASSES, *engine.CLASSES)
