"""Flows between frames of a shot: to direct neighbours, and from any frame to a keyframe.

A far keyframe is reached by walking: the flow to the keyframe known at the frame before is carried on
by one step and refined against the keyframe itself, so that errors do not add up and large motions are
found. The walk starts at the keyframe always, so a frame's flow does not depend on what was rendered
before it: a part rendered alone equals the same part of the whole.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.motion import PRECISE, Flow, FlowEstimator, FlowQuality, compose, resize_flow

Grey = NDArray[np.uint8]

# The last search to a keyframe runs on half the canvas: what it carries is detail, and finer patches find
# motion twice as exactly (measured: +0.4 to +0.6 dB on warped keyframes over a search on a quarter). The
# variational refinement is worth another 0.4 dB, twice what a search on restored frames would bring.
TO_KEYFRAME = FlowQuality(finest_scale=0, patch_stride=5, iterations=8, refinement=5)

BLOCK = 16
_KEPT_STEPS = 2 * BLOCK + 6


class Greys(Protocol):
    """Grey pictures of a shot's frames for the searches, uint8."""

    def quarter(self, frame: int) -> Grey:
        """On a quarter of the canvas."""
        ...

    def half(self, frame: int) -> Grey:
        """On half of the canvas."""
        ...


class StepFlows:
    """Flows between direct neighbours on the quarter grid, each estimated once while it is near."""

    def __init__(self, greys: Greys) -> None:
        self._greys = greys
        self._estimator = FlowEstimator(PRECISE)
        self._kept: OrderedDict[tuple[int, int], Flow] = OrderedDict()

    def step(self, start: int, target: int) -> Flow:
        """The flow from frame `start` to `target`, one frame apart."""
        found = self._kept.get((start, target))
        if found is None:
            found = self._estimator.estimate(self._greys.quarter(start), self._greys.quarter(target))
            self._kept[start, target] = found
            while len(self._kept) > _KEPT_STEPS:
                self._kept.popitem(last=False)
        return found

    def path(self, start: int, target: int) -> Flow:
        """The flow over several frames, composed of steps."""
        towards = 1 if target > start else -1
        flow = self.step(start, start + towards)
        for frame in range(start + towards, target, towards):
            flow = compose(flow, self.step(frame, frame + towards))
        return flow


class KeyframeWalk:
    """Flows from the frames on one side of a keyframe to it.

    Frames may be asked for in any order. Moving outwards is one step a frame; moving inwards (towards a
    keyframe ahead) goes back to the nearest mark, so that a stretch costs at most two walks and memory a
    flow per BLOCK frames. Marks are rounded to half precision, and the walk goes on from the rounded flow
    whether it is stored or not: every way to a frame gives the same flow.
    """

    def __init__(self, keyframe: int, steps: StepFlows, greys: Greys) -> None:
        self._keyframe = keyframe
        self._steps = steps
        self._greys = greys
        self._walker = FlowEstimator(PRECISE)
        self._finder = FlowEstimator(TO_KEYFRAME)
        self._marks: dict[int, NDArray[np.float16]] = {}
        self._near: OrderedDict[int, Flow] = OrderedDict()

    def flow_from(self, frame: int) -> Flow:
        """The flow from `frame` (never the keyframe itself) to the keyframe, on the half grid."""
        here, there = self._greys.half(frame), self._greys.half(self._keyframe)
        guess = resize_flow(self._walked(frame), here.shape[1], here.shape[0])
        return self._finder.estimate(here, there, guess)

    def _walked(self, frame: int) -> Flow:
        """The flow on the quarter grid."""
        if frame not in self._near:
            outwards = 1 if frame > self._keyframe else -1
            at, flow = self._nearest_known(frame, outwards)
            while at != frame:
                at += outwards
                flow = self._step(at, at - outwards, flow)
                self._remember(at, flow)
            if flow is not None:
                self._remember(at, flow)
        return self._near[frame]

    def _nearest_known(self, frame: int, outwards: int) -> tuple[int, Flow | None]:
        """The farthest frame at or before `frame` whose flow is known; the keyframe itself has none."""
        known = [at for at in (*self._near, *self._marks) if (frame - at) * outwards >= 0]
        if not known:
            return self._keyframe, None
        at = max(known, key=lambda known_frame: known_frame * outwards)
        return at, self._near[at] if at in self._near else self._marks[at].astype(np.float32)

    def _step(self, frame: int, inner: int, flow: Flow | None) -> Flow:
        step = self._steps.step(frame, inner)
        if flow is None:
            return step
        guess = compose(step, flow)
        return self._walker.estimate(self._greys.quarter(frame), self._greys.quarter(self._keyframe), guess)

    def _remember(self, frame: int, flow: Flow) -> None:
        if abs(frame - self._keyframe) % BLOCK == 0:
            rounded = flow.astype(np.float16)
            self._marks[frame] = rounded
            flow[...] = rounded
        self._near[frame] = flow
        self._near.move_to_end(frame)
        while len(self._near) > BLOCK + 2:
            self._near.popitem(last=False)
