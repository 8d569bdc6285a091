"""The SparkVSR engine: keyframe-steered video super-resolution as a local daemon. Imports nothing heavy."""

from sparkvsr_bridge.version import __version__

__all__ = ["__version__"]
