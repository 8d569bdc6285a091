"""Spherical and stereo pictures: how a movie labels them and a target can; no file is opened.

Sources: FFmpeg's AVSphericalMapping and AVStereo3D.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

# AVSphericalProjection.
EQUIRECTANGULAR, CUBEMAP, TILE = 0, 1, 2
_PROJECTIONS = ("equirectangular", "cube map", "part of an equirectangular", "half equirectangular")
# AVStereo3DType and whether views are swapped -> Matroska's word. Others mix views line by line or in time.
_STEREO = {
    (1, False): "left_right",
    (1, True): "right_left",
    (2, False): "top_bottom",
    (2, True): "bottom_top",
}
_FLAT = 0
_MIXED = "mixed"
QUICKTIME_STEREO = {"top_bottom": 1, "left_right": 2}
"""Matroska's word -> the value in QuickTime's st3d box; it has no other ones."""
_CONTAINERS = ("mp4", "mov", "matroska", "webm")


@dataclass(frozen=True)
class Sphere:
    """projection: AVSphericalProjection. pose: yaw, pitch, roll in 1/65536 degree.

    bounds: cut off at the left, top, right and bottom, in 1/2^32 of a side. padding: of a cube's faces, in
    pixels.
    """

    projection: int
    pose: tuple[int, int, int]
    bounds: tuple[int, int, int, int]
    padding: int


@dataclass(frozen=True)
class Immersion:
    """stereo: Matroska's word for how two views lie in a picture, `mixed` for line by line and the like.

    sphere: None for a flat picture.
    """

    stereo: str = ""
    sphere: Sphere | None = None


FLAT = Immersion()


@dataclass(frozen=True)
class Cut:
    """Which part of the stored picture a container shows.

    text: as a person reads it. left, top, right, bottom: pixels that are not shown.
    """

    text: str
    left: Fraction
    top: Fraction
    right: Fraction
    bottom: Fraction

    def enlarged(self, across: Fraction, down: Fraction) -> Cut:
        """The same part of an enlarged picture."""
        return Cut(self.text, self.left * across, self.top * down, self.right * across, self.bottom * down)

    def rounded(self) -> Cut:
        """In whole pixels, as Matroska has it."""
        edges = (Fraction(round(edge)) for edge in (self.left, self.top, self.right, self.bottom))
        return Cut(self.text, *edges)


@dataclass(frozen=True)
class Presentation:
    """A result's labels of how its picture is to be shown."""

    immersion: Immersion = FLAT
    cut: Cut | None = None


PLAIN = Presentation()


def immersion_of(sides: Mapping[str, bytes]) -> Immersion:
    """From a picture's side data, FFmpeg's structures as bytes."""
    return Immersion(_stereo_of(sides.get("STEREO3D", b"")), _sphere_of(sides.get("SPHERICAL", b"")))


def kept_presentation(
    source: Presentation, container: str, enlarged: tuple[Fraction, Fraction], fits_mp4: bool
) -> Presentation:
    """What of it a target can label.

    Args:
        source: of the source.
        container: the container's name in FFmpeg.
        enlarged: result's width and height over the source's.
        fits_mp4: whether MP4 or QuickTime holds the codec.
    """
    immersion = _kept_immersion(source.immersion, container, enlarged[0], fits_mp4)
    if source.cut is None or container not in _CONTAINERS or not fits_mp4:
        return Presentation(immersion)
    cut = source.cut.enlarged(*enlarged)
    return Presentation(immersion, cut if container in ("mp4", "mov") else cut.rounded())


def _kept_immersion(immersion: Immersion, container: str, enlarged: Fraction, fits_mp4: bool) -> Immersion:
    is_matroska = container in ("matroska", "webm")
    sphere = immersion.sphere
    padding = Fraction(0) if sphere is None else sphere.padding * enlarged
    is_kept = container in _CONTAINERS and fits_mp4 and padding.denominator == 1
    if sphere is None or not is_kept or sphere.projection not in (EQUIRECTANGULAR, CUBEMAP, TILE):
        sphere = None
    else:
        sphere = Sphere(sphere.projection, sphere.pose, sphere.bounds, int(padding))
    stereo = immersion.stereo
    is_stereo_known = stereo != _MIXED if is_matroska else stereo in QUICKTIME_STEREO
    return Immersion(stereo if is_stereo_known and container in _CONTAINERS else "", sphere)


def presentation_warnings(source: Presentation, target: Presentation) -> tuple[str, ...]:
    """Sentences about what of a source's a target does not label."""
    warnings = _immersion_warnings(source.immersion, target.immersion)
    if source.cut is not None and target.cut is None:
        warnings.append(
            f"The container's crop ({source.cut.text}) is not applied: the whole stored picture is rendered"
            " and the crop is not carried over; crop the movie first to have it."
        )
    return tuple(warnings)


def _immersion_warnings(immersion: Immersion, target: Immersion) -> list[str]:
    warnings: list[str] = []
    if immersion.stereo == _MIXED:
        warnings.append(
            "The movie's two stereo views are mixed line by line, in a checkerboard or in time, which is not"
            " carried over; split the views first and render each."
        )
    elif immersion.stereo and not target.stereo:
        views = immersion.stereo.replace("_", " and ")
        warnings.append(
            f"That the picture holds two stereo views ({views}) is not carried over; choose a .mkv target to"
            " keep it."
        )
    if immersion.sphere is not None and target.sphere is None:
        projection = dict(enumerate(_PROJECTIONS)).get(immersion.sphere.projection, "other projection")
        warnings.append(
            f"That the picture is spherical ({projection}) is not carried over; add it to the result, for"
            " example with Google's Spatial Media Metadata Injector."
        )
    return warnings


def _stereo_of(data: bytes) -> str:
    if len(data) < 8:
        return ""
    kind, flags = struct.unpack_from("=2i", data)
    return "" if kind == _FLAT else _STEREO.get((kind, bool(flags & 1)), _MIXED)


def _sphere_of(data: bytes) -> Sphere | None:
    if len(data) < 36:
        return None
    projection, *numbers = struct.unpack_from("=4i5I", data)
    yaw, pitch, roll, left, top, right, bottom, padding = numbers
    return Sphere(projection, (yaw, pitch, roll), (left, top, right, bottom), padding)
