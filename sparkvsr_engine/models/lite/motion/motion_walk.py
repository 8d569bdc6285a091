"""Flows between frames of a shot: to direct neighbours, and from any frame to a keyframe.

A far keyframe is reached by walking: every few frames the flow to the keyframe is searched from the one known
nearer to it, so that large motions are found and errors do not add up. The walk starts at the keyframe
always, so a frame's flow does not depend on what was rendered before it: a part rendered alone equals the
same part of the whole.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.pictures.motion import Flow, FlowEstimator, FlowQuality, compose, resize_flow

Grey = NDArray[np.uint8]

# The last search to a keyframe runs on half the canvas: what it carries is detail, and finer patches find
# motion twice as exactly (measured: +0.4 to +0.6 dB on warped keyframes over a search on a quarter). The
# variational refinement is worth another 0.4 dB, twice what a search on restored frames would bring.
# Iterations beyond these, on either grid, and refinements beyond three of the rough search, changed nothing
# on six clips (one keyframe 30 frames away, or three).
TO_KEYFRAME = FlowQuality(finest_scale=0, patch_stride=5, iterations=4, refinement=5)
ROUGH = FlowQuality(finest_scale=0, patch_stride=5, iterations=8, refinement=3)

# Frames from one resting place of a walk to the next. Measured on six clips, at full and half size, up to 60
# frames from the keyframe: as good as resting at every frame (+0.01 dB); not resting at all loses 0.9 dB
# where the camera is fast.
STRIDE = 4
# Frames from one mark to the next.
BLOCK = 4 * STRIDE
_KEPT_STEPS = 8


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
        self._estimator = FlowEstimator(ROUGH)
        self._flows: OrderedDict[tuple[int, int], Flow] = OrderedDict()

    def step(self, start: int, target: int) -> Flow:
        """The flow from frame `start` to `target`, one frame apart."""
        flow = self._flows.get((start, target))
        if flow is None:
            flow = self._estimator.estimate(self._greys.quarter(start), self._greys.quarter(target))
            self._flows[start, target] = flow
            while len(self._flows) > _KEPT_STEPS:
                self._flows.popitem(last=False)
        return flow

    def release_buffers(self) -> None:
        """Give back the search's buffers."""
        self._estimator.release_buffers()

    def path(self, start: int, target: int) -> Flow:
        """The flow over several frames, composed of steps."""
        towards = 1 if target > start else -1
        flow = self.step(start, start + towards)
        for frame in range(start + towards, target, towards):
            flow = compose(flow, self.step(frame, frame + towards))
        return flow


class Searches:
    """The two searches of walks, shared by all of a shot: each holds buffers of dozens of its planes.

    one_at_a_time: one of them gives its buffers back before the other begins.
    """

    def __init__(self, greys: Greys, *, one_at_a_time: bool = False) -> None:
        self._greys = greys
        self._one_at_a_time = one_at_a_time
        self._walker = FlowEstimator(ROUGH)
        self._finder = FlowEstimator(TO_KEYFRAME)

    def rough(self, frame: int, keyframe: int, guess: Flow | None) -> Flow:
        """From `frame` to `keyframe` on the quarter grid.

        Args:
            frame: its number.
            keyframe: frame of the keyframe.
            guess: the flow four frames nearer, None at the keyframe.
        """
        here, target = self._greys.quarter(frame), self._greys.quarter(keyframe)
        if self._one_at_a_time:
            self._finder.release_buffers()
        # An estimator that was once given a guess remembers it when it is next given none.
        start = np.zeros((*here.shape, 2), np.float32) if guess is None else guess
        return self._walker.estimate(here, target, start)

    def fine(self, frame: int, keyframe: int, rough: Flow) -> Flow:
        """From `frame` to `keyframe` on the half grid.

        Args:
            frame: its number.
            keyframe: frame of the keyframe.
            rough: the flow on the quarter grid.
        """
        here, target = self._greys.half(frame), self._greys.half(keyframe)
        if self._one_at_a_time:
            self._walker.release_buffers()
        return self._finder.estimate(here, target, resize_flow(rough, here.shape[1], here.shape[0]))

    def release_buffers(self) -> None:
        """Give back the searches' buffers."""
        self._walker.release_buffers()
        self._finder.release_buffers()


class KeyframeWalk:
    """Flows from the frames on one side of a keyframe to it.

    Frames may be asked for in any order. Moving outwards is one search in STRIDE frames; moving inwards
    (towards a keyframe ahead) goes back to the nearest mark, so that a stretch costs at most two walks and
    memory a flow per BLOCK frames. Flows are rounded to half precision where the walk rests, and it goes on
    from the rounded flow whether it is stored or not: every way to a frame gives the same flow.
    """

    def __init__(self, keyframe: int, searches: Searches) -> None:
        self._keyframe = keyframe
        self._searches = searches
        self._marks: dict[int, NDArray[np.float16]] = {}
        self._near: OrderedDict[int, NDArray[np.float16]] = OrderedDict()

    def flow_from(self, frame: int) -> Flow:
        """The flow from `frame` (never the keyframe itself) to the keyframe, on the half grid."""
        outwards = 1 if frame > self._keyframe else -1
        mark = frame - outwards * (abs(frame - self._keyframe) % STRIDE)
        walked = self._walked(mark, outwards)
        rough = self._search(frame, None) if walked is None else walked.astype(np.float32)
        return self._searches.fine(frame, self._keyframe, rough)

    def _walked(self, mark: int, outwards: int) -> NDArray[np.float16] | None:
        """The flow from a resting place, on the quarter grid; none at the keyframe."""
        at, flow = self._nearest_resting_place(mark, outwards)
        while at != mark:
            at += outwards * STRIDE
            flow = self._search(at, None if flow is None else flow.astype(np.float32)).astype(np.float16)
            self._remember(at, flow)
        return flow

    def _nearest_resting_place(self, frame: int, outwards: int) -> tuple[int, NDArray[np.float16] | None]:
        """The farthest resting place up to `frame` whose flow is at hand; the keyframe has none."""
        frames = [at for at in (*self._near, *self._marks) if (frame - at) * outwards >= 0]
        if not frames:
            return self._keyframe, None
        at = max(frames, key=lambda resting_place: resting_place * outwards)
        return at, self._near[at] if at in self._near else self._marks[at]

    def _search(self, frame: int, guess: Flow | None) -> Flow:
        return self._searches.rough(frame, self._keyframe, guess)

    def _remember(self, frame: int, flow: NDArray[np.float16]) -> None:
        if abs(frame - self._keyframe) % BLOCK == 0:
            self._marks[frame] = flow
        self._near[frame] = flow
        while len(self._near) > BLOCK // STRIDE + 1:
            self._near.popitem(last=False)
