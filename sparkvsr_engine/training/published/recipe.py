"""A recipe of the published model beside its stages' schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparkvsr_engine.core.grid_windows import GRID, SlotMap
from sparkvsr_engine.models.cogvideox.planner import SIZE_MULTIPLE
from sparkvsr_engine.training.records import record_of, refuse_keys
from sparkvsr_engine.training.sampling.keyframe_corruption import SpoilRecipe
from sparkvsr_engine.training.scenes.bank import SceneRecipe
from sparkvsr_engine.training.scenes.stage_clips import STAGE_HEIGHT, STAGE_WIDTH
from sparkvsr_engine.training.schedule import Recipe, StageSchedule, common_fields

# Whole source pixels under every corner of a crop.
_SCALES = (1.0, 2.0, 4.0)


@dataclass(frozen=True)
class AdapterRecipe:
    """What of the transformer is trained: low-rank additions to its attention, or with rank 0 all of it.

    alpha: the additions count alpha / rank times.
    """

    rank: int = 0
    alpha: float = 64.0

    def __post_init__(self) -> None:
        if self.rank < 0:
            raise ValueError(f"rank is {self.rank}, not 0 or more")


@dataclass(frozen=True)
class ClipSceneRecipe:
    """What clips are drawn from; see `bank.SceneRecipe`.

    frames: of a clip, 8n+1. made_frames: how many frames of a scene with made ones an image model makes.
    """

    seed: int
    frames: int = 33
    photograph_share: float = 0.25
    degraded_share: float = 1.0
    made_share: float = 0.3
    made_frames: int = 3
    scales: tuple[tuple[float, float], ...] = ((4.0, 1.0),)

    def __post_init__(self) -> None:
        if self.frames < 1 or self.frames % GRID != 1:
            raise ValueError(f"frames is {self.frames}, not 8n+1")
        if any(scale not in _SCALES for scale, _ in self.scales):
            raise ValueError(f"scales are {self.scales}; use some of {_SCALES}")

    @property
    def stages(self) -> SceneRecipe:
        """As the bank that stages and degradations are drawn from takes it."""
        return SceneRecipe(
            self.seed,
            photograph_share=self.photograph_share,
            degraded_share=self.degraded_share,
            scales=self.scales,
        )


@dataclass(frozen=True)
class ClipSampleRecipe:
    """How samples are cut from clips and which keyframes they show.

    scenes: how many of the bank are used. blind_share: of samples without keyframes.
    most_keyframes: the others show 1 to this many, each in a slot of its own, anywhere in the clip.
    first_share: of samples with keyframes in which one is in the first slot, chance's share aside: a
    window carries its neighbour's frame there at run time.
    """

    seed: int
    scenes: int = 8000
    blind_share: float = 0.1
    most_keyframes: int = 9
    first_share: float = 0.5
    spoil: SpoilRecipe = SpoilRecipe()


@dataclass(frozen=True)
class ClipStageRecipe(StageSchedule):
    """One stage. Samples go through one at a time, so memory is that of one clip.

    frames: of a clip, 8n+1: the whole of it is judged, frame by frame. picture_share: of samples that are
    one frame. height, width: of a crop, full-size pixels, multiples of 16.
    Weights of losses: latent (mean square), and of decoded frames pixel (mean square), lpips, dists, temporal
    (differences of successive frames); 0 leaves one out, and without the last four nothing is decoded.
    """

    scenes: int = 8
    warm_up: int = 100
    final_share: float = 1.0
    gradient_norm: float = 0.1
    betas: tuple[float, float] = (0.9, 0.95)
    frames: int = 33
    height: int = 320
    width: int = 640
    picture_share: float = 0.0
    latent: float = 0.0
    pixel: float = 0.0
    lpips: float = 0.0
    dists: float = 0.0
    temporal: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.frames < 1 or self.frames % GRID != 1:
            raise ValueError(f"frames is {self.frames}, not 8n+1")
        for side, most in ((self.height, STAGE_HEIGHT), (self.width, STAGE_WIDTH)):
            if not 0 < side <= most or side % SIZE_MULTIPLE:
                raise ValueError(f"a crop's side is {side}, not a multiple of {SIZE_MULTIPLE} up to {most}")
        if not (self.latent or self.is_decoded):
            raise ValueError("a stage needs a loss")

    @property
    def is_decoded(self) -> bool:
        """Whether its results are judged as pictures."""
        return bool(self.pixel or self.lpips or self.dists or self.temporal)


@dataclass(frozen=True, kw_only=True)
class PublishedRecipe(Recipe):
    """The whole training of the published model, from weights that are no part of the recipe.

    slots: where keyframes are put; the exported folder notes it for whoever runs it.
    is_recomputed: keep few activations and compute them again for the gradients.
    """

    stages: tuple[ClipStageRecipe, ...]
    scene: ClipSceneRecipe
    sample: ClipSampleRecipe
    adapters: AdapterRecipe = AdapterRecipe()
    slots: SlotMap = SlotMap.CAUSAL
    is_recomputed: bool = True

    def __post_init__(self) -> None:
        longest = max((stage.frames for stage in self.stages), default=1)
        if longest > self.scene.frames:
            raise ValueError(f"a stage takes {longest} frames, a scene holds {self.scene.frames}")


def read_published(data: Mapping[str, Any]) -> PublishedRecipe:
    """The recipe of a file's tables; raises KeyError, TypeError, ValueError for what is no recipe."""
    refuse_keys(PublishedRecipe, data)
    common = common_fields(data)
    seed = common["seed"]
    sample = dict(data.get("sample", {}))
    spoil = record_of(SpoilRecipe, sample.pop("spoil", {}))
    return PublishedRecipe(
        **common,
        stages=tuple(record_of(ClipStageRecipe, stage) for stage in data["stages"]),
        scene=record_of(ClipSceneRecipe, {"seed": seed, **data.get("scene", {})}),
        sample=record_of(ClipSampleRecipe, {"seed": seed + 1, "spoil": spoil, **sample}),
        adapters=record_of(AdapterRecipe, data.get("adapters", {})),
        slots=SlotMap(data.get("slots", PublishedRecipe.slots)),
        is_recomputed=bool(data.get("is_recomputed", PublishedRecipe.is_recomputed)),
    )
