"""SparkVSR in Blender's sequencer: register and unregister, nothing else."""

from __future__ import annotations


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import registering

    registering.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled."""
    from . import registering

    registering.unregister()
