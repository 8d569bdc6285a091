"""Reformat: the format that comes out, and the pixels between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.fakes.nuke.formats import Format, make_format
from tests.fakes.nuke.pictures import Picture, full_box


def reformatted(node: Any, picture: Picture, frame: float, view: str) -> Picture:
    """What a Reformat makes of a picture: its own box scaled, laid into the new format."""

    def number(name: str, index: int = 0) -> float:
        return node._knobs[name]._number_at(index, frame, view)

    shape = _target(node, picture.format, number, frame)
    resize = node._knobs["resize"]._word(frame) if node._knobs["type"]._word(frame) != "scale" else "distort"
    sx, sy = _factors(picture.format, shape, resize)
    centred = bool(number("center"))
    tx = (shape._width - picture.format._width * sx) / 2 if centred else 0.0
    ty = (shape._height - picture.format._height * sy) / 2 if centred else 0.0
    hard = node._knobs["filter"]._word(frame) == "impulse"
    result = resampled(picture, shape, (sx, sy, tx, ty), hard)
    if number("flip"):
        result = replace(result, planes={name: plane[::-1] for name, plane in result.planes.items()})
    if number("flop"):
        result = replace(result, planes={name: plane[:, ::-1] for name, plane in result.planes.items()})
    return result


def _target(node: Any, shape: Format, number: Any, frame: float) -> Format:
    kind = node._knobs["type"]._word(frame)
    if kind == "to format":
        return node._knobs["format"].value()
    if kind == "scale":
        sx, sy = number("scale", 0), number("scale", 1)
        width, height = round(shape._width * sx), round(shape._height * sy)
        return make_format(width, height, shape._aspect * sy / sx)
    width, height = int(number("box_width")), int(number("box_height"))
    aspect = number("box_pixel_aspect")
    if number("box_fixed"):
        return make_format(width, height, aspect)
    resize = node._knobs["resize"]._word(frame)
    if resize == "width":
        height = max(1, round(shape._height * width / shape._width * aspect / shape._aspect))
    elif resize == "height":
        width = max(1, round(shape._width * height / shape._height * shape._aspect / aspect))
    return make_format(width, height, aspect)


def _factors(old: Format, new: Format, resize: str) -> tuple[float, float]:
    """How much a picture is widened and heightened, in pixels; a pixel keeps its shape but for `distort`."""
    across, up = new._width / old._width, new._height / old._height
    shape = new._aspect / old._aspect
    by_width, by_height = (across, across * shape), (up / shape, up)
    if resize == "none":
        return 1.0, 1.0
    if resize == "distort":
        return across, up
    if resize == "width":
        return by_width
    if resize == "height":
        return by_height
    fits = by_width[1] <= up
    return by_width if fits == (resize == "fit") else by_height


def resampled(
    picture: Picture, shape: Format, place: tuple[float, float, float, float], is_hard: bool
) -> Picture:
    """A picture scaled by (sx, sy), then moved by (tx, ty), over the box of its format."""
    sx, sy, tx, ty = place
    box = full_box(shape)
    x, _, _, t = picture.box
    width, height = picture.size
    across = _weights(shape._width, width, sx, tx + x * sx, is_hard)
    # rows count from the top
    from_top = shape._height - (ty + t * sy)
    down = _weights(shape._height, height, sy, from_top, is_hard)
    planes = {
        name: np.ascontiguousarray((down @ plane.astype(np.float64) @ across.T).astype(np.float32))
        for name, plane in picture.planes.items()
    }
    return Picture(shape, box, planes, picture.metadata)


def _weights(count: int, source: int, scale: float, start: float, is_hard: bool) -> np.ndarray:
    """[count, source] weights: Keys' cubic with a = -0.5, widened where a picture becomes smaller."""
    if scale == 1.0 and start == round(start):
        is_hard = True
    centres = (np.arange(count) + 0.5 - start) / scale - 0.5
    weights = np.zeros((count, source))
    for row, centre in enumerate(centres):
        if not -0.5 <= centre <= source - 0.5:
            continue
        if is_hard:
            weights[row, min(max(int(np.floor(centre + 0.5)), 0), source - 1)] = 1.0
            continue
        stretch = max(1.0, 1.0 / scale)
        near = np.arange(int(np.floor(centre - 2 * stretch)), int(np.ceil(centre + 2 * stretch)) + 1)
        values = _keys(np.abs(near - centre) / stretch)
        for index, value in zip(np.clip(near, 0, source - 1), values / values.sum()):
            weights[row, index] += value
    return weights


def _keys(distance: np.ndarray) -> np.ndarray:
    a = -0.5
    inner = (a + 2) * distance**3 - (a + 3) * distance**2 + 1
    outer = a * distance**3 - 5 * a * distance**2 + 8 * a * distance - 4 * a
    return np.where(distance <= 1, inner, np.where(distance < 2, outer, 0.0))


def scaled_by(picture: Picture, factor: float) -> Picture:
    """A picture at another size, as proxy mode shows it."""
    old = picture.format
    shape = make_format(round(old._width * factor), round(old._height * factor), old._aspect)
    return resampled(picture, shape, (shape._width / old._width, shape._height / old._height, 0, 0), False)
