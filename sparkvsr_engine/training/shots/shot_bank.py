"""Crops of damaged shots, with the truth for what is wanted, made once and kept.

Frames are denoised, keyframes aligned, locked, moved and weighed by the code of a job, so that the network is
trained on what it sees there. A shot is a pure function of the recipe's seed and its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import BytePicture, Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory
from sparkvsr_engine.models.base import LOCK, KeyframePicture, ShotSettings
from sparkvsr_engine.models.isr.registry import isr_identity
from sparkvsr_engine.models.isr.upscaler import make_keyframe
from sparkvsr_engine.models.lite.learning.crops import Crop, cut_crops, joined
from sparkvsr_engine.models.lite.learning.lesson_planes import bands_of_example
from sparkvsr_engine.models.lite.learning.teaching import Lessons
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.models.lite.planner import CODE_VERSION
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.references.preparing import prepare_reference
from sparkvsr_engine.training.degradation.chain import degrade
from sparkvsr_engine.training.sampling.sample_planes import to_eight_bits, to_unit
from sparkvsr_engine.training.scenes.bank import Bank
from sparkvsr_engine.training.scenes.scene_files import SceneFiles
from sparkvsr_engine.training.scenes.stage_clips import STAGE_HEIGHT, STAGE_WIDTH
from sparkvsr_engine.training.scenes.teacher_outputs import opened_model
from sparkvsr_engine.training.shots.shot_plan import ShotPlan, draw_plan
from sparkvsr_engine.training.shots.shot_recipe import TRUE, WRONG, ShotDraws

_SCALE = 4
_GEOMETRY = Geometry(STAGE_WIDTH // _SCALE, STAGE_HEIGHT // _SCALE, STAGE_WIDTH, STAGE_HEIGHT)


class ShotBank:
    """Crops by the number of their shot.

    stages: what frames are taken from. home: the engine's home folder, where fetched models lie; None looks
    at shipped and installed ones. Raises UnknownModel and ModelMissing.
    """

    def __init__(self, folder: Path, draws: ShotDraws, stages: Bank, home: Path | None) -> None:
        self._draws = draws
        self._stages = stages
        self._home = home
        identities = [isr_identity(model, "cpu", home) for model in draws.models]
        origin = {**draws.to_record(), **stages.footage, "identities": identities, "code": CODE_VERSION}
        self._files = SceneFiles(folder, origin)

    def check(self) -> None:
        """As `Bank.check`."""
        self._files.check()

    def scene(self, number: int) -> dict[str, NDArray[Any]]:
        """A shot's crops by plane, [N, ...] of float16, made when they are not there yet."""
        return self._files.load(number, lambda: self._make(number))

    def _make(self, number: int) -> Mapping[str, NDArray[Any]]:
        rng = np.random.default_rng([self._draws.seed, number])
        stage = self._stages.draw_stage(rng)
        plan = draw_plan(stage.length, self._draws, rng)
        truth = [stage.frame(place) for place in plan.frames]
        source = [
            to_unit(frame)
            for frame in degrade(truth, _GEOMETRY.source_width, _GEOMETRY.source_height, rng, plan.strength)
        ]
        pictures = {
            place: self._keyframe(place, self._picture(plan, place, truth, source, rng), source[place])
            for place in plan.keyframes
        }
        for example in plan.examples:
            frame = example.target
            pictures[frame] = KeyframePicture(frame, to_unit(truth[frame]), f"truth {frame}")
        planes = joined(self._crops(plan, source, pictures, rng))
        return {name: _stored(plane) for name, plane in planes.items()}

    def _picture(
        self,
        plan: ShotPlan,
        place: int,
        truth: Sequence[BytePicture],
        source: Sequence[Picture],
        rng: np.random.Generator,
    ) -> Picture:
        """What a keyframe shows."""
        if plan.kind == TRUE:
            return to_unit(truth[place])
        if plan.kind == WRONG:
            other_stage = self._stages.draw_stage(rng)
            return to_unit(other_stage.frame(int(rng.integers(other_stage.length))))
        upscaler = opened_model(plan.kind, self._home)
        return to_unit(to_eight_bits(make_keyframe(upscaler, source[place], STAGE_WIDTH, STAGE_HEIGHT)))

    def _keyframe(self, place: int, picture: Picture, source: Picture) -> KeyframePicture:
        reference = prepare_reference(place, picture, source, _GEOMETRY, LOCK, is_supplied=True)
        trust = reference.report.trust
        return KeyframePicture(place, reference.pixels, str(place), None, trust, reference.painted)

    def _crops(
        self,
        plan: ShotPlan,
        source: Sequence[Picture],
        pictures: Mapping[int, KeyframePicture],
        rng: np.random.Generator,
    ) -> list[Crop]:
        reader = FramesInMemory(source, FrameSpan(0, len(source)))
        shot = _restorer().open_shot(reader, _GEOMETRY, ShotSettings(LOCK, damage=1.0), lambda: False)
        lessons = Lessons(shot, pictures.__getitem__)
        crops: list[Crop] = []
        with torch.no_grad():
            for example in plan.examples:
                for band, planes in bands_of_example(shot.work, shot.way_out.home, example, lessons.lesson):
                    height = band.geometry.height
                    crops += cut_crops(planes, band, height, self._draws.crops, self._draws.side, rng)
        return crops


@lru_cache(maxsize=1)
def _restorer() -> LiteRestorer:
    return open_lite("cpu")


def _stored(plane: torch.Tensor) -> NDArray[Any]:
    is_plane = plane.ndim > 2 and plane.is_floating_point()
    return (plane.half() if is_plane else plane).numpy()
