"""Runs one method on one clip and judges every frame against the truth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparkvsr_bridge.errors import InternalError
from sparkvsr_engine.core.arrays import BytePicture, Pixels
from sparkvsr_engine.evaluation.metrics import FrameScores
from sparkvsr_engine.evaluation.pictures.crops import CropBox, worst_crop
from sparkvsr_engine.evaluation.pixels import resize_bicubic, to_eight_bits
from sparkvsr_engine.evaluation.protocol.clips import TruthClip
from sparkvsr_engine.evaluation.protocol.methods import Method, RestorationTask
from sparkvsr_engine.evaluation.streams import MetricKit
from sparkvsr_engine.models.base import LOCK

CROP_WIDTH, CROP_HEIGHT = 192, 144


@dataclass(frozen=True)
class SampleView:
    """What of a clip is shown: a frame and a part of it."""

    frame: int
    box: CropBox


@dataclass(frozen=True, eq=False)
class Verdict:
    """One method on one clip.

    rows: scores of every frame, keyframes included. crop: the sample view, uint8 [h, w, 3].
    seconds_per_frame: wall time of the method alone.
    """

    rows: tuple[FrameScores, ...]
    crop: BytePicture
    seconds_per_frame: float


def choose_view(truth: TruthClip, source: Sequence[BytePicture]) -> SampleView:
    """Where bicubic fails most, a quarter into the clip: as far from first, middle and last as can be."""
    frame = len(truth.frames) // 4
    interpolated = resize_bicubic(source[frame], *truth.size)
    return SampleView(frame, worst_crop(interpolated, truth.frames[frame], CROP_WIDTH, CROP_HEIGHT))


def judge(
    method: Method,
    truth: TruthClip,
    source: Sequence[BytePicture],
    keyframes: Mapping[int, BytePicture],
    *,
    kit: MetricKit,
    view: SampleView,
    look: str = LOCK,
) -> Verdict:
    """Restore the clip with one method, judging each frame as it comes.

    Args:
        method: restores the clip.
        truth: the clip at full size.
        source: the clip's source frames, uint8 [h, w, 3].
        keyframes: pictures by frame number, uint8.
        kit: the measures.
        view: the frames whose pictures are kept.
        look: whose colour the result is to have.

    Raises:
        InternalError: when the method returns another number of frames than it was given.
    """
    task = RestorationTask(source, keyframes if method.uses_keyframes else {}, *truth.size, look)
    stream = kit.open_stream()
    crop: BytePicture | None = None
    seconds = 0.0
    for number, (result, spent) in enumerate(_timed(lambda: method.restore(task))):
        if number == len(source):
            raise InternalError(f"{method.name} restored more than the {number} frames of {truth.name}.")
        seconds += spent
        stream.feed(number, result, truth.frames[number], source[number])
        if number == view.frame:
            crop = view.box.cut(to_eight_bits(result)).copy()
    if crop is None or len(stream.rows) < len(source):
        done = len(stream.rows)
        raise InternalError(f"{method.name} restored {done} of {len(source)} frames of {truth.name}.")
    return Verdict(tuple(stream.rows), crop, seconds / len(source))


def _timed(restore: Callable[[], Iterable[Pixels]]) -> Iterator[tuple[Pixels, float]]:
    """Each frame with the seconds it took to come."""
    started = time.perf_counter()
    for frame in restore():
        yield frame, time.perf_counter() - started
        started = time.perf_counter()
