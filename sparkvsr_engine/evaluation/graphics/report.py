"""A page about graphics: figures by kind and method, every scene in a table for programs, a contact sheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sparkvsr_engine.evaluation.graphics.measuring import (
    FRAME,
    GraphicsMethod,
    GraphicsScore,
    measure,
    model_space,
)
from sparkvsr_engine.evaluation.graphics.scenes import KINDS, GraphicsScene, draw_scene
from sparkvsr_engine.evaluation.measures.perceptual import Distance
from sparkvsr_engine.evaluation.pictures.drawing import SheetRow, contact_sheet
from sparkvsr_engine.evaluation.pictures.files import write_png, write_whole
from sparkvsr_engine.evaluation.pixels import to_eight_bits
from sparkvsr_engine.evaluation.tables import BASELINE, Table, to_csv, to_markdown

Progress = Callable[[int, int, str], None]
SCENES = 304
ROWS, COLUMNS = 54, 96


@dataclass(frozen=True)
class GraphicsOptions:
    """methods: by name. scale: output size over source size. scenes: how many, from `seed` on. lpips: None
    where its weights are missing.
    """

    methods: Mapping[str, GraphicsMethod]
    scale: float = 4.0
    scenes: int = SCENES
    seed: int = 0
    lpips: Distance | None = None


@dataclass(eq=False)
class _Sheet:
    """One crop a kind: the first scene of each."""

    rows: dict[str, SheetRow] = field(default_factory=dict[str, SheetRow])

    def add(self, scene: GraphicsScene, cells: Mapping[str, np.ndarray]) -> None:
        if scene.kind not in self.rows:
            self.rows[scene.kind] = SheetRow(
                scene.kind, [(name, to_eight_bits(p)) for name, p in cells.items()]
            )


def write_graphics_report(options: GraphicsOptions, folder: Path, on_progress: Progress) -> tuple[Path, ...]:
    """Measure and write `graphics.md`, `graphics.csv` and `graphics.png` into `folder`.

    Args:
        options: scenes, methods and scale.
        folder: the folder.
        on_progress: called after each restored scene.

    Raises:
        OutputUnwritable: where the folder cannot be written.
        InvalidSettings: where the fonts are not installed.
    """
    scores: list[GraphicsScore] = []
    sheet = _Sheet()
    for number in range(options.scenes):
        scene = draw_scene(options.seed + number, ROWS, COLUMNS)
        cells: dict[str, np.ndarray] = {}
        for result, picture in measure([scene], options.methods, options.scale, options.lpips):
            scores.append(result)
            cells[result.method] = picture
        cells["truth"] = model_space(scene.truth(FRAME, options.scale), scene)
        sheet.add(scene, cells)
        on_progress(number + 1, options.scenes, scene.kind)
    page = f"{_introduction(options)}\n{to_markdown(summary(scores))}\n{to_markdown(by_kind(scores))}"
    return (
        write_whole(page.encode(), folder / "graphics.md"),
        write_whole(_csv(scores).encode(), folder / "graphics.csv"),
        write_png(contact_sheet(list(sheet.rows.values()), 1), folder / "graphics.png"),
    )


def summary(scores: Sequence[GraphicsScore]) -> Table:
    """A row for each method: means, the gain over bicubic and its least, what left the bound."""
    rows = []
    for method, method_scores in _by_method(scores).items():
        gains = _gains(scores, method_scores)
        rows.append(
            (
                method,
                f"{_mean([score.psnr for score in method_scores]):.2f}",
                f"{_mean(gains):+.2f}" if gains else "-",
                f"{min(gains):+.2f}" if gains else "-",
                f"{_mean([score.lpips for score in method_scores]):.3f}",
                f"{sum(score.outside > 0 for score in method_scores)}",
                f"{sum(not score.is_finite for score in method_scores)}",
            )
        )
    header = ("", "PSNR-Y", "gain", "least gain", "LPIPS", "scenes beyond the bound", "not finite")
    return Table(header, tuple(rows))


def by_kind(scores: Sequence[GraphicsScore]) -> Table:
    """The mean gain of every method over bicubic, dB, a row for each kind."""
    methods = [method for method in _by_method(scores) if method != BASELINE]
    rows = []
    for kind in KINDS:
        of_kind = [score for score in scores if score.kind == kind]
        if of_kind:
            cells = (
                _gains(of_kind, [score for score in of_kind if score.method == method]) for method in methods
            )
            rows.append((kind, *(f"{_mean(gains):+.2f}" if gains else "-" for gains in cells)))
    return Table(("kind", *methods), tuple(rows))


def _introduction(options: GraphicsOptions) -> str:
    return (
        f"# Graphics\n\n{options.scenes} generated scenes from seed {options.seed}, {COLUMNS}x{ROWS} source"
        f" pixels, x{options.scale:g}, no keyframes. Gains: over bicubic, dB of luma, up to 60 dB.\n"
    )


def _by_method(scores: Sequence[GraphicsScore]) -> dict[str, list[GraphicsScore]]:
    return {
        name: [score for score in scores if score.method == name]
        for name in dict.fromkeys(s.method for s in scores)
    }


def _gains(scores: Sequence[GraphicsScore], method_scores: Sequence[GraphicsScore]) -> list[float]:
    base = {score.seed: score.psnr for score in scores if score.method == BASELINE}
    return [score.psnr - base[score.seed] for score in method_scores if score.seed in base]


def _csv(scores: Sequence[GraphicsScore]) -> str:
    header = ("seed", "kind", "method", "psnr_y", "lpips", "outside", "is_finite")
    rows = ((s.seed, s.kind, s.method, s.psnr, s.lpips, s.outside, s.is_finite) for s in scores)
    return to_csv(header, rows)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
