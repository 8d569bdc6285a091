"""Movies and sequences as people see them: display-referred RGB in, and a movie of pictures out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.evaluation.pixels import to_unit
from sparkvsr_engine.media.base import OutputRequest
from sparkvsr_engine.media.colours.curves import srgb_encode
from sparkvsr_engine.media.opening import open_sink, open_source, plan_output
from sparkvsr_engine.media.pixels import to_float
from sparkvsr_engine.media.probe import probe


class View:
    """One clip, its frames counted from 0 whatever their numbers. A context manager, which closes it."""

    def __init__(self, path: Path) -> None:
        """Raises MediaUnreadable when the source is missing, damaged or has a gap."""
        self.info = probe(SourceMedia(str(path)))
        self._source = open_source(self.info)

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.info.span)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.info.width, self.info.height

    def number(self, index: int) -> int:
        """The source's own number of the frame at this place."""
        return self.info.span.start + index

    def read(self, index: int) -> NDArray[np.float32]:
        """The frame at this place, float32 [H, W, 3] RGB, display-referred 0..1; alpha is left away.

        Scene-linear pictures get the sRGB curve, light above white is clipped. Raises MediaUnreadable.
        """
        colours = to_float(self._source.read(self.number(index)).pixels)[..., :3]
        encoded = srgb_encode(colours) if self.info.is_scene_linear else colours
        return np.clip(np.nan_to_num(encoded, copy=False), 0.0, 1.0)


@contextmanager
def movie_of_pictures(
    like: View, frames: int, size: tuple[int, int], path: Path
) -> Iterator[Callable[[Pixels], None]]:
    """A movie with the clock and the sound of the first `frames` frames of a clip, its pictures one by one.

    Args:
        like: the clip whose clock and sound it gets.
        frames: how many frames.
        size: width and height, even. Gives the function that takes each picture: [H, W, 3], display-referred.
            An existing file is replaced.
        path: where pictures go.

    Raises:
        OutputUnwritable: where the target cannot be written.
        DiskFull: where the disk is full.
        InvalidSettings: for a bad name.
    """
    start = like.info.span.start
    span = FrameSpan(start, start + frames)
    movie_info = replace(like.info, sample="uint8", bit_depth=8, colour_space="", has_alpha=False)
    with tempfile.TemporaryDirectory() as scratch:
        request = OutputRequest(OutputTarget(str(path), overwrite=True), span, *size, Path(scratch))
        plan = plan_output(movie_info, request)
        sink = open_sink(plan)
        with sink.open_run(span) as run:
            yield lambda picture: run.write(plan.colour.from_model(to_unit(picture), plan.sample))
        sink.finish([span])
