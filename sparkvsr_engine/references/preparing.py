"""A supplied or made picture to a reference frame: size, place and colour settled, with a report."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import KeyframeRejected
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.colour_lock import as_grey_as, cast_of, lock_colour
from sparkvsr_engine.core.pictures.headroom import add_headroom, resize_with_headroom, split_headroom
from sparkvsr_engine.references.alignment import Alignment, align_picture
from sparkvsr_engine.references.checking import (
    ReferenceReport,
    agreement_of,
    blank_warning,
    painted_in,
    sharpness_gain,
    shows_nothing,
    trust_of,
    warnings_of,
)

# Part of the identity of prepared references: to be raised when the same picture is prepared differently.
PREPARATION_VERSION = 6
_LARGEST_ASPECT_ERROR = 0.04


@dataclass(frozen=True, eq=False)
class Reference:
    """A keyframe's picture at output size, float32 [H, W, 3] model space, and what was found about it.

    painted: where it shows something else than its source, float32 [H, W] 0..1; None for nowhere.
    """

    pixels: Picture
    report: ReferenceReport
    painted: NDArray[np.float32] | None = None

    def with_warning(self, warning: str) -> Reference:
        """The same with one more warning, ahead of the others; an empty sentence adds none."""
        if not warning:
            return self
        return replace(self, report=replace(self.report, warnings=(warning, *self.report.warnings)))


def require_usable_size(name: str, width: int, height: int, geometry: Geometry) -> None:
    """Refuse a picture that cannot stand for a frame of this source.

    Args:
        name: of the file, for the sentence.
        width: of the picture, pixels.
        height: of the picture, pixels.
        geometry: sizes of the source and of the output.

    Raises:
        KeyframeRejected: when it has fewer than half the source's pixels a side, or another shape.
    """
    if 2 * width < geometry.source_width or 2 * height < geometry.source_height:
        raise KeyframeRejected(
            f"The keyframe {name} is {width}x{height}, too small for a source of {geometry.source_width}x"
            f"{geometry.source_height}; supply it at {geometry.width}x{geometry.height}."
        )
    aspect = (width / height) / (geometry.width / geometry.height)
    if abs(aspect - 1) > _LARGEST_ASPECT_ERROR:
        raise KeyframeRejected(
            f"The keyframe {name} is {width}x{height}, another shape than the output's"
            f" {geometry.width}x{geometry.height}; crop or pad it to that shape."
        )


def prepare_reference(
    frame: int, picture: Picture, source: Picture, geometry: Geometry, look: str, is_supplied: bool
) -> Reference:
    """Settle a keyframe's picture.

    Args:
        frame: its number.
        picture: float32 [H', W', 3], any usable size.
        source: float32 [h, w, 3], its source frame; model space.
        geometry: sizes of the source and of the output.
        look: `lock` or `propagate`.
        is_supplied: an artist's picture is aligned; one made from the source frame itself is in place.
    """
    sized = resize_with_headroom(picture, geometry.width, geometry.height, resize_to)
    enlarged = resize_to(split_headroom(source)[0], geometry.width, geometry.height)
    whole, alignment = _placed(sized, source) if is_supplied else (sized, Alignment())
    placed, light = split_headroom(whole)
    is_blank = shows_nothing(placed, source)
    cast = cast_of(placed, enlarged, geometry.scale)
    # One glint would else cast its colour on all around it.
    # One made from the source shows what the source shows.
    painted = painted_in(placed, source) if is_supplied and not is_blank else None
    agreement = agreement_of(placed, source, painted)
    pixels = lock_colour(placed, enlarged, geometry.scale, painted) if look == "lock" else placed
    pixels = pixels if light is None else add_headroom(pixels, light)
    pixels = as_grey_as(pixels, source) if look == "lock" else pixels
    report = ReferenceReport(
        alignment,
        agreement,
        cast,
        sharpness_gain(placed, enlarged),
        0.0 if is_blank else trust_of(agreement) if is_supplied else 1.0,
        (blank_warning(frame),)
        if is_blank
        else warnings_of(frame, alignment, agreement, cast, look)
        if is_supplied
        else (),
    )
    return Reference(np.ascontiguousarray(pixels, np.float32), report, painted)


def _placed(picture: Picture, source: Picture) -> tuple[Picture, Alignment]:
    return align_picture(picture, source, painted_in(split_headroom(picture)[0], source))


def resize_to(picture: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Another size: area averages down, bicubic up; [H, W] or [H, W, C].

    Args:
        picture: [H, W] or [H, W, C].
        width: in pixels.
        height: in pixels.
    """
    if picture.shape[:2] == (height, width):
        return picture
    shrinks = picture.shape[1] > width or picture.shape[0] > height
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.float32)
