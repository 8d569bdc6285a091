"""What a clip is, what a frame is, and what can be read from and written to: no file is opened here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.media import MediaInfo
from sparkvsr_bridge.settings import OutputTarget, UpscaleSettings
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.colours.tags import LINEAR_TRANSFER, UNTAGGED, ColourTags
from sparkvsr_engine.media.movies.light import NO_LIGHT, MovieLight
from sparkvsr_engine.media.movies.presentation import PLAIN, Presentation
from sparkvsr_engine.media.movies.small_streams.tag import KeyframeTrack
from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.media.timecode import Timecode

INTERLACED = (
    "The movie is marked as interlaced; where moving edges show combs they are taken for detail, so"
    " deinterlace it first, for example with: ffmpeg -i IN -vf bwdif -c:v ffv1 -c:a copy OUT.mkv"
)
"""Of a movie whose pictures are two fields."""

# Parts of colour space names whose values are codes for light, not light.
_CODED_SPACES = (
    "srgb",
    "rec709_scene",
    "g18",
    "g22",
    "g24",
    "gamma",
    "log",
    "acescc",
    "pq",
    "hlg",
    "display",
)


@dataclass(frozen=True)
class ClipInfo:
    """What a look at a source showed; the engine's fuller form of `sparkvsr_bridge.media.MediaInfo`.

    path: as it was asked for. pattern: how its files are named, None for a movie.
    available: every frame the source has. span: the part of it that was asked for.
    width, height: upright, in pixels (a phone's rotation is applied on reading).
    rate: frames per second, the mean where the rate varies; None when the source carries none.
    sample, bit_depth: the file's own; a movie's YUV is nevertheless read as uint16, so that the way to
        RGB rounds nothing away.
    is_premultiplied: colours are stored multiplied by alpha (EXR's way).
    picture_layer: the layer of a picture file that is the picture, empty for the main one.
    picture_channels: short names of its channels; channel_samples: their own types where they differ.
    beside: the other layers of the first picture; has_overscan: it has pixels outside what is shown.
    can_carry: whether these can come along to a file that holds layers.
    colour_space: the name the file itself gives, empty when it gives none.
    profile: the ICC profile in the file.
    chromaticities: x and y of red, green, blue, white; None when the file names none.
    timecode: of the first available frame, empty when there is none.
    is_interlaced: one of a movie's first pictures is marked as two fields.
    orientation: EXIF's number for how a movie's stored pictures are turned, to be undone on reading.
    light: a movie's mastering display and light levels.
    messages: kinds of captions and dynamic metadata in a movie's pictures. codec: FFmpeg's name of its codec.
    presentation: whether it is spherical or stereo, and which part of it the container shows.
    keyframes: what a small stream brings, None for any other source.
    notes: sentences about what is not carried over.
    first_unreadable: first frame whose data the file promises but does not hold, None when it is whole.
    identity: changes whenever the source's files do; path, sizes and times of all available frames.
    reading: changes with the meaning the user gives its values; empty where the files' own holds. Part of the
        keys of what is computed from pixels in model space.
    """

    path: str
    kind: str
    width: int
    height: int
    available: FrameSpan
    span: FrameSpan
    rate: Fraction | None
    sample: str
    bit_depth: int
    pixel_format: str
    identity: str
    pattern: NumberedPattern | None = None
    variable_rate: bool = False
    time_base: Fraction | None = None
    duration: Fraction | None = None
    has_audio: bool = False
    has_alpha: bool = False
    is_premultiplied: bool = False
    is_grey: bool = False
    picture_layer: str = ""
    picture_channels: tuple[str, ...] = ()
    channel_samples: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    can_carry: bool = False
    has_overscan: bool = False
    colour: ColourTags = UNTAGGED
    colour_space: str = ""
    chromaticities: tuple[float, ...] | None = None
    profile: bytes = b""
    pixel_aspect: Fraction = Fraction(1)
    timecode: str = ""
    is_interlaced: bool = False
    orientation: int = 1
    first_unreadable: int | None = None
    light: MovieLight = NO_LIGHT
    messages: frozenset[str] = frozenset()
    codec: str = ""
    presentation: Presentation = PLAIN
    keyframes: KeyframeTrack | None = None
    notes: tuple[str, ...] = ()
    reading: str = ""

    @property
    def is_scene_linear(self) -> bool:
        """Whether values are proportional to light and unbounded: floats that are not labelled otherwise."""
        name = self.colour_space.lower()
        if self.kind == "sequence" and self.colour.transfer == LINEAR_TRANSFER:
            return True
        if name.startswith(("lin", "scene_linear")) or name in ("acescg", "aces2065-1"):
            return True
        return self.sample.startswith("float") and not any(word in name for word in _CODED_SPACES)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an artist should know before it is restored."""
        return (*self.notes, *((INTERLACED,) if self.is_interlaced else ()))

    def media_info(self) -> MediaInfo:
        """The same for a host; the frame range is the one asked for."""
        rate, track = self.rate or Fraction(0), self.keyframes
        return MediaInfo(
            path=self.path,
            kind=self.kind,
            width=self.width,
            height=self.height,
            first_frame=self.span.first,
            last_frame=self.span.last,
            rate=(rate.numerator, rate.denominator),
            has_audio=self.has_audio,
            has_alpha=self.has_alpha,
            sample=self.sample,
            colour=self.colour_space or self.colour.describe(),
            variable_rate=self.variable_rate,
            interlaced=self.is_interlaced,
            timecode=self._first_timecode(),
            pixel_aspect=(self.pixel_aspect.numerator, self.pixel_aspect.denominator),
            keyframes=tuple(frame for frame in track.frames if frame in self.span) if track else (),
            full_size=(track.tag.width, track.tag.height) if track else (0, 0),
        )

    def _first_timecode(self) -> str | None:
        """The timecode of the first frame that was asked for."""
        start = Timecode.parse(self.timecode)
        if start is None:
            return None
        return str(start.advanced(self.span.first - self.available.first, self.rate or Fraction(24)))


@dataclass(frozen=True)
class ColourWish:
    """Colour spaces the user named, for OpenColorIO; empty where none was.

    config: the OpenColorIO config their names are of; empty for the engine's own.
    """

    source: str = ""
    target: str = ""
    config: str = ""

    @classmethod
    def of(cls, settings: UpscaleSettings) -> ColourWish:
        """What a request's settings name."""
        return cls(settings.input_colour, settings.output_colour, settings.ocio_config)

    @classmethod
    def of_source(cls, settings: UpscaleSettings) -> ColourWish:
        """The same where nothing is written: only the way into model space counts."""
        target = settings.output_colour or settings.input_colour
        return cls(settings.input_colour, target, settings.ocio_config)


NO_WISH = ColourWish()


@dataclass(frozen=True)
class OutputRequest:
    """What is to be written.

    keeps_grey: whether a grey source gives a grey result, whatever keyframes show.
    conceals: whether damage in a source is shown as its neighbour.
    span: source frames that are put out. width, height: in pixels.
    work_folder: where a movie's segments lie until they are joined.
    """

    target: OutputTarget
    span: FrameSpan
    width: int
    height: int
    work_folder: Path
    colours: ColourWish = NO_WISH
    keeps_grey: bool = True
    conceals: bool = True


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a source; pts: presentation time in seconds, None when the source has no rate.

    is_concealed: it cannot be decoded, or only in part; the pixels are a neighbour's or the decoder's guess.
    is_interlaced: it is marked as two fields.
    """

    number: int
    pixels: Pixels
    pts: Fraction | None = None
    is_concealed: bool = False
    is_interlaced: bool = False


class FrameSource(Protocol):
    """Frames by number. In order is cheap; any other frame is found exactly, at the cost of a seek."""

    @property
    def span(self) -> FrameSpan:
        """Every frame there is."""
        ...

    def read(self, number: int) -> Frame:
        """That frame.

        Raises MediaUnreadable for a frame that is outside, missing or damaged; reading may go on elsewhere.
        """
        ...

    def close(self) -> None:
        """Close the files."""
        ...


class FrameRun(Protocol):
    """Frames that are put out together: all of them are there afterwards, or none of them counts.

    A context manager: leaving it without an error finishes the files, leaving it with one removes them.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def write(self, pixels: Pixels) -> None:
        """The next frame of the run, in the sink's sample format and size; waits when too much is queued."""
        ...


class FrameSink(Protocol):
    """Where finished frames go."""

    def open_run(self, span: FrameSpan) -> FrameRun:
        """Start to write the frames of `span`, in order."""
        ...

    def files_of(self, span: FrameSpan) -> list[Path]:
        """The files a finished run of `span` leaves; for a movie its segment, for a sequence its pictures."""
        ...

    def finish(self, spans: Sequence[FrameSpan]) -> list[str]:
        """Make the target of finished runs, given in order; sentences about what could not be kept."""
        ...


def sample_of(pixels: NDArray[Any]) -> str:
    """The name of an array's sample format."""
    return np.dtype(pixels.dtype).name
