"""How far a keyframe agrees with its source frame, and how much it has to give.

A keyframe that disagrees is never silently replaced: it is used with less trust, and a warning gives the
artist the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture, Plane
from sparkvsr_engine.core.pictures.painted import painted_share
from sparkvsr_engine.references.alignment import Alignment

# Agreement (correlation of detail on the source's grid) of true keyframes lies above 0.9 on real clips, of
# frames of another clip below 0.2; in between trust falls linearly.
_SURE, _DOUBTFUL = 0.6, 0.15
LEAST_TRUST = 0.1
# Deviation of detail below which a source frame has none: a sixth of an 8-bit step.
_FLAT = 0.16 / 255
# Deviation of a source frame that shows something, and the share of it that a picture of it has.
_LEAST_CONTRAST, _LEAST_DETAIL = 4 / 255, 0.05
# What is painted reaches that far into its surroundings, on the source's grid.
_AROUND_PAINTED = np.ones((7, 7), np.uint8)
# Source pixels; pictures of their own frames are bent by less even where the source is damaged.
_REPORTED_BEND = 1.0


@dataclass(frozen=True)
class ReferenceReport:
    """What was measured on a keyframe.

    agreement: -1..1, correlation with its source frame's detail. cast: 0..1, mean low-frequency colour
    difference. sharpness: its detail energy beyond the source's, over the source's own.
    trust: 0..1, what its strength is multiplied by. warnings: sentences for the artist.
    """

    alignment: Alignment
    agreement: float
    cast: float
    sharpness: float
    trust: float
    warnings: tuple[str, ...] = ()


def agreement_of(picture: Picture, source: Picture, painted: Plane | None = None) -> float:
    """Correlation of detail of a keyframe [H, W, 3] and its source frame [h, w, 3], on the source's grid.

    Args:
        picture: the keyframe, float32 [H, W, 3].
        source: float32 [h, w, 3].
        painted: where the keyframe shows something else than its source, float32 [H, W] 0..1, None for
            nowhere: that is meant, and is no sign of the rest.
    """
    size = source.shape[1], source.shape[0]
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    if painted is None:
        return _correlation(_detail(small), _detail(source))
    share = np.asarray(cv2.resize(painted, size, interpolation=cv2.INTER_AREA), np.float32)
    is_painted = cv2.dilate((share > 0).astype(np.uint8), _AROUND_PAINTED) > 0
    # With the source in its place, what is painted does not reach into the detail beside it.
    filled = np.where(is_painted[..., None], source, small)
    unpainted = ~is_painted
    return _correlation(_detail(filled)[unpainted], _detail(source)[unpainted]) if unpainted.any() else 0.0


def painted_in(picture: Picture, source: Picture) -> Plane | None:
    """How far each pixel of a keyframe that shows its source frame is painted; None where nothing is.

    Where the rest of the frame does not show the source, it is another picture and not a painted one.

    Args:
        picture: the keyframe, float32 [H, W, 3], model space.
        source: its source frame, float32 [h, w, 3], model space.
    """
    painted = painted_share(picture, source)
    is_own = painted is not None and agreement_of(picture, source, painted) >= _SURE
    return painted if is_own else None


def _correlation(picture_detail: NDArray[np.float32], source_detail: NDArray[np.float32]) -> float:
    """Of two pictures' detail, -1..1; 1 where the source has none, 0 where only the picture has none."""
    picture_contrast, source_contrast = float(picture_detail.std()), float(source_detail.std())
    if source_contrast < _FLAT:
        # There is nothing to agree with.
        return 1.0
    if picture_contrast < _LEAST_DETAIL * source_contrast:
        return 0.0
    together = (picture_detail - picture_detail.mean()) * (source_detail - source_detail.mean())
    return float(together.mean()) / (picture_contrast * source_contrast)


def shows_nothing(picture: Picture, source: Picture) -> bool:
    """Whether a keyframe [H, W, 3] has next to nothing of what its source frame [h, w, 3] shows.

    Image models that fail, and exports that went wrong, give black, white or grey.
    """
    height, width = source.shape[:2]
    small = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    pairs = [[float(np.clip(picture, 0, 1).std(axis=(0, 1)).max()) for picture in (small, source)]]
    pairs.append([float(_detail(picture).std()) for picture in (small, source)])
    return any(
        source_contrast > _LEAST_CONTRAST and own_contrast < _LEAST_DETAIL * source_contrast
        for own_contrast, source_contrast in pairs
    )


def blank_warning(frame: int) -> str:
    """One sentence about a keyframe that shows nothing."""
    return (
        f"The keyframe at {frame} shows nothing: it has none of its source frame's detail. It is not"
        " followed; make it anew."
    )


def trust_of(agreement: float) -> float:
    """Trust for an agreement: 1 where it is sure, falling to LEAST_TRUST where it is another picture."""
    if not np.isfinite(agreement):
        return 0.0
    return float(np.clip((agreement - _DOUBTFUL) / (_SURE - _DOUBTFUL), LEAST_TRUST, 1.0))


def sharpness_gain(picture: Picture, enlarged: Picture) -> float:
    """Detail energy of a keyframe over that of its upsampled source, both [H, W, 3], minus one."""
    picture_detail, base = (
        float(cv2.Laplacian(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())
        for p in (picture, enlarged)
    )
    return picture_detail / max(base, 1e-9) - 1.0


def warnings_of(
    frame: int, alignment: Alignment, agreement: float, cast: float, look: str
) -> tuple[str, ...]:
    """What the artist should know, one sentence each.

    Args:
        frame: its number.
        alignment: how the picture was moved.
        agreement: how far it agrees with its source frame, 0..1.
        cast: how far its colour differs, 0..1.
        look: `lock` or `propagate`.
    """
    warnings: list[str] = []
    if agreement < _SURE:
        warnings.append(
            f"The keyframe at {frame} agrees with its source frame by {agreement:.2f} only (1 is full): it is"
            f" followed with trust {trust_of(agreement):.2f}; check that it shows this frame."
        )
    if alignment.corrected and alignment.distance >= 1.0:
        warnings.append(
            f"The keyframe at {frame} was {alignment.distance:.1f} source pixels out of place"
            " and was moved back."
        )
    if alignment.corrected and alignment.bend >= _REPORTED_BEND:
        warnings.append(
            f"A tenth of the keyframe at {frame} lay {alignment.bend:.1f} source pixels or more out of place;"
            " it was bent to fit its source frame."
        )
    if look == "lock" and cast > 0.04:
        warnings.append(
            f"The keyframe at {frame} differs in colour by {100 * cast:.0f} %; the source's colour is kept,"
            " use --look propagate to carry the keyframe's."
        )
    return tuple(warnings)


def _detail(picture: Picture) -> NDArray[np.float32]:
    grey = cv2.cvtColor(np.clip(picture, 0, 1), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), 6.0), np.float32)
