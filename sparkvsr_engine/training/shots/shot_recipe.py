"""What shots are drawn from, and how `lite` is trained on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sparkvsr_engine.models.lite.networks.network import LiteConfig
from sparkvsr_engine.models.lite.pixels.planes import CANVAS_STEP
from sparkvsr_engine.training.records import record_of, refuse_keys
from sparkvsr_engine.training.scenes.stage_clips import STAGE_HEIGHT
from sparkvsr_engine.training.schedule import Recipe, StageSchedule, common_fields

# Kinds of keyframes that no model makes.
TRUE, WRONG = "true", "wrong"


@dataclass(frozen=True)
class ShotStage(StageSchedule):
    """crops: of each shot in a step. blind_share: of the learning rate for the blind path.

    Weights of losses beside that of pixels: blind (pixels without keyframes), grid (dots on the grid of
    cells), textures, perceptual (LPIPS); see `models.lite.learning.objective`.
    """

    crops: int = 2
    blind_share: float = 1.0
    blind: float = 1.0
    grid: float = 2.0
    textures: float = 0.0
    perceptual: float = 0.0


@dataclass(frozen=True)
class ShotDraws:
    """What shots are drawn from.

    shots: how many there are. photograph_share: of those made from photographs under a moving camera.
    farthest: frames between two keyframes. doubled: share of shots that show every second frame. strengths:
    of the damage, least and most, see `degradation.chain.degrade`.
    keyframes: (kind, share); a kind is `true`, `wrong` (of another shot), or an image model's name. single:
    share of shots with one keyframe. bare: share of targets that are restored without any.
    targets: frames of a shot between its keyframes that are learnt. crops: of each. side: of a crop, pixels.
    Raises ValueError for a crop that no stage holds.
    """

    seed: int
    shots: int = 800
    photograph_share: float = 0.2
    farthest: int = 16
    doubled: float = 0.25
    strengths: tuple[float, float] = (0.25, 1.0)
    keyframes: tuple[tuple[str, float], ...] = (("crisp", 0.5), (TRUE, 0.4), (WRONG, 0.1))
    single: float = 0.25
    bare: float = 0.25
    targets: int = 3
    crops: int = 8
    side: int = 128

    def __post_init__(self) -> None:
        if not 0 < self.side <= STAGE_HEIGHT or self.side % CANVAS_STEP:
            raise ValueError(f"side is {self.side}, not a multiple of {CANVAS_STEP} up to {STAGE_HEIGHT}")

    @property
    def models(self) -> tuple[str, ...]:
        """The image models that make keyframes."""
        return tuple(kind for kind, _ in self.keyframes if kind not in (TRUE, WRONG))

    def to_record(self) -> dict[str, Any]:
        """What a bank's folder notes: all but how many there are."""
        return {name: value for name, value in asdict(self).items() if name != "shots"}


@dataclass(frozen=True, kw_only=True)
class ShotRecipe(Recipe):
    """Goes on with `lite`'s weights for all footage."""

    stages: tuple[ShotStage, ...]
    network: LiteConfig
    shots: ShotDraws


def read_shot_recipe(data: Mapping[str, Any]) -> ShotRecipe:
    """Of a recipe's file; raises KeyError, TypeError and ValueError as its records do."""
    refuse_keys(ShotRecipe, data)
    common = common_fields(data)
    return ShotRecipe(
        **common,
        stages=tuple(record_of(ShotStage, stage) for stage in data["stages"]),
        network=record_of(LiteConfig, data.get("network", {})),
        shots=record_of(ShotDraws, {"seed": common["seed"], **data.get("shots", {})}),
    )
