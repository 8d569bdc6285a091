"""Where a keyframe's picture comes from: the artist's file, or the image super-resolution model.

Prepared pictures are kept by content, so that the same keyframe is made once for every job, preview and
version. Not here: which frames are keyframes, and how strongly they count.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import KeyframeRejected, MediaUnreadable
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.images import ImageFile, read_image
from sparkvsr_engine.media.pixels import not_numbers
from sparkvsr_engine.models.base import KeyframePicture
from sparkvsr_engine.references.frame_shown import frame_shown
from sparkvsr_engine.references.mattes import (
    is_nothing,
    over_source,
    part_of,
    partial_alpha,
    warning_of_numbers,
)
from sparkvsr_engine.references.preparing import Reference, prepare_reference, require_usable_size
from sparkvsr_engine.storage.bounded_dict import BoundedDict
from sparkvsr_engine.storage.whole_files import written_whole

_MOST_IN_MEMORY = 3

REFERENCES = "references"
"""Folder of prepared pictures in the cache."""


class Upscales(Protocol):
    """What makes a keyframe of a source frame: float32 [h, w, 3] to [height, width, 3], model space."""

    def __call__(self, picture: Picture, width: int, height: int) -> Picture:
        """Make the keyframe of a picture at this size."""
        ...


@dataclass(frozen=True)
class KeyframeRequest:
    """A keyframe to be obtained.

    image: the artist's file, empty to have it made. digest: identity of the result.
    colour: the file's colour space as the user named it, empty where none was.
    """

    frame: int
    digest: str
    image: str = ""
    colour: str = ""


ToModel = Callable[[KeyframeRequest, NDArray[Any]], Picture]


class KeyframePictures:
    """Obtains reference frames for one job.

    folder: where prepared pictures are kept. source: reads a source frame, one of those available, in model
        space.
    to_model: brings a supplied file's pixels there, [H, W, 3].
    colour_warning: a sentence about a supplied file whose colours are not taken as it labels them, else
    empty.
    open_upscaler: loads the ISR model when the first keyframe needs it.
    """

    def __init__(
        self,
        folder: Path,
        geometry: Geometry,
        look: str,
        source: Callable[[int], Picture],
        available: FrameSpan,
        to_model: ToModel,
        open_upscaler: Callable[[], Upscales],
        colour_warning: Callable[[KeyframeRequest], str] = lambda _: "",
    ) -> None:
        self._folder = folder
        self._geometry = geometry
        self._look = look
        self._source = source
        self._available = available
        self._to_model = to_model
        self._open_upscaler = open_upscaler
        self._colour_warning = colour_warning
        self._upscaler: Upscales | None = None
        self._recent: BoundedDict[str, KeyframePicture] = BoundedDict(_MOST_IN_MEMORY)

    def is_ready(self, request: KeyframeRequest) -> bool:
        """Whether the picture was made before."""
        return self._path(request.digest).is_file()

    def obtain(self, request: KeyframeRequest) -> KeyframePicture:
        """The keyframe's picture, made when it is not there yet.

        Raises KeyframeRejected for a file that cannot be used, KeyframeMakingFailed and ModelMissing from the
        model.
        """
        return self._recent.get_or_make(request.digest, lambda: self._load(request) or self._make(request))

    def warnings(self, request: KeyframeRequest) -> tuple[str, ...]:
        """What was found about the keyframe, for the artist; obtain it first."""
        path = self._path(request.digest).with_suffix(".json")
        return tuple(json.loads(path.read_text(encoding="utf-8"))["warnings"])

    def _make(self, request: KeyframeRequest) -> KeyframePicture:
        source = self._source(request.frame)
        self._save(
            request,
            self._supplied_reference(request, source)
            if request.image
            else self._make_reference(request, source),
        )
        picture = self._load(request)
        assert picture is not None
        return picture

    def _make_reference(self, request: KeyframeRequest, source: Picture) -> Reference:
        if self._upscaler is None:
            self._upscaler = self._open_upscaler()
        picture = self._upscaler(source, self._geometry.width, self._geometry.height)
        alpha = partial_alpha(picture)
        reference = self._prepare(request, over_source(picture, alpha, source), source)
        return reference.with_warning(warning_of_numbers(request.frame, picture))

    def _supplied_reference(self, request: KeyframeRequest, source: Picture) -> Reference:
        image = read_keyframe_file(request.frame, Path(request.image), self._geometry)
        pixels = image.pixels
        alpha = partial_alpha(pixels)
        picture = over_source(self._to_model(request, pixels), alpha, source)
        reference = self._prepare(request, picture, source)
        reference = reference.with_warning(warning_of_numbers(request.frame, pixels))
        reference = reference.with_warning(self._colour_warning(request))
        if image.is_one_of_many:
            reference = reference.with_warning(
                f"The keyframe at {request.frame} is the first of several pictures in its file; save the one"
                " that is meant by itself."
            )
        if reference.report.trust == 0:
            return reference
        # A patch is held against its own part of other frames: around it lies its own.
        part = part_of(alpha, *source.shape[:2])
        better_frame = frame_shown(
            part.of(picture),
            part.of(reference.pixels),
            part.of(source),
            request.frame,
            self._available,
            lambda number: part.of(self._source(number)),
        )
        return reference if better_frame is None else reference.with_warning(better_frame.warning)

    def _prepare(self, request: KeyframeRequest, picture: Picture, source: Picture) -> Reference:
        return prepare_reference(
            request.frame, picture, source, self._geometry, self._look, is_supplied=bool(request.image)
        )

    def _save(self, request: KeyframeRequest, reference: Reference) -> None:
        path = self._path(request.digest)
        report = reference.report
        report_values = {
            "frame": request.frame,
            "warnings": list(report.warnings),
            "trust": report.trust,
            "agreement": report.agreement,
            "shift": list(report.alignment.shift),
            "bend": report.alignment.bend,
            "cast": report.cast,
            "sharpness": report.sharpness,
        }
        with written_whole(path) as partial:
            path.with_suffix(".json").write_text(json.dumps(report_values), encoding="utf-8")
            painted = [] if reference.painted is None else [reference.painted]
            np.save(partial, np.dstack([reference.pixels, *painted]).astype(np.float16))

    def _load(self, request: KeyframeRequest) -> KeyframePicture | None:
        """Fresh pictures go through the file too, so that half precision is the same for all."""
        path = self._path(request.digest)
        try:
            report_values = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            pixels = np.load(path).astype(np.float32)
        except (OSError, ValueError):
            return None
        colour, painted = _apart(pixels)
        trust = float(report_values["trust"])
        return KeyframePicture(request.frame, colour, request.digest, trust=trust, painted=painted)

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.npy"


def reference_files(cache: Path, digest: str) -> tuple[Path, Path]:
    """What is kept of a prepared picture: its report, its pixels. cache: the cache's folder."""
    path = cache / REFERENCES / f"{digest}.npy"
    return path.with_suffix(".json"), path


def _apart(channels: NDArray[np.float32]) -> tuple[Picture, NDArray[np.float32] | None]:
    """A kept picture [H, W, 3 or 4] and where it is painted, None for nowhere."""
    colour = np.ascontiguousarray(channels[..., :3])
    return colour, np.ascontiguousarray(channels[..., 3]) if channels.shape[2] > 3 else None


def read_keyframe_file(frame: int, path: Path, geometry: Geometry) -> ImageFile:
    """An artist's picture as its file has it.

    Args:
        frame: its number.
        path: the file.
        geometry: sizes of the source and of the output.

    Raises:
        KeyframeRejected: when it cannot be used.
    """
    try:
        image = read_image(path)
    except MediaUnreadable as error:
        raise KeyframeRejected(f"The keyframe for frame {frame} cannot be used: {error.message}") from error
    require_usable_size(path.name, image.pixels.shape[1], image.pixels.shape[0], geometry)
    if is_nothing(image.pixels):
        if not_numbers(image.pixels) is not None:
            raise KeyframeRejected(
                f"The keyframe {path.name} for frame {frame} holds no numbers (NaN or infinite) wherever it"
                " is opaque; make it anew."
            )
        raise KeyframeRejected(
            f"The keyframe {path.name} for frame {frame} is transparent everywhere; save it without alpha, or"
            " make the parts that are to count opaque."
        )
    return image
