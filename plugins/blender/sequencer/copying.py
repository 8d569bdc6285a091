"""Makes a result strip look like its source: place, opacity, blending, crop, modifiers, colour space."""

from __future__ import annotations

import contextlib
from typing import Any, Tuple

_PLAIN = ("blend_type", "blend_alpha", "color_saturation", "color_multiply", "use_flip_x", "use_flip_y")
_SIDES = ("min_x", "max_x", "min_y", "max_y")
_NOT_COPIED = (
    "rna_type",
    "name",
    "type",
    "input_mask_strip",
    "input_mask_type",
    "show_expanded",
    "is_active",
)
Size = Tuple[int, int]


def copy_look(source: Any, strip: Any, source_size: Size, size: Size) -> None:
    """Have the strip drawn exactly where its source is, the same way.

    source_size, size: width and height of their pictures in pixels.
    """
    ratio_x = size[0] / source_size[0] if source_size[0] and size[0] else 1.0
    ratio_y = size[1] / source_size[1] if source_size[1] and size[1] else 1.0
    for name in _PLAIN:
        if hasattr(source, name):
            setattr(strip, name, getattr(source, name))
    if hasattr(source, "transform"):
        _copy_transform(source.transform, strip.transform)
    strip.transform.scale_x /= ratio_x
    strip.transform.scale_y /= ratio_y
    if hasattr(source, "crop"):
        for side in _SIDES:
            ratio = ratio_x if side.endswith("x") else ratio_y
            setattr(strip.crop, side, round(getattr(source.crop, side) * ratio))
    for modifier in source.modifiers:
        _copy_modifier(modifier, strip)


def set_colour(strip: Any, name: str) -> None:
    """Set the colour space; a name that this Blender's configuration does not know changes nothing."""
    if name:
        with contextlib.suppress(TypeError):
            strip.colorspace_settings.name = name


def _copy_transform(source: Any, target: Any) -> None:
    for name in ("scale_x", "scale_y", "offset_x", "offset_y", "rotation", "filter"):
        if hasattr(source, name):
            setattr(target, name, getattr(source, name))
    target.origin = tuple(source.origin)


def _copy_modifier(modifier: Any, strip: Any) -> None:
    fresh = strip.modifiers.new(modifier.name, modifier.type)
    if fresh is not None:
        _copy_values(modifier, fresh)


def _copy_values(source: Any, target: Any) -> None:
    """Every value of a Blender struct, those of structs inside it too."""
    for prop in source.bl_rna.properties:
        name = prop.identifier
        if name in _NOT_COPIED:
            continue
        value = getattr(source, name)
        if prop.type == "POINTER":
            if value is not None and hasattr(value, "curves"):
                _copy_curves(value, getattr(target, name))
            elif value is not None and prop.is_readonly:
                _copy_values(value, getattr(target, name))
        elif prop.type != "COLLECTION" and not prop.is_readonly:
            with contextlib.suppress(AttributeError, TypeError, ValueError):
                setattr(target, name, value)


def _copy_curves(source: Any, target: Any) -> None:
    """A curve mapping, point by point."""
    for curve, fresh in zip(source.curves, target.curves):
        while len(fresh.points) > 2:
            fresh.points.remove(fresh.points[1])
        for _ in range(len(curve.points) - len(fresh.points)):
            fresh.points.new(0.5, 0.5)
        for point, copy in zip(curve.points, fresh.points):
            copy.location, copy.handle_type = point.location, point.handle_type
    target.update()
