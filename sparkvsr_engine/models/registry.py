"""Restorers by name: planned without loading anything, opened when they are to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from bridge.errors import UnknownModel
from bridge.reports import ModelReport
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.models.base import FrameReader, Restorer, RestorerTraits

LITE = "lite"
IDENTITY = "identity"
PUBLISHED = "sparkvsr"
# They take next to no memory beside a large model.
SMALL = (LITE, IDENTITY)


class Planner(Protocol):
    """What can be told about a restorer without its weights in memory."""

    @property
    def traits(self) -> RestorerTraits:
        """What it is."""
        ...

    @property
    def planning_options(self) -> dict[str, Any]:
        """What `open_planner` takes to plan the same again."""
        ...

    def crowded_out(self, shot: FrameSpan, keyframes: Sequence[int]) -> tuple[int, ...]:
        """Keyframes of a shot that stay without effect, because one close to each takes its place."""
        ...

    def hears_damage(self, geometry: Geometry) -> bool:
        """Whether `ShotSettings.damage` changes a result of this size."""
        ...

    def sees_enough(self, reader: FrameReader, geometry: Geometry, damage: float | None) -> bool:
        """Whether keyframes an image model makes of a shot's own frames would add nothing.

        reader: the shot's frames; a few of them are read. damage: see `models.base.ShotSettings`. Raises
        ModelMissing.
        """
        ...

    def plan(
        self, shot: FrameSpan, wanted: FrameSpan, keyframes: Sequence[int], geometry: Geometry
    ) -> list[Chunk]:
        """See `models.base.Restorer.plan`."""
        ...


def published_folder(name: str, models_folder: Path) -> Path | None:
    """The checkpoint folder a model name means, None for those built in; raises UnknownModel for others."""
    if name in SMALL:
        return None
    folder = models_folder / PUBLISHED if name == PUBLISHED else Path(name).expanduser()
    if name == PUBLISHED or folder.is_dir():
        return folder
    raise UnknownModel(f"There is no model '{name}'; use lite, sparkvsr, identity or a checkpoint folder.")


def open_planner(name: str, models_folder: Path, options: Mapping[str, Any]) -> Planner:
    """Plans for a model. options: what it was planned with before (`planning_options`), empty for a new job.

    Raises UnknownModel, ModelMissing.
    """
    folder = published_folder(name, models_folder)
    if name == IDENTITY:
        from sparkvsr_engine.models.identity.planner import IdentityPlanner

        return IdentityPlanner()
    if folder is None:
        from sparkvsr_engine.models.lite.planner import LitePlanner

        return LitePlanner()
    from sparkvsr_engine.models.cogvideox.planner import open_cogvideox_planner

    return open_cogvideox_planner(folder, options)


def open_restorer(
    name: str, models_folder: Path, cache_folder: Path, device: str, cache_bytes: int = 0
) -> Restorer:
    """A model on a device, ready to run. cache_bytes: what it may keep in its folder.

    Raises UnknownModel, ModelMissing, OutOfMemory, InvalidSettings for an unknown device.
    """
    folder = published_folder(name, models_folder)
    if name == IDENTITY:
        from sparkvsr_engine.models.identity.restorer import IdentityRestorer

        return IdentityRestorer()
    if folder is None:
        from sparkvsr_engine.models.lite.opening import open_lite

        return open_lite(device)
    from sparkvsr_engine.models.cogvideox.restorer import OpenOptions, open_cogvideox
    from sparkvsr_engine.models.devices import find_device

    options = OpenOptions(cache_folder=cache_folder, cache_bytes=cache_bytes)
    return open_cogvideox(folder, str(find_device(device)), options)


def list_restorers(models_folder: Path) -> list[ModelReport]:
    """The restorers there are, ready or with the command that makes them so. Loads nothing."""
    from sparkvsr_engine.core.grid_windows import GridLayout
    from sparkvsr_engine.models.lite.planner import CONTEXT_FRAMES

    folder = models_folder / PUBLISHED
    is_there = (folder / "transformer" / "config.json").is_file()
    return [
        ModelReport(
            LITE,
            "restorer",
            True,
            "compact restorer, any scale and size, runs on a laptop",
            "Apache-2.0",
            context_frames=CONTEXT_FRAMES,
        ),
        ModelReport(
            IDENTITY,
            "restorer",
            True,
            "returns its input; for checking a pipeline, at scale 1",
            "Apache-2.0",
            context_frames=0,
        ),
        ModelReport(
            PUBLISHED,
            "restorer",
            is_there,
            "the published CogVideoX1.5-5B model, for a GPU",
            "CogVideoX licence (weights)",
            "" if is_there else "run 'sparkvsr models fetch sparkvsr' or 'sparkvsr models add DIR'",
            # A frame lies anywhere in a window.
            context_frames=GridLayout().length - 1,
        ),
    ]
