"""A recipe: everything that decides what weights come out, in one TOML file per model.

The same recipe, manifest and machine give the same weights but for the order of floating-point sums.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.text_files import read_text_file
from sparkvsr_engine.models.lite.networks.network import LiteConfig
from sparkvsr_engine.models.lite.pixels.planes import CANVAS_STEP
from sparkvsr_engine.training.published.recipe import read_published
from sparkvsr_engine.training.records import record_of, refuse_keys
from sparkvsr_engine.training.sampling.keyframe_corruption import SpoilRecipe
from sparkvsr_engine.training.sampling.sample_recipe import SampleRecipe
from sparkvsr_engine.training.scenes.bank import SceneRecipe
from sparkvsr_engine.training.scenes.mixed_scenes import GraphicsRecipe
from sparkvsr_engine.training.scenes.scenes_with_made_keyframes import MadeRecipe
from sparkvsr_engine.training.scenes.stage_clips import STAGE_HEIGHT
from sparkvsr_engine.training.scenes.teacher_outputs import AnswerRecipe
from sparkvsr_engine.training.schedule import Recipe, StageSchedule, common_fields
from sparkvsr_engine.training.shots.shot_recipe import read_shot_recipe
from sparkvsr_engine.training.trainees.image_trainee import ImageRecipe, ImageStage
from sparkvsr_engine.training.trainees.judging import DamageRecipe

START_PARTS = ("all", "clean")
SHIPPED = Path(__file__).with_name("recipes")


@dataclass(frozen=True)
class StageRecipe(StageSchedule):
    """One stage of training `lite`.

    crop: side of a crop, full-size pixels.
    blind_share: of the learning rate for the blind path, which may start from trained weights.
    graded: share of samples in other colours (`spoiling`), on top of the recipe's.
    Weights of losses: blind, keyed (residuals), perceptual (of degraded sources only), temporal (of what
    changes from frame to frame and should not: two frames are restored), squared (of the blind result,
    against the upsampled source's: its least is the mean of what the truth may be); 0 leaves one out.
    Raises ValueError for a crop that no stage holds.
    """

    blind_share: float = 1.0
    crop: int = 192
    blind: float = 0.5
    keyed: float = 1.0
    perceptual: float = 0.0
    temporal: float = 0.0
    squared: float = 0.0
    graded: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.crop <= STAGE_HEIGHT or self.crop % CANVAS_STEP:
            raise ValueError(f"crop is {self.crop}, not a multiple of {CANVAS_STEP} up to {STAGE_HEIGHT}")


@dataclass(frozen=True, kw_only=True)
class LiteRecipe(Recipe):
    """The whole training of `lite`. warm_start: start the blind path from SPAN. made: which image models make
    keyframes of degraded scenes, None for those that the bank drew. graphics: generated scenes among the
    footage, None for footage alone. start_part: the network of a weights file that training goes on from,
    "all" or "clean".
    """

    stages: tuple[StageRecipe, ...]
    network: LiteConfig
    scene: SceneRecipe
    sample: SampleRecipe
    warm_start: bool = False
    made: MadeRecipe | None = None
    graphics: GraphicsRecipe | None = None
    start_part: str = "all"

    def __post_init__(self) -> None:
        if self.start_part not in START_PARTS:
            raise ValueError(f"start_part is {self.start_part!r}, not one of {', '.join(START_PARTS)}")
        if self.made is not None and self.graphics is not None:
            raise ValueError("[made] and [graphics] exclude each other; leave one out")
        if self.made is not None and self.scene.paired:
            raise ValueError("[made] makes no keyframes of pairs; leave out paired")
        if any(stage.temporal for stage in self.stages) and not self.scene.paired:
            raise ValueError("a stage has a temporal loss, which needs paired = true under [scene]")


def find_recipe(name: str) -> Path:
    """A shipped recipe's file by its name, or a file of one's own; raises InvalidSettings."""
    given_path = Path(name)
    path = given_path if given_path.suffix == ".toml" else SHIPPED / f"{name}.toml"
    if not path.is_file():
        names = ", ".join(sorted(recipe.stem for recipe in SHIPPED.glob("*.toml")))
        raise InvalidSettings(f"there is no recipe '{name}'; use {names}, or a .toml file.")
    return path


def read_recipe(path: Path) -> Recipe:
    """The recipe of a file, of its model's kind; raises InvalidSettings naming what it does not know."""
    try:
        data = tomllib.loads(read_text_file(path))
        model = data.pop("model", "lite")
        if model not in _READERS:
            raise ValueError(f"model is {model!r}, not one of {', '.join(_READERS)}")
        return _READERS[model](data)
    except KeyError as error:
        raise _malformed(path, f"{error} is missing") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise _malformed(path, str(error)) from error


def _read_lite(data: Mapping[str, Any]) -> LiteRecipe:
    refuse_keys(LiteRecipe, data)
    common = common_fields(data)
    seed = common["seed"]
    sample = dict(data.get("sample", {}))
    spoil = record_of(SpoilRecipe, sample.pop("spoil", {}))
    return LiteRecipe(
        **common,
        network=record_of(LiteConfig, data.get("network", {})),
        scene=record_of(SceneRecipe, {"seed": seed, **data.get("scene", {})}),
        sample=record_of(SampleRecipe, {"seed": seed + 1, "spoil": spoil, **sample}),
        stages=tuple(record_of(StageRecipe, stage) for stage in data["stages"]),
        warm_start=bool(data.get("warm_start", LiteRecipe.warm_start)),
        made=record_of(MadeRecipe, data["made"]) if "made" in data else None,
        graphics=_graphics_of(data),
        start_part=str(data.get("start_part", LiteRecipe.start_part)),
    )


def _read_damage(data: Mapping[str, Any]) -> DamageRecipe:
    refuse_keys(DamageRecipe, data)
    common = common_fields(data)
    return DamageRecipe(
        **common,
        stages=tuple(record_of(StageSchedule, stage) for stage in data["stages"]),
        scene=record_of(SceneRecipe, {"seed": common["seed"], **data.get("scene", {})}),
        graphics=_graphics_of(data),
        scenes=int(data["scenes"]),
        as_they_come=int(data.get("as_they_come", DamageRecipe.as_they_come)),
        dropped=float(data.get("dropped", DamageRecipe.dropped)),
    )


def _graphics_of(data: Mapping[str, Any]) -> GraphicsRecipe | None:
    return record_of(GraphicsRecipe, data["graphics"]) if "graphics" in data else None


def _read_image(data: Mapping[str, Any]) -> ImageRecipe:
    refuse_keys(ImageRecipe, data)
    common = common_fields(data)
    options = {name: data[name] for name in ("features", "blocks", "degraded_share") if name in data}
    return ImageRecipe(
        **common,
        **options,
        stages=tuple(record_of(ImageStage, stage) for stage in data["stages"]),
        scene=record_of(SceneRecipe, {"seed": common["seed"], **data.get("scene", {})}),
        scenes=int(data["scenes"]),
        graphics=_graphics_of(data),
        answers=record_of(AnswerRecipe, data["answers"]),
        start_from=str(data["start_from"]),
    )


def _malformed(path: Path, what: str) -> InvalidSettings:
    return InvalidSettings(f"the recipe {path} is not well formed ({what}); compare it with a shipped one.")


_READERS: dict[str, Callable[[Mapping[str, Any]], Recipe]] = {
    "lite": _read_lite,
    "lite-damage": _read_damage,
    "lite-shots": read_shot_recipe,
    "image": _read_image,
    "sparkvsr": read_published,
}
