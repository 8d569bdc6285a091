"""A recipe: everything that decides what weights come out, in one TOML file per model.

The same recipe, manifest and machine give the same weights but for the order of floating-point sums.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bridge.errors import InvalidSettings
from sparkvsr_engine.models.lite.network import LiteConfig
from sparkvsr_engine.models.lite.planes import CANVAS_STEP
from sparkvsr_engine.training.bank import SceneRecipe
from sparkvsr_engine.training.samples import SampleRecipe
from sparkvsr_engine.training.spoiling import SpoilRecipe
from sparkvsr_engine.training.stage_clips import STAGE_HEIGHT

SHIPPED = Path(__file__).with_name("recipes")
R = TypeVar("R")
# Of a recipe's top level; what is left out has the record's default.
_OPTIONAL: dict[str, Callable[[Any], Any]] = {
    "held_back": tuple,
    "warm_start": bool,
    "ema": float,
    "checkpoint_steps": int,
    "report_steps": int,
}


@dataclass(frozen=True)
class StageRecipe:
    """One stage of training.

    steps: optimiser steps. scenes: scenes per step. crop: side of a crop, full-size pixels.
    learning_rate: at its highest; warm-up steps rise to it, then a cosine falls to `final_share` of it.
    blind_share: of the rate for the blind path, which may start from trained weights.
    graded: share of samples in other colours (`spoiling`), on top of the recipe's.
    Weights of losses: blind, keyed (residuals), perceptual (of degraded sources only); 0 leaves one out.
    Raises ValueError for a crop that no stage holds.
    """

    steps: int
    learning_rate: float
    blind_share: float = 1.0
    scenes: int = 6
    crop: int = 192
    warm_up: int = 200
    final_share: float = 0.01
    gradient_norm: float = 0.5
    weight_decay: float = 1e-4
    blind: float = 0.5
    keyed: float = 1.0
    perceptual: float = 0.0
    graded: float = 0.0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.scenes < 1:
            raise ValueError("a stage needs 1 step and 1 scene or more")
        if not 0 < self.crop <= STAGE_HEIGHT or self.crop % CANVAS_STEP:
            raise ValueError(f"crop is {self.crop}, not a multiple of {CANVAS_STEP} up to {STAGE_HEIGHT}")


@dataclass(frozen=True)
class Recipe:
    """A model's whole training.

    held_back: clips never trained on, by their file's stem. warm_start: start the blind path from SPAN.
    ema: decay of the averaged weights that are shipped.
    """

    name: str
    seed: int
    network: LiteConfig
    scene: SceneRecipe
    sample: SampleRecipe
    stages: tuple[StageRecipe, ...]
    held_back: tuple[str, ...] = ()
    warm_start: bool = False
    ema: float = 0.999
    checkpoint_steps: int = 500
    report_steps: int = 100


def find_recipe(name: str) -> Path:
    """A shipped recipe's file by its name, or a file of one's own; raises InvalidSettings."""
    own = Path(name)
    path = own if own.suffix == ".toml" else SHIPPED / f"{name}.toml"
    if not path.is_file():
        there = ", ".join(sorted(found.stem for found in SHIPPED.glob("*.toml")))
        raise InvalidSettings(f"there is no recipe '{name}'; use {there}, or a .toml file.")
    return path


def read_recipe(path: Path) -> Recipe:
    """The recipe of a file; raises InvalidSettings naming what it does not know."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        _refuse_keys(Recipe, data)
        seed = int(data["seed"])
        sample = dict(data.get("sample", {}))
        spoil = _record(SpoilRecipe, sample.pop("spoil", {}))
        return Recipe(
            name=str(data["name"]),
            seed=seed,
            network=_record(LiteConfig, data.get("network", {})),
            scene=_record(SceneRecipe, {"seed": seed, **data.get("scene", {})}),
            sample=_record(SampleRecipe, {"seed": seed + 1, "spoil": spoil, **sample}),
            stages=tuple(_record(StageRecipe, stage) for stage in data["stages"]),
            **{name: kind(data[name]) for name, kind in _OPTIONAL.items() if name in data},
        )
    except KeyError as error:
        raise _malformed(path, f"{error} is missing") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise _malformed(path, str(error)) from error


def _malformed(path: Path, what: str) -> InvalidSettings:
    return InvalidSettings(f"the recipe {path} is not well formed ({what}); compare it with a shipped one.")


def _refuse_keys(kind: type[Any], values: Mapping[str, Any]) -> None:
    """Raise ValueError naming what a table has and its record has not."""
    known = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(unknown)}")


def _record(kind: type[R], values: Mapping[str, Any]) -> R:
    """A frozen record of a table; lists become tuples."""
    _refuse_keys(kind, values)
    return kind(**{name: _frozen(value) for name, value in values.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
