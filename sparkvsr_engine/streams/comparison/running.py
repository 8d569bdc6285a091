"""Runs a comparison: every clip at every rate by every method, one row of figures at a time, kept as they
come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.evaluation.pictures.files import write_png
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.registry import open_restorer
from sparkvsr_engine.streams.comparison.clips import ComparedClip, read_clip, unpacked_stream
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


@dataclass(eq=False)
class _Bench:
    """What a run shares; rows are appended to a file as they come, so that a stopped run is not lost."""

    config: EngineConfig
    options: ComparisonOptions
    folder: Path
    measures: StreamMeasures
    on_row: Callable[[RatePointRow], None]
    rows: list[RatePointRow] = field(default_factory=list[RatePointRow])

    def add(self, clip: ComparedClip, method: str, file_bytes: int, frames: Sequence[BytePicture]) -> None:
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
            clip = read_clip(path, options.frames, Path(work))
            write_png(clip.frames[_middle(options.window)], folder / "frames" / f"{clip.name}-source.png")
            _compare_plain(bench, clip)
            _compare_small(bench, clip)
    return bench.rows, measures.notes


def frame_name(row: RatePointRow) -> str:
    """The file of a method's middle frame."""
    return f"{row.clip}-{row.method.replace(' ', '_')}-{row.kbps:.1f}.png"


def _middle(window: FrameSpan) -> int:
    return window.start + len(window) // 2


def _compare_plain(bench: _Bench, clip: ComparedClip) -> None:
    """Plain codecs at full size."""
    for name, encoder in PLAIN_ENCODERS.items():
        for crf in plain_values(encoder) if name in bench.options.peers else ():
            coded = code_clip(clip.frames, clip.rate, encoder, crf, clip.folder)
            bench.add(clip, name, coded.file_bytes, [coded.frames[number] for number in bench.options.window])


def _compare_small(bench: _Bench, clip: ComparedClip) -> None:
    """Small streams, and small movies without keyframes at the same rates."""
    options, config = bench.options, bench.config
    restorer = open_restorer(options.model, config.models_folder, config.cache_folder / "parts", "auto")
    for rate in options.rates:
        packed = _pack(bench, clip, rate, KeyframePlacement("adaptive"), "stream.mkv")
        small, keyframes = unpacked_stream(packed.target)
        frames = restored_frames(restorer, small, keyframes, clip.size, options.window)
        bench.add(clip, STREAM, packed.file_bytes, frames)
        if not {"bicubic", BLIND, ISR_PEER} & set(options.peers):
            continue
        blind = _pack(bench, clip, rate, KeyframePlacement("none"), "blind.mkv")
        small, _ = unpacked_stream(blind.target)
        for peer, movie in _enlarged(bench, clip, small, restorer):
            bench.add(clip, peer, blind.file_bytes, movie)


def _enlarged(
    bench: _Bench, clip: ComparedClip, small: Sequence[BytePicture], restorer: object
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


def _pack(bench: _Bench, clip: ComparedClip, rate: int, placement: KeyframePlacement, name: str) -> Packed:
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
