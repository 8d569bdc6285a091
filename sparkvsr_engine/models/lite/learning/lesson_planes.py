"""Planes of one example, as the network sees them at run time: target, warped keyframes, expected result.

Whole bands, on the processor, float32; crops are cut of them (`crops`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.bands import Band
from sparkvsr_engine.models.lite.frame_restorer import FrameRestorer
from sparkvsr_engine.models.lite.learning.examples import Example
from sparkvsr_engine.models.lite.motion.keyframe_warping import LiteKeyframe
from sparkvsr_engine.models.lite.networks.network import MOST_KEYFRAMES
from sparkvsr_engine.models.lite.networks.stages import Reference, Target
from sparkvsr_engine.models.lite.pixels.filters import cubic
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes, canvas_size, pad_to_cells, planes_of
from sparkvsr_engine.models.lite.working_size import OutputResampler

# Luma that differs by more, once noise is averaged away, is of two things.
_ALIKE = 0.02


@dataclass(frozen=True, eq=False)
class Lesson:
    """A keyframe to learn from.

    keyframe: encoded as for rendering. target: the residual it is of, planes at home. weight: where and how
    far it counts, float32 [1, 1, Hc, Wc], nothing beyond the picture.
    """

    keyframe: LiteKeyframe
    target: Planes
    weight: Tensor


def lesson_of(keyframe: LiteKeyframe, way: OutputResampler, matte: NDArray[np.float32] | None) -> Lesson:
    """A keyframe made ready to learn from.

    Args:
        keyframe: the keyframe made ready.
        way: brings results to the output's size.
        matte: [H, W] at the output's size.
    """
    home, output = way.home, way.output
    target = keyframe.residual
    if not way.is_short:
        target = target + planes_of(_left_out(keyframe.picture, way))
    inside = torch.ones(1, 1, home.height, home.width)
    if matte is not None:
        drawn = torch.from_numpy(np.ascontiguousarray(matte))[None, None]
        same = (output.width, output.height) == (home.width, home.height)
        inside = inside * (drawn if same else F.interpolate(drawn, inside.shape[-2:], mode="bilinear"))
    width, height = canvas_size(home.width, home.height)
    return Lesson(keyframe, target, F.pad(inside, (0, width - home.width, 0, height - home.height)))


def bands_of_example(
    work: FrameRestorer, home: Geometry, example: Example, lesson_of_frame: Callable[[int], Lesson]
) -> Iterator[tuple[Band, dict[str, Tensor]]]:
    """Each band of an example's target with planes by the names of `batches.run_batch`, without batches.

    Args:
        work: restores the shot's frames.
        home: the sizes that the network works at.
        example: a keyframe's frame and its neighbours.
        lesson_of_frame: gives what is to be learnt of a frame.
    """
    lesson, frame = lesson_of_frame(example.target), example.frame
    keyframes = [lesson_of_frame(keyframe).keyframe for keyframe in example.keyframes]
    around = work.around(frame)
    flows = [work.warper.flow(frame, keyframe) for keyframe in example.keyframes]
    for band in work.bands:
        target = work.target(frame, None, around, band)
        target_residual, weight = (
            moved_lesson(work, lesson, frame, target, band) if example.offset else _own_lesson(lesson, band)
        )
        samples = target.samples if _on_cells(home) else None
        rows, columns = target.source.luma.shape[-2] // CELL, target.source.luma.shape[-1] // CELL
        own_luma = (
            torch.zeros(1, 1, rows, columns) if samples is None else _padded(samples.luma, rows, columns)
        )
        planes = {
            "luma": target.source.luma,
            "chroma": target.source.chroma,
            "half": target.half,
            "neighbours": target.neighbours,
            "own": own_luma,
            "wanted_luma": target_residual.luma,
            "wanted_chroma": target_residual.chroma,
            "weight": weight,
            "has_samples": torch.tensor([samples is not None]),
            "scale": torch.tensor([home.scale], dtype=torch.float32),
        }
        for slot in range(MOST_KEYFRAMES):
            reference = None
            if slot < len(keyframes):
                reference = work.warper.reference(frame, keyframes[slot], flows[slot], samples, band)
            planes |= _slot_planes(slot, reference, planes["luma"])
        yield band, {name: plane[0].cpu() for name, plane in planes.items()}


def moved_lesson(
    work: FrameRestorer, lesson: Lesson, frame: int, target: Target, band: Band
) -> tuple[Planes, Tensor]:
    """A keyframe moved onto a frame beside it, as the residual wanted there, and where it counts.

    Args:
        work: restores the shot's frames.
        lesson: of the keyframe.
        frame: the one beside it.
        target: what the network sees of that frame in the band.
        band: the rows.
    """
    keyframe = lesson.keyframe
    flow = work.warper.flow(frame, keyframe.frame)

    def moved(planes: Planes) -> Reference:
        return work.warper.reference(frame, replace(keyframe, residual=planes), flow, target.samples, band)

    whole = lesson.target + planes_of(work.canvas(keyframe.frame))
    picture = moved(whole)
    inside = moved(Planes(lesson.weight, whole.chroma)).residual.luma.clamp(0, 1)
    return picture.residual - target.source, inside * likeness(picture.half, target.half)


def likeness(moved: Tensor, reference: Tensor) -> Tensor:
    """How far two half-size lumas [N, 1, h, w] show the same, 0..1 [N, 1, 2h, 2w].

    Args:
        moved: of a frame brought onto the other.
        reference: of the other.
    """
    apart = F.avg_pool2d(moved - reference, 5, 1, 2, count_include_pad=False).abs()
    alike = torch.exp(-(apart / _ALIKE).square())
    # What lies beside something else was hidden in one of the two.
    around = F.avg_pool2d(alike, 9, 1, 4, count_include_pad=False)
    return (alike * around).repeat_interleave(2, -1).repeat_interleave(2, -2)


def _own_lesson(lesson: Lesson, band: Band) -> tuple[Planes, Tensor]:
    target = lesson.target
    target_residual = Planes(band.of_canvas(target.luma), band.of_canvas(target.chroma, 2))
    return target_residual, band.of_canvas(lesson.weight)


def _slot_planes(slot: int, reference: Reference | None, like: Tensor) -> dict[str, Tensor]:
    rows, columns = like.shape[-2:]
    missing = torch.zeros(1, 1, rows // CELL, columns // CELL)
    if reference is None:
        planes = {
            "luma": torch.zeros_like(like),
            "chroma": like.new_zeros(1, 2, rows // 2, columns // 2),
            "half": like.new_zeros(1, 1, rows // 2, columns // 2),
            "missing": missing,
            "distance": torch.zeros(1, dtype=torch.long),
        }
    else:
        planes = {
            "luma": reference.residual.luma,
            "chroma": reference.residual.chroma,
            "half": reference.half,
            "missing": missing
            if reference.missing is None
            else _padded(reference.missing, *missing.shape[-2:]),
            "distance": reference.distance,
        }
    return {f"key{slot}_{name}": plane for name, plane in planes.items()}


def _padded(samples: Tensor, rows: int, columns: int) -> Tensor:
    """Samples of a source on the grid of a canvas's cells, the edge repeated."""
    down, across = rows - samples.shape[-2], columns - samples.shape[-1]
    return F.pad(samples, (0, across, 0, down), mode="replicate") if down or across else samples


def _on_cells(home: Geometry) -> bool:
    """Whether every source pixel is exactly a cell, so that a part of one is a part of the other."""
    return home.width == CELL * home.source_width and home.height == CELL * home.source_height


def _left_out(picture: Tensor, way: OutputResampler) -> Tensor:
    """The detail a keyframe loses when it is enlarged to home and reduced again, [1, 3, Hc, Wc].

    Without it, learnt results would be softer than their keyframe.
    """
    output, home = way.output, way.home
    inside = picture[..., : output.height, : output.width]
    enlarged = cubic(inside, home.height, home.width)
    back = F.interpolate(enlarged, size=inside.shape[-2:], mode="bicubic", antialias=True)
    return pad_to_cells(cubic(inside - back, home.height, home.width))
