"""From a request to a plan: sizes, encodings, clock and other tracks, settled before any picture is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings, TargetExists
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_bridge.version import __version__
from sparkvsr_engine.media.base import ClipInfo, OutputRequest
from sparkvsr_engine.media.colour import ColourPlan
from sparkvsr_engine.media.file_names import require_short_name, require_windows_name
from sparkvsr_engine.media.movies.planning import plan_movie
from sparkvsr_engine.media.movies.small_streams.tag import STREAM_SUFFIXES, TAG_NAME, StreamTag
from sparkvsr_engine.media.movies.writing.codecs import MovieTraits, Picture
from sparkvsr_engine.media.movies.writing.joining import MoviePlan
from sparkvsr_engine.media.movies.writing.second_track import SparseTrack
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.streams.encodings import StreamEncodings, base_encoding, keyframe_encoding
from sparkvsr_engine.streams.placing import require_inside
from sparkvsr_engine.streams.reducing import REDUCTION, even_side
from sparkvsr_engine.streams.requests import BASE_CODECS, PackRequest

_ALPHA_LOST = "A small stream keeps no alpha channel; send it as a movie of its own."


@dataclass(frozen=True, eq=False)
class StreamPlan:
    """How a source becomes a small stream.

    movie: how the reduced movie is written, without its keyframes. colour: the way from the source's values.
    encodings: of both tracks, their quality not yet set. warnings: sentences to be known before the work.
    """

    request: PackRequest
    info: ClipInfo
    movie: MoviePlan
    colour: ColourPlan
    encodings: StreamEncodings
    warnings: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long the movie is."""
        return float(self.movie.timing.seconds(len(self.info.span)) - self.movie.timing.seconds(0))

    @property
    def budget_bytes(self) -> float:
        """Bytes that the pictures of both tracks may take; 0 where no rate is asked for."""
        return self.request.rate * self.seconds / 8

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the reduced movie."""
        return self.encodings.base.width, self.encodings.base.height

    def tag(self, keyframes: tuple[tuple[int, int], ...], start: int = 0, is_cut: bool = True) -> StreamTag:
        """The stream's tag.

        Args:
            keyframes: (frame, CRC-32 of its packet), rising, numbered as `start` is.
            start: number of the file's first frame; above 0 in pieces of a pipe.
            is_cut: whether the file's first frame begins a shot.
        """
        return StreamTag(
            width=self.info.width,
            height=self.info.height,
            keyframes=keyframes,
            reduction=REDUCTION,
            values="codes" if self.colour.curve is None else "light",
            start=start,
            is_cut=is_cut,
            maker=__version__,
        )

    def movie_with(
        self,
        encodings: StreamEncodings,
        keyframes: SparseTrack | None,
        checksums: list[int],
        start: int = 0,
        is_cut: bool = True,
    ) -> MoviePlan:
        """The plan of the whole file.

        Args:
            encodings: of both tracks, with their quality.
            keyframes: the finished track, counted from the file's first frame; None where there is none.
            checksums: CRC-32 of each keyframe's packet, one for each keyframe.
            start: number of the file's first frame; above 0 in pieces of a pipe.
            is_cut: whether the file's first frame begins a shot.
        """
        places = keyframes.places if keyframes else ()
        listed = tuple((place + start, checksum) for place, checksum in zip(places, checksums, strict=True))
        words = ((TAG_NAME, self.tag(listed, start, is_cut).text),)
        return replace(self.movie, encoding=encodings.base, keyframes=keyframes, words=words)


def plan_stream(request: PackRequest, work_folder: Path) -> StreamPlan:
    """Probe the source and settle everything but quality and keyframes.

    Raises:
        MediaUnreadable: what probing raises.
        InvalidSettings: for a target that holds no small stream, a keyframe outside the source, or a source
            too small to be reduced.
        TargetExists: for a target that is there and may not be replaced.
    """
    _require_target(request)
    info = probe(request.source)
    require_inside(request.keyframes, info.span)
    width, height = even_side(info.width, request.factor), even_side(info.height, request.factor)
    if width >= info.width or height >= info.height:
        raise InvalidSettings(
            f"{info.path} is {info.width}x{info.height}, too small to be reduced by {request.factor:g}."
        )
    codec = BASE_CODECS[request.codec or ("h264" if info.bit_depth <= 8 else "h265")]
    target = OutputTarget(str(request.target), codec)
    segmented, colour = plan_movie(info, OutputRequest(target, info.span, width, height, work_folder))
    movie = segmented.movie
    # Rounding of the reduced sides is no other shape of pixels: the result has the source's size again.
    traits = MovieTraits(movie.encoding.rate, info.pixel_aspect, colour.tags, info.light)
    full = keyframe_encoding(
        str(request.target), Picture(info.width, info.height, min(info.bit_depth, 16)), traits
    )
    encodings = StreamEncodings(base_encoding(movie.encoding, full), full)
    return StreamPlan(request, info, movie, colour, encodings, _warnings(info, movie, colour))


def _warnings(info: ClipInfo, movie: MoviePlan, colour: ColourPlan) -> tuple[str, ...]:
    encoder = [sentence for sentence in movie.encoding.warnings if "alpha" not in sentence]
    tracks = movie.tracks.warnings if movie.tracks else ()
    alpha = [_ALPHA_LOST] if info.has_alpha else []
    return tuple(dict.fromkeys([*info.warnings, *colour.warnings, *encoder, *tracks, *alpha]))


def _require_target(request: PackRequest) -> None:
    target = request.target
    if target.suffix.lower() not in STREAM_SUFFIXES:
        raise InvalidSettings(
            f"{target} cannot be a small stream; name a file that ends with"
            f" {' or '.join(STREAM_SUFFIXES[:2])}, or - for a pipe."
        )
    require_short_name(target)
    require_windows_name(target)
    if target.exists() and target.resolve() == Path(request.source.path).resolve():
        raise InvalidSettings(f"{target} would write over the source; choose another target.")
    if target.exists() and not request.overwrite:
        raise TargetExists(f"{target} is there already; choose another target or --overwrite.")
