"""Where one shot ends and the next begins, found on frames fed one by one.

PySceneDetect proposes: its adaptive detector the hard cuts, its threshold detector the fades through
black or white. What it proposes is kept when the picture really is another one afterwards, which a
flash, a light switched on or a dropped frame is not; in exchange no least length of a shot is
needed, and two cuts a few frames apart are both found. Dissolves are not cuts.

Not here: decoding; what to do with cuts (`shots`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.core.pictures import frame_similarity
from sparkvsr_engine.core.pictures.frame_similarity import Sketch

# The detector weighs two frames on either side; the ends of a clip are repeated so that it sees them.
_NEIGHBOURS = 2
_BLACK, _WHITE = 12, 243
_THUMBNAIL_SIDE = 160

# Of pictures from different clips 99.5 % correlate by less than 0.67 and 98 % by less than 0.54; one
# jolted by a hard shake still correlates by 0.85 with itself.
_ALIKE = 0.8
_ALIKE_IN_DOUBT = 0.5


@dataclass(frozen=True)
class CutSettings:
    """What counts as a cut.

    ratio, content: PySceneDetect's adaptive threshold and least content value; the first is lower than
        its usual 3, which misses cuts with one mixed frame, since proposals are checked here.
    flash_seconds: how long a picture may be away and come back without a cut; nearer than that to
        another cut, a cut must also change the picture's structure beyond doubt.
    """

    ratio: float = 2.6
    content: float = 15.0
    flash_seconds: float = 0.4


@dataclass(frozen=True)
class _Fade:
    """A black or white stretch between two pictures; positions count from the first frame fed."""

    start: int
    middle: int
    stop: int


class CutDetector:
    """Finds cuts on frames fed in order; remembers about a second of small pictures.

    rate: frames per second, for the settings that are given in seconds; for a source that carries none
        the caller decides.
    """

    def __init__(self, rate: float = 24.0, settings: CutSettings | None = None) -> None:
        if not rate > 0:
            raise ValueError(f"a rate of {rate} frames per second is none")
        settings = settings or CutSettings()
        self._reach = max(3, round(settings.flash_seconds * rate))
        self._proposer = _Proposer(settings, rate)
        self._sketches: deque[Sketch] = deque(maxlen=2 * self._reach + 3)
        self._first: int | None = None
        self._fed = 0
        self._proposed: list[int] = []
        self._fades: list[_Fade] = []
        self._accepted: list[int] = []

    def add(self, frame: int, picture: BytePicture) -> list[int]:
        """Take the next frame, uint8 [h, w, 3] RGB of any size, all alike, numbers without a gap.

        Returns the cuts that are certain now: first frames of new shots, up to `flash_seconds` back.
        """
        if self._first is None:
            self._first = frame
        if frame != self._first + self._fed:
            raise ValueError(f"frame {frame} does not follow {self._first + self._fed - 1}")
        self._sketches.append(frame_similarity.sketch(picture))
        cuts, fades = self._proposer.feed(_thumbnail(picture), self._sketches[-1])
        self._fed += 1
        self._proposed += cuts
        self._fades += fades
        return self._settle(self._fed - 1 - self._reach)

    def finish(self) -> list[int]:
        """The cuts that were not certain until the clip ended."""
        if self._first is None:
            return []
        self._proposed += self._proposer.finish()
        return self._settle(self._fed)

    def _settle(self, until: int) -> list[int]:
        """Judge all that was proposed at or before a position."""
        settled: list[int] = []
        while self._proposed and self._proposed[0] <= until:
            position = self._proposed.pop(0)
            if not self._is_in_fade(position) and self._is_cut(position):
                settled.append(position)
        self._accepted += settled
        for fade in [fade for fade in self._fades if fade.stop <= until]:
            self._fades.remove(fade)
            if not any(fade.start <= position <= fade.stop for position in self._accepted):
                settled.append(fade.middle)
                self._accepted.append(fade.middle)
        return sorted(position + (self._first or 0) for position in settled)

    def _is_in_fade(self, position: int) -> bool:
        """Whether a proposal is an edge of a short fade, which is one cut, in its middle."""
        return any(
            fade.start <= position <= fade.stop and fade.stop - fade.start <= self._reach
            for fade in self._fades
        )

    def _is_cut(self, position: int) -> bool:
        if self._at(position - 1) is None or self._at(position) is None:
            return False
        if self._likeness_across(position) > (_ALIKE_IN_DOUBT if self._is_in_doubt(position) else _ALIKE):
            return False
        if self._is_blend_into_next(position):
            return False
        return not self._comes_back(position, 1) and not self._comes_back(position, -1)

    def _is_in_doubt(self, position: int) -> bool:
        """Whether another cut or an end of the clip is near, where the detector has less to compare with."""
        if self._accepted and position - self._accepted[-1] < self._reach:
            return True
        return position <= _NEIGHBOURS or position >= self._fed - _NEIGHBOURS

    def _likeness_across(self, position: int) -> float:
        """How alike the pictures on the two sides are; a frame further on either side is looked at too,
        since one mixed frame resembles both.
        """
        pairs = [(self._at(position + i), self._at(position + j)) for i, j in ((-1, 0), (-1, 1), (-2, 0))]
        return min(frame_similarity.correlation(a, b) for a, b in pairs if a is not None and b is not None)

    def _is_blend_into_next(self, position: int) -> bool:
        """Whether this frame is a mix of its neighbours; the cut is then where the pure picture begins."""
        before, mixed, after = (self._at(position + i) for i in (-1, 0, 1))
        if before is None or mixed is None or after is None or self._proposed[:1] != [position + 1]:
            return False
        steps = frame_similarity.distance(before, mixed) + frame_similarity.distance(mixed, after)
        return steps < 1.15 * frame_similarity.distance(before, after)

    def _comes_back(self, position: int, direction: int) -> bool:
        """Whether the picture on one side of a jump is met again soon on the other, behind a flash.

        direction: 1 looks ahead for the picture before the jump, -1 looks back for the one after it.
        """
        here, later = (position - 1, position) if direction > 0 else (position, position - 1)
        base, changed = self._at(here), self._at(later)
        assert base is not None
        assert changed is not None
        jump = frame_similarity.distance(base, changed)
        for away in range(1, self._reach + 1):
            again = self._at(later + direction * away)
            if again is None:
                return False
            if frame_similarity.distance(base, again) < 0.35 * jump:
                return away <= 2 or frame_similarity.is_light_change(base, changed)
        return False

    def _at(self, position: int) -> Sketch | None:
        index = position - (self._fed - len(self._sketches))
        return self._sketches[index] if 0 <= index < len(self._sketches) else None


class _Proposer:
    """PySceneDetect's detectors on frames fed to them; positions count from the first frame."""

    def __init__(self, settings: CutSettings, rate: float) -> None:
        from scenedetect.common import FrameTimecode  # pyright: ignore[reportMissingTypeStubs]
        from scenedetect.detectors import (  # pyright: ignore[reportMissingTypeStubs]
            AdaptiveDetector,
            ThresholdDetector,
        )

        self._hard = AdaptiveDetector(settings.ratio, 0, _NEIGHBOURS, settings.content)
        self._fades = [
            ThresholdDetector(_BLACK, min_scene_len=0, method=ThresholdDetector.Method.FLOOR),
            ThresholdDetector(_WHITE, min_scene_len=0, method=ThresholdDetector.Method.CEILING),
        ]
        self._timecode, self._rate, self._fed = FrameTimecode, rate, 0
        self._last: BytePicture | None = None
        self._seen: tuple[int, Sketch] | None = None

    def feed(self, thumbnail: BytePicture, sketch: Sketch) -> tuple[list[int], list[_Fade]]:
        """Cuts and fades proposed now that this frame is known."""
        if self._last is None:
            for _ in range(_NEIGHBOURS):
                self._propose(thumbnail)
        self._last = thumbnail
        cuts = self._propose(thumbnail)
        return cuts, self._fades_at(self._fed - 1 - _NEIGHBOURS, thumbnail, sketch)

    def finish(self) -> list[int]:
        """Cuts near the end."""
        assert self._last is not None
        return [cut for _ in range(_NEIGHBOURS) for cut in self._propose(self._last)]

    def _propose(self, thumbnail: BytePicture) -> list[int]:
        cuts = self._hard.process_frame(self._time(self._fed), thumbnail)
        self._fed += 1
        return [timecode.frame_num - _NEIGHBOURS for timecode in cuts]

    def _fades_at(self, position: int, thumbnail: BytePicture, sketch: Sketch) -> list[_Fade]:
        middles = [
            timecode.frame_num
            for detector in self._fades
            for timecode in detector.process_frame(self._time(position), thumbnail)
        ]
        fades: list[_Fade] = []
        if _BLACK <= thumbnail.mean() < _WHITE:
            if self._seen is not None and frame_similarity.correlation(self._seen[1], sketch) < _ALIKE:
                fades = [_Fade(self._seen[0] + 1, middle, position) for middle in middles]
            self._seen = position, sketch
        return fades

    def _time(self, position: int) -> Any:
        return self._timecode(position, self._rate)


def _thumbnail(picture: BytePicture) -> BytePicture:
    """The picture as PySceneDetect wants it: blue first, contiguous, a longer side of at most 160."""
    import cv2

    height, width = picture.shape[:2]
    ratio = min(1.0, _THUMBNAIL_SIDE / max(height, width))
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(small[..., ::-1])
