"""How samples of `lite` are cut from scenes, as a recipe's `[sample]` sets."""

from __future__ import annotations

from dataclasses import dataclass

from sparkvsr_engine.training.sampling.keyframe_corruption import SpoilRecipe

SOURCES = ("all", "clean")


@dataclass(frozen=True)
class SampleRecipe:
    """How samples are cut from scenes.

    blind_share, single_share: samples shown no or one keyframe; the rest is shown two. scenes: how many of
    the bank are used. scales: of scenes that are used, others are drawn instead; all where none is named.
    sources: "clean" for scenes that did not go through the degradation alone, "all" for any.
    degraded: share of samples from degraded scenes, 0..1; as many as the bank holds where none is named.
    taught: how far, 0..1, the blind path is to follow SPAN instead of the truth where a
    scene holds its answer: footage is softer than what SPAN was trained on. recoloured: share of samples
    in other, stronger colours, source and truth alike (`recolouring`).
    """

    seed: int
    crops_per_scene: int = 2
    blind_share: float = 0.12
    single_share: float = 0.4
    scenes: int = 8000
    scales: tuple[float, ...] = ()
    sources: str = "all"
    degraded: float | None = None
    taught: float = 0.0
    recoloured: float = 0.0
    spoil: SpoilRecipe = SpoilRecipe()

    def __post_init__(self) -> None:
        if self.sources not in SOURCES:
            raise ValueError(f"sources is {self.sources!r}, not one of {', '.join(SOURCES)}")
