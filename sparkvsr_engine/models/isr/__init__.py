"""Image super-resolution models that make keyframes: bundled ones, users' model files, commands."""

from sparkvsr_engine.models.isr.bundled_models.fetching import fetch_isr
from sparkvsr_engine.models.isr.registry import default_isr, isr_identity, list_isr, open_isr
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler, make_keyframe

__all__ = [
    "ImageUpscaler",
    "default_isr",
    "fetch_isr",
    "isr_identity",
    "list_isr",
    "make_keyframe",
    "open_isr",
]
