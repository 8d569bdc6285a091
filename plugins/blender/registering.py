"""Puts the extension into Blender and takes it out again without a trace."""

from __future__ import annotations

import atexit

import bpy

from . import operators, polling, preferences, properties, runtime
from .sidebar import confidence_bar, panels

CLASSES = (*properties.CLASSES, *preferences.CLASSES, *operators.CLASSES, *panels.CLASSES)

_is_registered = False


def register() -> None:
    """Add classes, strip settings, handlers. No engine is started and nothing connected."""
    global _is_registered  # noqa: PLW0603 - registered once per process
    for blender_class in CLASSES:
        bpy.utils.register_class(blender_class)
    properties.attach()
    polling.attach()
    confidence_bar.attach()
    _is_registered = True
    # Blender as a module does not unregister at its exit and crashes over what is left.
    atexit.register(unregister)


def unregister() -> None:
    """Take everything out again; running jobs go on in the engine."""
    global _is_registered  # noqa: PLW0603
    if not _is_registered:
        return
    _is_registered = False
    atexit.unregister(unregister)
    confidence_bar.detach()
    polling.detach()
    runtime.end()
    properties.detach()
    for blender_class in reversed(CLASSES):
        bpy.utils.unregister_class(blender_class)
