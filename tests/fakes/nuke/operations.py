"""What each class of node does to pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tests.fakes.nuke.colours import config_path
from tests.fakes.nuke.formats import make_format
from tests.fakes.nuke.merging import merged
from tests.fakes.nuke.pictures import RGBA, Picture, RenderError, black, chosen, full_box, layer_of, union
from tests.fakes.nuke.readers import read_picture
from tests.fakes.nuke.resampling import reformatted

Inputs = "list[Callable[[], Picture]]"
Operation = Callable[[Any, Any, float, str], Picture]


def _read(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    return read_picture(node, frame, view)


def _first(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    if not inputs:
        raise RenderError(node, "has no input")
    return inputs[0]()


def _reformat(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    return reformatted(node, _first(node, inputs, frame, view), frame, view)


def _copy(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    """Channels of A (input 1) laid over those of B (input 0)."""
    base = _first(node, inputs, frame, view)
    if len(inputs) < 2:
        return base
    source = inputs[1]()
    box = {"union": union(base.box, source.box), "B": base.box, "A": source.box}[
        node._knobs["bbox"]._word(frame)
    ]
    base, source = base.over(box), source.over(box)
    planes = dict(base.planes)
    for index in range(4):
        start, end = (node._knobs[f"{side}{index}"]._state for side in ("from", "to"))
        if "none" not in (start, end):
            planes[end] = source.plane(start)
    for name in chosen(node._knobs["channels"]._state, source):
        planes[name] = source.plane(name)
    metadata = _metadata(node._knobs["metainput"]._word(frame), base, source)
    return replace(base, planes=planes, metadata=metadata)


def _metadata(which: str, base: Picture, source: Picture) -> dict[str, Any]:
    if which == "A":
        return source.metadata
    return {**source.metadata, **base.metadata} if which == "All" else base.metadata


def _merge(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    base = _first(node, inputs, frame, view)
    if len(inputs) < 2:
        return base
    return merged(node, base, inputs[1](), frame, view)


def _grade(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    """(a x + b) ^ (1 / gamma), Foundry's Grade reference page."""
    picture = _first(node, inputs, frame, view)
    planes = dict(picture.planes)
    mix = node._knobs["mix"]._number_at(0, frame, view)
    for name in chosen(node._knobs["channels"]._state, picture):
        if name not in planes:
            continue
        component = RGBA.index(name) if name in RGBA else 0

        def number(knob: str, component: int = component) -> float:
            return node._knobs[knob]._number_at(component, frame, view)

        slope = number("multiply") * (number("white") - number("black"))
        slope /= number("whitepoint") - number("blackpoint")
        offset = number("add") + number("black") - slope * number("blackpoint")
        result = slope * planes[name] + offset
        if node._knobs["black_clamp"]._number_at(0, frame, view):
            result = np.maximum(result, 0)
        if node._knobs["white_clamp"]._number_at(0, frame, view):
            result = np.minimum(result, 1)
        gamma = number("gamma")
        if gamma != 1:
            result = np.where(result > 0, np.abs(result) ** (1 / gamma), result)
        planes[name] = (mix * result + (1 - mix) * planes[name]).astype(np.float32)
    return replace(picture, planes=planes)


def _crop(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    picture = _first(node, inputs, frame, view)
    sides = [round(node._knobs["box"]._number_at(index, frame, view)) for index in range(4)]
    if sides == [0, 0, 0, 0]:
        sides = list(full_box(picture.format))
    x, y, r, t = picture.box
    box = (max(x, sides[0]), max(y, sides[1]), min(r, sides[2]), min(t, sides[3]))
    if box[0] >= box[2] or box[1] >= box[3]:
        box = (sides[0], sides[1], sides[0] + 1, sides[1] + 1)
    cut = picture.over(box)
    if not node._knobs["reformat"]._number_at(0, frame, view):
        return cut
    shape = make_format(sides[2] - sides[0], sides[3] - sides[1], picture.format._aspect)
    moved = (box[0] - sides[0], box[1] - sides[1], box[2] - sides[0], box[3] - sides[1])
    return replace(cut, format=shape, box=moved)


def _constant(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    picture = black(node._knobs["format"].value())
    for index, name in enumerate(RGBA):
        picture.planes[name][:] = node._knobs["color"]._number_at(index, frame, view)
    return picture


def _checkerboard(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    picture = black(node._knobs["format"].value())
    width, height = picture.size
    size = [max(1, int(node._knobs["boxsize"]._number_at(index, frame, view))) for index in (0, 1)]
    odd = (np.arange(width)[None] // size[0] + np.arange(height)[:, None] // size[1]) % 2
    for name in RGBA[:3]:
        picture.planes[name][:] = 0.1 + 0.4 * odd
    picture.planes[RGBA[3]][:] = 1
    return picture


def _dissolve(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    share = node._knobs["which"]._number_at(0, frame, view)
    base = _first(node, inputs, frame, view)
    if len(inputs) < 2 or share <= 0:
        return base
    second = inputs[1]().over(base.box)
    planes = {name: (1 - share) * base.plane(name) + share * second.plane(name) for name in base.planes}
    return replace(base, planes=planes)


def _premult(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    picture = _first(node, inputs, frame, view)
    alpha = picture.plane(RGBA[3])
    if node._class == "Unpremult":
        alpha = np.where(alpha != 0, 1 / np.where(alpha == 0, 1, alpha), 1).astype(np.float32)
    colours = {name: picture.planes[name] * alpha for name in RGBA[:3] if name in picture.planes}
    return replace(picture, planes={**picture.planes, **colours})


def _remove(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    picture = _first(node, inputs, frame, view)
    listed = set(chosen(node._knobs["channels"]._state, picture))
    keeps = node._knobs["operation"]._word(frame) == "keep"
    planes = {name: plane for name, plane in picture.planes.items() if (name in listed) == keeps}
    return replace(picture, planes=planes)


def _assert(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    if not node._knobs["expression"]._number_at(0, frame, view):
        raise RenderError(node, node._knobs["message"]._text_at(frame, view) or "assertion failed")
    return _first(node, inputs, frame, view)


def _copy_metadata(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    picture = _first(node, inputs, frame, view)
    return replace(picture, metadata=inputs[1]().metadata) if len(inputs) > 1 else picture


def _ocio(node: Any, inputs: Any, frame: float, view: str) -> Picture:
    import OpenImageIO as oiio  # noqa: N813

    picture = _first(node, inputs, frame, view)
    source, target = (node._knobs[name]._word(frame) for name in ("in_colorspace", "out_colorspace"))
    pixels = oiio.ImageBuf(np.ascontiguousarray(np.stack([picture.plane(name) for name in RGBA[:3]], -1)))
    result = oiio.ImageBufAlgo.colorconvert(pixels, source, target, True, "", "", config_path())
    if result.has_error:
        raise RenderError(node, result.geterror())
    values = result.get_pixels("float")
    colours = {name: np.ascontiguousarray(values[..., index]) for index, name in enumerate(RGBA[:3])}
    return replace(picture, planes={**picture.planes, **colours})


def layers_of(picture: Picture) -> list[str]:
    return list(dict.fromkeys(layer_of(name) for name in picture.planes))


OPERATIONS: dict[str, Operation] = {
    "Read": _read,
    "DeepRead": _read,
    "Reformat": _reformat,
    "Copy": _copy,
    "Switch": _first,
    "Merge2": _merge,
    "Grade": _grade,
    "Crop": _crop,
    "FrameHold": _first,
    "TimeOffset": _first,
    "OneView": _first,
    "JoinViews": _first,
    "Constant": _constant,
    "CheckerBoard2": _checkerboard,
    "Dissolve": _dissolve,
    "Premult": _premult,
    "Unpremult": _premult,
    "Remove": _remove,
    "Assert": _assert,
    "CopyMetaData": _copy_metadata,
    "OCIOColorSpace": _ocio,
}
