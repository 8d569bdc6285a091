"""From a source's description to its frames, and from a target's to where they go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo, FrameSink, FrameSource, OutputRequest
from sparkvsr_engine.media.faults import held_target_warnings
from sparkvsr_engine.media.sequences.host_spelling import known_spelling
from sparkvsr_engine.media.sequences.numbering import PICTURE_EXTENSIONS, NumberedPattern

if TYPE_CHECKING:
    from sparkvsr_engine.media.colour import ColourPlan
    from sparkvsr_engine.media.movies.writing.sink import SegmentedPlan
    from sparkvsr_engine.media.sequences.writer import PicturesPlan


def open_source(info: ClipInfo, conceals: bool = False) -> FrameSource:
    """The frames of a probed source, as they are in its files.

    conceals: frames that cannot be decoded show their neighbours (`Frame.is_concealed`).
    Wrap it in `prefetch.PrefetchedSource` to have them read ahead.
    """
    if info.pattern is not None:
        from sparkvsr_engine.media.sequences.reader import SequenceReader

        return SequenceReader(info, conceals)
    from sparkvsr_engine.media.movies.reader import MovieReader

    return MovieReader(info, conceals)


@dataclass(frozen=True, eq=False)
class OutputPlan:
    """How frames are written: settled before the first one is rendered.

    sample, channels: what the sink takes. colour: how it is made from model space.
    identity: changes whenever the files written would; part of cache keys.
    """

    path: Path
    sample: str
    channels: int
    colour: ColourPlan
    identity: str
    pictures: PicturesPlan | None = None
    movie: SegmentedPlan | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_movie(self) -> bool:
        """Whether the target is one file rather than one per frame."""
        return self.movie is not None


def plan_output(info: ClipInfo, request: OutputRequest) -> OutputPlan:
    """Settle how frames of a source are written to a target.

    Raises InvalidSettings for a target, codec, quality or colour that cannot be.
    """
    from sparkvsr_engine.media.movies.writing.codecs import is_movie_name

    if is_movie_name(request.target.path):
        return _plan_movie(info, request)
    return _plan_pictures(info, request)


def open_sink(plan: OutputPlan) -> FrameSink:
    """Make ready to write; folders are made.

    Raises OutputUnwritable, DiskFull.
    """
    if plan.movie is not None:
        from sparkvsr_engine.media.movies.writing.sink import MovieSink

        return MovieSink(plan.movie)
    if plan.pictures is not None:
        from sparkvsr_engine.media.sequences.writer import SequenceSink

        return SequenceSink(plan.pictures)
    raise ValueError("the plan names neither pictures nor a movie")


def existing_files(plan: OutputPlan, span: FrameSpan) -> list[Path]:
    """Those files of the target that are there already, so that nothing is overwritten unasked."""
    if plan.pictures is None:
        return [plan.path] if plan.path.exists() else []
    paths = (plan.pictures.pattern.path_of(number) for number in span)
    return [path for path in paths if path.exists()]


def _plan_pictures(info: ClipInfo, request: OutputRequest) -> OutputPlan:
    from sparkvsr_engine.media.movies.picture_messages import message_warnings
    from sparkvsr_engine.media.movies.presentation import PLAIN, presentation_warnings
    from sparkvsr_engine.media.sequences.planning import plan_pictures

    target = request.target
    pattern = _target_pattern(target.path, request.span)
    plan, colour, warnings = plan_pictures(info, request, pattern)
    warnings = (
        *warnings,
        *presentation_warnings(info.presentation, PLAIN),
        *message_warnings(info.messages),
        *_left_of_a_movie(info),
    )
    identity = _identity(
        pattern.extension,
        plan.sample,
        plan.channels,
        target.quality,
        colour.identity,
        plan.is_grey,
        target.layers,
    )
    return OutputPlan(
        Path(target.path), plan.sample, plan.channels, colour, identity, pictures=plan, warnings=warnings
    )


def _left_of_a_movie(info: ClipInfo) -> tuple[str, ...]:
    """A sentence about what of a movie numbered pictures have no place for."""
    lost_kinds = [
        *(["sound"] if info.has_audio else []),
        *(["HDR10 mastering display and light levels"] if info.light.is_known else []),
    ]
    if info.kind != "movie" or not lost_kinds:
        return ()
    return (f"Pictures hold no {' and no '.join(lost_kinds)}: left out; take them from {info.path}.",)


def _plan_movie(info: ClipInfo, request: OutputRequest) -> OutputPlan:
    import av

    from sparkvsr_engine.media.movies.planning import plan_movie
    from sparkvsr_engine.media.sequences.planning import layer_warnings

    movie, colour = plan_movie(info, request)
    encoding = movie.movie.encoding
    identity = _identity(encoding, colour.identity, av.__version__)
    return OutputPlan(
        movie.movie.target,
        encoding.sample,
        encoding.channels,
        colour,
        identity,
        movie=movie,
        warnings=(
            *colour.warnings,
            *layer_warnings(info, False, movie.movie.target.suffix),
            *encoding.warnings,
            *(movie.movie.tracks.warnings if movie.movie.tracks else ()),
            *held_target_warnings(movie.movie.target),
        ),
    )


def _target_pattern(path: str, span: FrameSpan) -> NumberedPattern:
    """Where pictures go; a single frame may go to a name without a number."""
    pattern = NumberedPattern.parse(path)
    target = Path(path)
    if target.suffix.lower() not in PICTURE_EXTENSIONS:
        raise InvalidSettings(
            f"{path} names neither a movie (.mp4, .mov, .mkv, .webm) nor numbered pictures"
            " (out/%04d.png, .exr, .tif)."
        )
    if pattern is not None:
        return pattern
    if len(span) == 1:
        return NumberedPattern(target.parent, target.stem, 0, target.suffix, only=target.name)
    raise InvalidSettings(f"{path} has no place for the frame number; write {_advised_name(path)}.")


def _advised_name(path: str) -> str:
    target, named = Path(path), known_spelling(path)
    return named if named != target.name else f"{target.stem}.%04d{target.suffix}"


def _identity(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
