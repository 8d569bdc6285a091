"""What the published model renders in which order, without loading it: neither torch nor diffusers is needed.

The windows are a job's for good, so they do not depend on the memory of the device that happens to run it: 33
frames unless asked otherwise. How a window is run is the memory planner's affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import GridLayout, SlotMap, chunks_of, plan_windows
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.models.base import FrameGrid, IgnoredKeyframe, Planner, RestorerTraits
from sparkvsr_engine.models.cogvideox.checkpoints.checkpoint import identity_of
from sparkvsr_engine.models.cogvideox.checkpoints.folder_settings import read_folder_settings
from sparkvsr_engine.models.cogvideox.facts import NAME

# Raised whenever this package's code changes what the same weights make of the same pixels.
CODE_REVISION = 2
# Sides the network takes: an eighth in the VAE, then patches of two.
SIZE_MULTIPLE = 16
_IGNORED = (
    "The keyframe at {} is not used: one within 3 frames of it takes its place in the model; keep them 4"
    " frames apart."
)


class CogVideoXPlanner(Planner):
    """Plans for one checkpoint. identity: of its weights."""

    def __init__(
        self, identity: str, layout: GridLayout | None = None, slot_map: SlotMap = SlotMap.TRAINED
    ) -> None:
        self.layout = layout or GridLayout()
        self.slot_map = slot_map
        self._traits = RestorerTraits(
            name=NAME,
            identity=f"{NAME}-{CODE_REVISION}-{slot_map.value}-{identity}",
            grid=FrameGrid.EIGHT_N_PLUS_ONE,
            context_frames=0,
            random_access=False,
            size_multiple=SIZE_MULTIPLE,
        )

    @property
    def traits(self) -> RestorerTraits:
        """What the model is."""
        return self._traits

    @property
    def planning_options(self) -> dict[str, Any]:
        """What `open_cogvideox_planner` takes to plan the same again."""
        return {"length": self.layout.length, "overlap": self.layout.overlap, "slots": self.slot_map.value}

    def plan(
        self,
        shot: FrameSpan,
        span: FrameSpan,
        keyframes: Sequence[int],
        geometry: Geometry,  # noqa: ARG002 - windows are the same at every size
    ) -> list[Chunk]:
        """See `models.base.Restorer.plan`; one chunk per window, see `core.grid_windows`."""
        return chunks_of(plan_windows(shot, keyframes, self.layout, self.slot_map), span)

    def ignored_keyframes(self, shot: FrameSpan, keyframes: Sequence[int]) -> tuple[IgnoredKeyframe, ...]:
        """See `models.base.Planner.ignored_keyframes`: a latent of four frames holds one keyframe."""
        windows = plan_windows(shot, keyframes, self.layout, self.slot_map)
        used = {frame for window in windows for frame in window.keyframes}
        ignored = sorted({frame for frame in keyframes if frame in shot} - used)
        return tuple(IgnoredKeyframe(frame, _IGNORED.format(frame)) for frame in ignored)


def open_cogvideox_planner(folder: Path, options: Mapping[str, Any]) -> CogVideoXPlanner:
    """Plans for a checkpoint folder. options: `planning_options` of a plan made before, or some of them.

    Raises ModelMissing for a folder without readable weights, InvalidSettings for options it does not know.
    """
    usual = CogVideoXPlanner("", slot_map=read_folder_settings(folder).slots).planning_options
    if unknown := sorted(set(options) - set(usual)):
        raise InvalidSettings(
            f"The published model is not planned by {', '.join(unknown)}; use {', '.join(usual)}."
        )
    chosen = usual | dict(options)
    try:
        layout = GridLayout(int(chosen["length"]), int(chosen["overlap"]))
        slots = SlotMap(chosen["slots"])
    except ValueError as error:
        raise InvalidSettings(f"The published model cannot be planned so: {error}.") from error
    return CogVideoXPlanner(identity_of(folder), layout, slots)
