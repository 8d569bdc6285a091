"""Whether a keyframe of another frame is recognised by its number, and one of its own frame is left in peace.

    python benchmarks/wrong_numbers.py CLIPS

CLIPS: a movie, a folder of frames, or a folder of both. Truth at 1/scale is the source, clean and degraded.
Supplied as keyframes are true frames some frames off, and four pictures of the right frame: the true one,
what the default image model makes of it, the true one shifted, and one with a part painted over.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from printed_table import table

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(1, str(Path(__file__).parents[1] / "bridge"))

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.evaluation.protocol.clips import downscaled, find_clips, read_truth
from sparkvsr_engine.media.pixels import to_float
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler
from sparkvsr_engine.references.alignment import align_picture
from sparkvsr_engine.references.frame_shown import frame_shown
from sparkvsr_engine.training.degradation.seeded import degrade_seeded

Picture = NDArray[np.float32]

NAMED = (5, 15, 22)
AWAY = (-4, -2, -1, 1, 3, 8)
SHIFT = (5.3, -2.1)
SEED = 7


def own_pictures(true: Picture, enlarged: Picture) -> dict[str, Picture]:
    """Pictures of the right frame."""
    height, width = true.shape[:2]
    place = np.s_[height // 4 : height // 2, width // 4 : width // 2]
    painted = true.copy()
    painted[place] = cv2.GaussianBlur(true, (0, 0), 25)[place]
    matrix = np.array([[1, 0, SHIFT[0]], [0, 1, SHIFT[1]]], np.float64)
    shifted = np.asarray(
        cv2.warpAffine(true, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    return {"true": true, "made": enlarged, "shifted": shifted, "painted": painted}


def verdicts(
    path: Path, model: ImageUpscaler, options: argparse.Namespace
) -> Iterator[tuple[str, str, bool]]:
    """Source, kind of picture, and whether it was recognised rightly."""
    truth = read_truth(path, options.frames, options.scale)
    sources = {
        "clean": downscaled(truth, options.scale),
        "degraded": degrade_seeded(truth.frames, options.scale, SEED),
    }
    for kind, frames in sources.items():
        source = [to_float(frame) for frame in frames]

        def number_shown(picture: Picture, at: int, source: list[Picture] = source) -> int | None:
            placed, _ = align_picture(picture, source[at])
            span = FrameSpan(0, len(source))
            better_frame = frame_shown(picture, placed, source[at], at, span, source.__getitem__)
            return None if better_frame is None else better_frame.frame

        for at in NAMED:
            for away in AWAY:
                yield kind, f"{away:+d}", number_shown(to_float(truth.frames[at + away]), at) == at + away
            pictures = own_pictures(to_float(truth.frames[at]), model.upscale(source[at]))
            for name, picture in pictures.items():
                yield kind, name, number_shown(picture, at) is None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("--frames", type=int, default=31)
    parser.add_argument("--scale", type=int, default=4)
    options = parser.parse_args()
    right, all_of = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    model = open_isr("", "cpu")
    for path in find_clips(options.clips):
        for kind, name, is_right in verdicts(path, model, options):
            right[kind, name] += is_right
            all_of[kind, name] += 1
    names = list(dict.fromkeys(name for _, name in all_of))
    rows = [
        [kind, *(f"{right[kind, name]} of {all_of[kind, name]}" for name in names)]
        for kind in ("clean", "degraded")
    ]
    print(table(["recognised rightly", *names], rows))


if __name__ == "__main__":
    main()
