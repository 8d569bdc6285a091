"""The keyframes a method is given: how many, where, and how good or bad they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.evaluation.pixels import resize_bicubic, to_eight_bits, to_unit
from sparkvsr_engine.evaluation.protocol.clips import TruthClip
from sparkvsr_engine.evaluation.protocol.drawn_style import drawn_clip
from sparkvsr_engine.models.base import LOCK
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler, make_keyframe

SHIFT_PIXELS = 8
"""How far the `shifted` keyframe lies off, to the right, in output pixels."""

CAST_GAINS = (1.15, 1.0, 0.85)
"""Red, green and blue gains of the `cast` keyframe: a warm grade."""

Choose = Callable[[Sequence[BytePicture]], Sequence[int]]
"""Source frames uint8 [h, w, 3] -> the frames to make keyframes of."""


class KeyframeKind(Enum):
    """Where a keyframe's picture comes from."""

    TRUE = "true"
    ISR = "isr"
    WRONG = "wrong"
    SHIFTED = "shifted"
    CAST = "cast"
    DRAWN = "drawn"


@dataclass(frozen=True)
class KeyframeCase:
    """One condition of the benchmark.

    positions: where the keyframes lie, 0 the first frame, 1 the last.
    choose: picks the keyframes from the source instead, to compare policies; its frames are the truth's.
    is_degraded: whether the source went through the degradation instead of clean bicubic.
    is_robustness_test: judged against the same method without keyframes.
    look: see `models.base.ShotSettings`. Where it is `propagate` the truth has the keyframes' style too.
    """

    name: str
    title: str
    positions: tuple[float, ...] = ()
    kind: KeyframeKind = KeyframeKind.TRUE
    is_degraded: bool = False
    is_robustness_test: bool = False
    choose: Choose | None = None
    look: str = LOCK

    @property
    def is_blind(self) -> bool:
        """Whether there is no keyframe."""
        return not self.positions and self.choose is None

    def frames(self, source: Sequence[BytePicture]) -> tuple[int, ...]:
        """The keyframes of a clip, in order."""
        if self.choose is not None:
            return tuple(sorted(set(self.choose(source))))
        last = len(source) - 1
        return tuple(sorted({round(position * last) for position in self.positions}))


_SPREAD = (0.0, 0.5, 1.0)

KEYFRAME_CASES: Mapping[str, KeyframeCase] = {
    case.name: case
    for case in (
        KeyframeCase("none", "clean source, no keyframe"),
        KeyframeCase("one", "clean source, true keyframe at the first frame", (0.0,)),
        KeyframeCase("three", "clean source, true keyframes at the first, middle and last frame", _SPREAD),
        KeyframeCase("isr-clean", "clean source, ISR-made keyframes", _SPREAD, KeyframeKind.ISR),
        KeyframeCase("degraded", "degraded source, no keyframe", is_degraded=True),
        KeyframeCase(
            "isr", "degraded source, ISR-made keyframes", _SPREAD, KeyframeKind.ISR, is_degraded=True
        ),
        KeyframeCase(
            "degraded-three",
            "degraded source, true keyframes at the first, middle and last frame",
            _SPREAD,
            is_degraded=True,
        ),
        KeyframeCase(
            "degraded-wrong",
            "degraded source, middle keyframe of another clip",
            (0.5,),
            KeyframeKind.WRONG,
            is_degraded=True,
        ),
        KeyframeCase(
            "wrong", "clean source, middle keyframe of another clip", (0.5,), KeyframeKind.WRONG, False, True
        ),
        KeyframeCase(
            "shifted",
            f"clean source, middle keyframe shifted by {SHIFT_PIXELS} px",
            (0.5,),
            KeyframeKind.SHIFTED,
            is_robustness_test=True,
        ),
        KeyframeCase(
            "cast", "clean source, middle keyframe with a warm cast", (0.5,), KeyframeKind.CAST, False, True
        ),
        KeyframeCase(
            "look",
            "clean source, drawn keyframes at the first, middle and last frame; the truth is drawn too",
            _SPREAD,
            KeyframeKind.DRAWN,
            look="propagate",
        ),
    )
}


def choose_cases(names: Sequence[str]) -> tuple[KeyframeCase, ...]:
    """The cases of these names; raises InvalidSettings for an unknown one."""
    unknown = [name for name in names if name not in KEYFRAME_CASES]
    if unknown:
        raise InvalidSettings(
            f"There is no keyframe case '{unknown[0]}'; there are {', '.join(KEYFRAME_CASES)}."
        )
    return tuple(KEYFRAME_CASES[name] for name in names)


def truth_of(case: KeyframeCase, truth: TruthClip) -> TruthClip:
    """What results of a case are judged against.

    Args:
        case: which keyframes there are, and whose pictures.
        truth: the clip at full size.
    """
    return drawn_clip(truth) if case.kind is KeyframeKind.DRAWN else truth


def make_keyframes(
    case: KeyframeCase,
    truth: TruthClip,
    source: Sequence[BytePicture],
    upscaler: ImageUpscaler | None = None,
    stranger: BytePicture | None = None,
) -> dict[int, BytePicture]:
    """The keyframe pictures of a case, uint8 at the truth's size, by frame number.

    Args:
        case: which keyframes there are, and whose pictures.
        truth: the clip at full size, in the case's style (`truth_of`).
        source: the clip's source frames, uint8 [h, w, 3].
        upscaler: makes the ISR keyframes from `source`.
        stranger: what a wrong keyframe shows. ValueError when the case needs one that is not given.
    """
    width, height = truth.size
    keyframes: dict[int, BytePicture] = {}
    for frame in case.frames(source):
        if case.kind is KeyframeKind.ISR:
            if upscaler is None:
                raise ValueError("ISR keyframes need an upscaler")
            picture = make_keyframe(upscaler, to_unit(source[frame]), width, height)
            keyframes[frame] = to_eight_bits(picture)
        elif case.kind is KeyframeKind.WRONG:
            if stranger is None:
                raise ValueError("a wrong keyframe needs a frame of another clip")
            keyframes[frame] = resize_bicubic(stranger, width, height)
        else:
            keyframes[frame] = _altered(truth.frames[frame], case.kind)
    return keyframes


def _altered(picture: BytePicture, kind: KeyframeKind) -> BytePicture:
    if kind is KeyframeKind.SHIFTED:
        columns = np.clip(np.arange(picture.shape[1]) - SHIFT_PIXELS, 0, None)
        return picture[:, columns]
    if kind is KeyframeKind.CAST:
        return np.rint(np.clip(picture * np.array(CAST_GAINS), 0, 255)).astype(np.uint8)
    return picture
