"""Runs a comparison: every clip at every rate by every method, one row of figures at a time, kept as they
come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.evaluation.pictures.files import write_png
from sparkvsr_engine.evaluation.pixels import to_eight_bits
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.media.movies.small_streams.keyframe_track import decode_keyframes
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.registry import open_restorer
from sparkvsr_engine.streams.comparison.measuring import RatePointRow, StreamMeasures
from sparkvsr_engine.streams.comparison.peers import (
    PLAIN_ENCODERS,
    bicubic_frames,
    code_clip,
    plain_values,
    restored_frames,
    upscaler_frames,
)
from sparkvsr_engine.streams.packing import Packed, pack
from sparkvsr_engine.streams.requests import BASE_CODECS, KeyframePlacement, PackRequest

STREAM = "small stream"
BLIND = "blind"
ISR_PEER = "realesr-animevideov3"


@dataclass(frozen=True)
class ComparisonOptions:
    """What is compared.

    clips: movies of at least `frames` frames. rates: of small streams, bits per second. window: first and
    last frame that are restored and measured; rates count whole clips. learned_step: see `StreamMeasures`.
    """

    clips: tuple[Path, ...]
    rates: tuple[int, ...]
    frames: int
    window: FrameSpan
    weights: Path
    factor: float = 4.0
    codec: str = "av1"
    learned_step: int = 6
    model: str = UpscaleSettings().model
    peers: tuple[str, ...] = (*PLAIN_ENCODERS, "bicubic", BLIND, ISR_PEER)


@dataclass(frozen=True, eq=False)
class _Clip:
    name: str
    path: Path
    frames: Sequence[BytePicture]
    rate: Fraction
    folder: Path

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.frames[0].shape[:2]
        return width, height

    def kbps(self, file_bytes: int) -> float:
        return file_bytes * 8 / float(len(self.frames) / self.rate) / 1000


@dataclass(eq=False)
class _Bench:
    """What a run shares; rows are appended to a file as they come, so that a stopped run is not lost."""

    config: EngineConfig
    options: ComparisonOptions
    folder: Path
    measures: StreamMeasures
    on_row: Callable[[RatePointRow], None]
    rows: list[RatePointRow] = field(default_factory=list[RatePointRow])

    def add(self, clip: _Clip, method: str, file_bytes: int, frames: Sequence[BytePicture]) -> None:
        window = [clip.frames[number] for number in self.options.window]
        row = RatePointRow(clip.name, method, clip.kbps(file_bytes), self.measures.measure(frames, window))
        middle = len(frames) // 2
        write_png(frames[middle], self.folder / "frames" / frame_name(row))
        with (self.folder / "rows.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")
        self.rows.append(row)
        self.on_row(row)


def run_comparison(
    config: EngineConfig,
    options: ComparisonOptions,
    folder: Path,
    on_row: Callable[[RatePointRow], None] = lambda _: None,
) -> tuple[list[RatePointRow], tuple[str, ...]]:
    """All figures, and sentences about what could not be measured.

    Args:
        config: the engine's folders and limits.
        options: clips, rates and methods that are compared.
        folder: gets rows and frames as they come; made where it is missing.
        on_row: called with each row of figures as soon as it is measured.

    Raises:
        MediaUnreadable: for a clip that cannot be read or is too short.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as work:
        measures = StreamMeasures(options.weights, options.learned_step, Path(work))
        bench = _Bench(config, options, folder, measures, on_row)
        for path in options.clips:
            clip = _read(path, options.frames, Path(work))
            write_png(clip.frames[_middle(options.window)], folder / "frames" / f"{clip.name}-source.png")
            _compare_plain(bench, clip)
            _compare_small(bench, clip)
    return bench.rows, measures.notes


def frame_name(row: RatePointRow) -> str:
    """The file of a method's middle frame."""
    return f"{row.clip}-{row.method.replace(' ', '_')}-{row.kbps:.1f}.png"


def _middle(window: FrameSpan) -> int:
    return window.start + len(window) // 2


def _compare_plain(bench: _Bench, clip: _Clip) -> None:
    """Plain codecs at full size."""
    for name, encoder in PLAIN_ENCODERS.items():
        for crf in plain_values(encoder) if name in bench.options.peers else ():
            coded = code_clip(clip.frames, clip.rate, encoder, crf, clip.folder)
            bench.add(clip, name, coded.file_bytes, [coded.frames[number] for number in bench.options.window])


def _compare_small(bench: _Bench, clip: _Clip) -> None:
    """Small streams, and small movies without keyframes at the same rates."""
    options, config = bench.options, bench.config
    restorer = open_restorer(options.model, config.models_folder, config.cache_folder / "parts", "auto")
    for rate in options.rates:
        packed = _pack(bench, clip, rate, KeyframePlacement("adaptive"), "stream.mkv")
        small, keyframes = _unpacked(packed.target)
        frames = restored_frames(restorer, small, keyframes, clip.size, options.window)
        bench.add(clip, STREAM, packed.file_bytes, frames)
        if not {"bicubic", BLIND, ISR_PEER} & set(options.peers):
            continue
        blind = _pack(bench, clip, rate, KeyframePlacement("none"), "blind.mkv")
        small, _ = _unpacked(blind.target)
        for peer, made in _enlarged(bench, clip, small, restorer):
            bench.add(clip, peer, blind.file_bytes, made)


def _enlarged(
    bench: _Bench, clip: _Clip, small: Sequence[BytePicture], restorer: object
) -> Iterator[tuple[str, list[BytePicture]]]:
    """(method, frames of the window) of a small movie without keyframes."""
    options = bench.options
    if "bicubic" in options.peers:
        yield "reduced + bicubic", bicubic_frames(small, clip.size, options.window)
    if BLIND in options.peers:
        blind = restored_frames(restorer, small, {}, clip.size, options.window)  # type: ignore[arg-type]
        yield "reduced + blind", blind
    if ISR_PEER in options.peers:
        upscaler = open_isr(ISR_PEER, "cpu", bench.config.threads or 1, bench.config.home)
        yield "reduced + animevideov3", upscaler_frames(upscaler, small, clip.size, options.window)


def _pack(bench: _Bench, clip: _Clip, rate: int, placement: KeyframePlacement, name: str) -> Packed:
    assert bench.options.codec in BASE_CODECS
    source = SourceMedia(str(clip.path), 0, bench.options.frames - 1)
    request = PackRequest(
        source,
        clip.folder / name,
        bench.options.factor,
        bench.options.codec,
        placement,
        rate=rate,
        overwrite=True,
    )
    return pack(bench.config, request, Control())


def _unpacked(path: Path) -> tuple[list[BytePicture], dict[int, BytePicture]]:
    """The frames and keyframes of a small stream."""
    info = probe(SourceMedia(str(path)))
    source = open_source(info)
    try:
        frames = [_bytes(source.read(number).pixels) for number in info.span]
    finally:
        source.close()
    track = info.keyframes
    keyframes = decode_keyframes(path, track, track.frames, info.colour) if track else ()
    return frames, {frame: _bytes(pixels) for frame, pixels in keyframes}


def _bytes(pixels: np.ndarray) -> BytePicture:
    scale = np.iinfo(pixels.dtype).max
    return to_eight_bits(pixels[..., :3].astype(np.float32) / scale)


def _read(path: Path, count: int, work: Path) -> _Clip:
    info = probe(SourceMedia(str(path), 0, count - 1))
    source = open_source(info)
    try:
        frames = [_bytes(source.read(number).pixels) for number in info.span]
    finally:
        source.close()
    folder = work / path.stem
    folder.mkdir()
    av.logging.set_level(av.logging.ERROR)
    return _Clip(path.stem, path, frames, info.rate or Fraction(24), folder)
