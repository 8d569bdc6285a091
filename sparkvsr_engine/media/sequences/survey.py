"""A look at the header of every frame that is asked for: what the first one does not show of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from sparkvsr_engine.core.frames import describe_frames
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.faults import FrameDamaged
from sparkvsr_engine.media.sequences.describing import colour_words, layer_names, picture_channels
from sparkvsr_engine.media.sequences.header_agreement import require_alike
from sparkvsr_engine.media.sequences.picture_files.pictures import SAMPLE_OF, PictureHeader, read_header
from sparkvsr_engine.media.sequences.reader import damaged

_SAMPLES = list(SAMPLE_OF.values())


@dataclass(eq=False)
class _Differences:
    """Frames' own headers, by frame; of colours only whether they agree with the first one."""

    samples: dict[int, str] = field(default_factory=dict[int, str])
    bits: int = 0
    layers: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    coloured: PictureHeader | None = None
    otherwise: list[int] = field(default_factory=list[int])
    _first_words: tuple[object, ...] | None = None

    def see(self, number: int, header: PictureHeader) -> None:
        self.samples[number] = header.sample
        self.bits = max(self.bits, header.bit_depth)
        self.layers[number] = layer_names(header)
        if not header.channels.is_grey:
            self.coloured = self.coloured or header
        words = colour_words(header)
        self._first_words = self._first_words or words
        if words != self._first_words:
            self.otherwise.append(number)

    @property
    def deepest(self) -> str:
        return max(self.samples.values(), key=_SAMPLES.index)


def surveyed(info: ClipInfo, conceals: bool) -> ClipInfo:
    """The clip as all frames of its span together are: of the deepest samples, with every layer there is.

    Differences an artist should know become notes. A movie needs no such look. conceals: damaged files are
    passed over; the reader shows their neighbours.
    Raises MediaUnreadable for a frame of another size or kind, FrameDamaged.
    """
    if info.pattern is None:
        return info
    seen = _Differences()
    for number, header in _headers(info, conceals):
        require_alike(info, number, header)
        seen.see(number, header)
    beside = tuple(dict.fromkeys(name for names in seen.layers.values() for name in names))
    is_coloured = info.is_grey and seen.coloured is not None
    return replace(
        info,
        sample=seen.deepest,
        bit_depth=seen.bits,
        beside=beside,
        is_grey=info.is_grey and not is_coloured,
        picture_channels=picture_channels(seen.coloured) if seen.coloured else info.picture_channels,
        notes=(*info.notes, *_notes(info, seen, beside)),
    )


def _headers(info: ClipInfo, conceals: bool) -> Iterator[tuple[int, PictureHeader]]:
    assert info.pattern is not None
    first_error: FrameDamaged | None = None
    has_whole = False
    for number in info.span:
        try:
            header = read_header(info.pattern.path_of(number))
        except FrameDamaged as error:
            if not conceals:
                raise damaged(error, number) from error
            first_error = first_error or error
            continue
        has_whole = True
        yield number, header
    if first_error is not None and not has_whole:
        raise first_error


def _notes(info: ClipInfo, seen: _Differences, beside: tuple[str, ...]) -> Iterator[str]:
    shallower = _frames(seen.samples, lambda number: seen.samples[number] != seen.deepest)
    if shallower:
        kinds = " and ".join(sorted({seen.samples[number] for number in shallower}))
        yield (
            f"{_named(shallower)} of {info.path} {_are(shallower)} {kinds}, the rest {seen.deepest}: all are"
            " written with the deepest samples the target holds."
        )
    if seen.otherwise:
        yield (
            f"{_named(seen.otherwise)} of {info.path} {_are(seen.otherwise)} tagged with other colours than"
            " the first frame and taken for its; convert them, or render each kind by itself."
        )
    for layer in beside:
        lacking = _frames(seen.layers, lambda number, layer=layer: layer not in seen.layers[number])
        if lacking:
            lack = "lacks" if len(lacking) == 1 else "lack"
            yield f"{_named(lacking)} of {info.path} {lack} the layer {layer}, and so does the result."


def _frames(by_frame: Iterable[int], is_meant: Callable[[int], bool]) -> list[int]:
    return [number for number in by_frame if is_meant(number)]


def _named(frames: list[int]) -> str:
    return f"Frame{'' if len(frames) == 1 else 's'} {describe_frames(frames)}"


def _are(frames: list[int]) -> str:
    return "is" if len(frames) == 1 else "are"
