"""Merge: A over B and the other operations (Foundry's Merge reference page)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tests.fakes.nuke.pictures import RGBA, Picture, chosen, union
from tests.fakes.nuke.refusals import StandInGap

Plane = np.ndarray
# A, B, a, b: value and alpha of either side
OPERATIONS: dict[str, Callable[[Plane, Plane, Plane, Plane], Plane]] = {
    "over": lambda A, B, a, b: A + B * (1 - a),
    "under": lambda A, B, a, b: A * (1 - b) + B,
    "plus": lambda A, B, a, b: A + B,
    "minus": lambda A, B, a, b: A - B,
    "from": lambda A, B, a, b: B - A,
    "difference": lambda A, B, a, b: np.abs(A - B),
    "multiply": lambda A, B, a, b: A * B,
    "copy": lambda A, B, a, b: A,
    "max": lambda A, B, a, b: np.maximum(A, B),
    "min": lambda A, B, a, b: np.minimum(A, B),
    "average": lambda A, B, a, b: (A + B) / 2,
    "screen": lambda A, B, a, b: A + B - A * B,
    "in": lambda A, B, a, b: A * b,
    "out": lambda A, B, a, b: A * (1 - b),
    "mask": lambda A, B, a, b: B * a,
    "stencil": lambda A, B, a, b: B * (1 - a),
    "atop": lambda A, B, a, b: A * b + B * (1 - a),
}


def merged(node: Any, base: Picture, source: Picture, frame: float, view: str) -> Picture:
    """A (input 1) merged with B (input 0); channels that are not merged are B's."""
    operation = node._knobs["operation"]._word(frame)
    if operation not in OPERATIONS:
        raise StandInGap(f"Merge's {operation} is not done")
    boxes = {"union": union(base.box, source.box), "A": source.box, "B": base.box}
    kind = node._knobs["bbox"]._word(frame)
    if kind not in boxes:
        raise StandInGap(f"Merge's bbox {kind} is not done")
    base, source = base.over(boxes[kind]), source.over(boxes[kind])
    mix = node._knobs["mix"]._number_at(0, frame, view)
    a, b = source.plane(RGBA[3]), base.plane(RGBA[3])
    planes = dict(base.planes)
    names = chosen(node._knobs["output"]._state, base)
    names += [name for name in chosen(node._knobs["also_merge"]._state, source) if name not in names]
    for name in names:
        result = OPERATIONS[operation](source.plane(name), base.plane(name), a, b)
        planes[name] = (mix * result + (1 - mix) * base.plane(name)).astype(np.float32)
    which = node._knobs["metainput"]._word(frame)
    metadata = source.metadata if which == "A" else base.metadata
    return replace(base, planes=planes, metadata=metadata)
