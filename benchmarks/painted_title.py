"""A white title over footage, painted over on one keyframe: striped, in gold, in other letters.

    python benchmarks/painted_title.py CLIP -o docs/images/painted_title.jpg

The title crosses the first frames of CLIP, which are reduced by four and restored under one keyframe. Prints
for each look how much of what was painted is there four frames later (1 is all, measured within the letters,
against the same keyframe unpainted), and by how much the footage beyond 32 pixels differs: the 99.9th
percentile and the most, in steps of 8 bits. The picture shows the keyframe, four frames later under
`propagate` and `lock`, and the result under the unpainted keyframe.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from sparkvsr_engine.core.arrays import Picture, Plane
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.colour_lock import lock_colour
from sparkvsr_engine.evaluation.graphics.scenes import reduced
from sparkvsr_engine.evaluation.protocol.clips import read_truth
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_shot
from sparkvsr_engine.models.base import ShotSettings
from sparkvsr_engine.models.isr.upscaler import resample
from sparkvsr_engine.models.lite.opening import open_lite

WIDTH, HEIGHT, SCALE = 640, 360, 4
FIRST, KEYFRAME, CARRIED_TO = 2, 6, 10
KINDS = ("stripes", "gold", "letters")
FONT = "DejaVuSans-Bold.ttf"
CROP = (slice(110, 250), slice(100, 420))


class PaintedTitle:
    """footage: frames at full size, float32 [HEIGHT, WIDTH, 3]."""

    def __init__(self, footage: list[Picture]) -> None:
        self._footage = footage
        self.sources = {
            at: _eight_bits(reduced(self.plain(at), WIDTH // SCALE, HEIGHT // SCALE)) for at in _NUMBERS
        }

    def plain(self, frame: int) -> Picture:
        return _over(self._footage[frame], _letters("TITLE", frame), np.float32(1))

    def painted(self, frame: int, kind: str) -> Picture:
        footage = self._footage[frame]
        if kind == "letters":
            return _over(footage, _letters("FINIS", frame), np.float32(1))
        if kind == "gold":
            return _over(footage, _letters("TITLE", frame), np.float32([0.95, 0.75, 0.15]))
        rows = np.arange(HEIGHT, dtype=np.float32)[:, None, None]
        return _over(
            footage, _letters("TITLE", frame), np.where(rows % 6 < 3, np.float32(0.2), np.float32(1))
        )


_NUMBERS = range(FIRST, CARRIED_TO + 3)


def _letters(word: str, frame: int) -> Plane:
    """Coverage of a word where it is on a frame: float32 [HEIGHT, WIDTH] 0..1."""
    image = Image.new("L", (4 * WIDTH, 4 * HEIGHT))
    place = (4 * (170 - 5.3 * (frame - KEYFRAME)), 4 * 140)
    ImageDraw.Draw(image).text(place, word, fill=255, font=ImageFont.truetype(FONT, 4 * 72))
    return np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BOX), np.float32) / 255


def _over(footage: Picture, coverage: Plane, colour: Picture | np.float32) -> Picture:
    share = coverage[..., None]
    return np.asarray(footage * (1 - share) + colour * share, np.float32)


def _eight_bits(picture: Picture) -> Picture:
    return (np.rint(np.clip(picture, 0, 1) * 255) / np.float32(255)).astype(np.float32)


def main() -> None:
    options = _parse()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    frames = read_truth(Path(options.clip), CARRIED_TO + 3, 1).frames
    sized = [cv2.resize(frame, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for frame in frames]
    title = PaintedTitle([frame.astype(np.float32) / 255 for frame in sized])
    restorer = open_lite("cpu")

    def restored(keyframe: Picture, look: str) -> Picture:
        geometry = Geometry(WIDTH // SCALE, HEIGHT // SCALE, WIDTH, HEIGHT)
        span = FrameSpan(FIRST, CARRIED_TO + 3)
        keyframes = {KEYFRAME: _eight_bits(keyframe)}
        shot = ShotInMemory(title.sources, span, geometry, keyframes, ShotSettings(look=look))
        return next(iter(restore_shot(restorer, shot, FrameSpan(CARRIED_TO, CARRIED_TO + 1)))).pixels

    columns: list[Picture] = []
    unpainted = {look: restored(title.plain(KEYFRAME), look) for look in ("propagate", "lock")}
    for kind in KINDS:
        results = {look: restored(title.painted(KEYFRAME, kind), look) for look in unpainted}
        for look, result in results.items():
            print(f"{kind:8} {look:9} {_measured(title, kind, look, result, unpainted)}", flush=True)
        pictures = (title.painted(KEYFRAME, kind), results["propagate"], results["lock"], unpainted["lock"])
        columns.append(np.vstack([picture[CROP] for picture in pictures]))
    sheet = np.rint(np.clip(np.hstack(columns), 0, 1) * 255).astype(np.uint8)
    cv2.imwrite(options.output, cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])


def _measured(
    title: PaintedTitle, kind: str, look: str, result: Picture, unpainted: Mapping[str, Picture]
) -> str:
    plain, painted = title.plain(CARRIED_TO), title.painted(CARRIED_TO, kind)
    letters = np.abs(painted - plain).max(axis=2) > 0.1
    if look == "lock":
        # What a keyframe of this very frame would show.
        source = resample(title.sources[CARRIED_TO], WIDTH, HEIGHT)
        plain, painted = (lock_colour(p, source, SCALE, letters.astype(np.float32)) for p in (plain, painted))
    expected_change = (painted - plain)[letters]
    change = result - unpainted[look]
    follow = float((change[letters] * expected_change).sum() / np.square(expected_change).sum())
    far = cv2.dilate(letters.astype(np.uint8), np.ones((65, 65), np.uint8)) == 0
    beyond = 255 * np.abs(change)[far]
    return f"follows {follow:.2f}, footage {np.quantile(beyond, 0.999):.2f}, at most {beyond.max():.2f}"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("clip")
    parser.add_argument("-o", "--output", default="painted_title.jpg")
    return parser.parse_args()


if __name__ == "__main__":
    main()
