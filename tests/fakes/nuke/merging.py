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
    "over": lambda A, B, a, b: A + B * (1 - a),  # noqa: N803
    "under": lambda A, B, a, b: A * (1 - b) + B,  # noqa: N803
    "plus": lambda A, B, a, b: A + B,  # noqa: N803
    "minus": lambda A, B, a, b: A - B,  # noqa: N803
    "from": lambda A, B, a, b: B - A,  # noqa: N803
    "difference": lambda A, B, a, b: np.abs(A - B),  # noqa: N803
    "multiply": lambda A, B, a, b: A * B,  # noqa: N803
    "copy": lambda A, B, a, b: A,  # noqa: N803
    "max": lambda A, B, a, b: np.maximum(A, B),  # noqa: N803
    "min": lambda A, B, a, b: np.minimum(A, B),  # noqa: N803
    "average": lambda A, B, a, b: (A + B) / 2,  # noqa: N803
    "screen": lambda A, B, a, b: A + B - A * B,  # noqa: N803
    "in": lambda A, B, a, b: A * b,  # noqa: N803
    "out": lambda A, B, a, b: A * (1 - b),  # noqa: N803
    "mask": lambda A, B, a, b: B * a,  # noqa: N803
    "stencil": lambda A, B, a, b: B * (1 - a),  # noqa: N803
    "atop": lambda A, B, a, b: A * b + B * (1 - a),  # noqa: N803
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
