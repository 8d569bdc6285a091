"""Runs a comparison: every clip at every rate by every method, one row of figures at a time, kept as they
come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.evaluation.pictures.files import write_png
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.storage.digest import digest_of
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.models.base import Restorer
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
from sparkvsr_engine.streams.dividing.distances import measure_name
from sparkvsr_engine.streams.packing import Packed, pack
from sparkvsr_engine.streams.requests import BASE_CODECS, KeyframePlacement, PackRequest

STREAM = "small stream"
BLIND = "blind"
ISR_PEER = "realesr-animevideov3"
_SMALL_PEERS = {
    "bicubic": "reduced + bicubic",
    BLIND: "reduced + blind",
    ISR_PEER: "reduced + animevideov3",
}


@dataclass(frozen=True)
class ComparisonOptions:
    """What is compared.

    clips: movies, of which the first `frames` frames are coded. rates: of small streams, bits per second.
    window: frames in the middle of each clip that are restored and measured; rates count all that is coded.
    learned_step: see `StreamMeasures`.
    """

    clips: tuple[Path, ...]
    rates: tuple[int, ...]
    frames: int
    window: int
    weights: Path
    factor: float = 4.0
    codec: str = "av1"
    learned_step: int = 6
    model: str = UpscaleSettings().model
    peers: tuple[str, ...] = (*PLAIN_ENCODERS, "bicubic", BLIND, ISR_PEER)


class _Bench:
    """What a run shares; rows are appended to a file as they come, so that a stopped run goes on behind them.

    work: a folder for temporary files.
    """

    def __init__(
        self,
        config: EngineConfig,
        options: ComparisonOptions,
        folder: Path,
        work: Path,
        on_row: Callable[[RatePointRow], None],
    ) -> None:
        self.config, self.options, self._folder, self._work = config, options, folder, work
        self.measures = StreamMeasures(options.weights, options.learned_step, work)
        self._on_row = on_row
        self._path = folder / f"rows-{_digest(config, options)}.jsonl"
        self.rows = _rows(self._path)
        self._clip: ComparedClip | None = None

    def clip(self, path: Path) -> ComparedClip:
        """A clip; one is in memory at a time."""
        if self._clip is None or self._clip.path != path:
            self._clip = None
            self._clip = read_clip(path, self.options.frames, self._work)
            window = self._clip.middle(self.options.window)
            truth = self._clip.frames[window.start + len(window) // 2]
            write_png(truth, self._folder / "frames" / f"{self._clip.name}-source.png")
        return self._clip

    def has(self, path: Path, method: str, setting: str) -> bool:
        """Whether a row is there from an earlier run."""
        wanted = (path.stem, method, setting)
        return any((row.clip, row.method, row.setting) == wanted for row in self.rows)

    def add(self, method: str, setting: str, file_bytes: int, frames: Sequence[BytePicture]) -> None:
        """Measure the window's frames of the clip in memory."""
        clip = self._clip
        assert clip is not None
        truth = [clip.frames[number] for number in clip.middle(self.options.window)]
        values = self.measures.measure(frames, truth)
        row = RatePointRow(clip.name, method, clip.kbps(file_bytes), values, setting)
        write_png(frames[len(frames) // 2], self._folder / "frames" / frame_name(row))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")
        self.rows.append(row)
        self._on_row(row)


def run_comparison(
    config: EngineConfig,
    options: ComparisonOptions,
    folder: Path,
    on_row: Callable[[RatePointRow], None] = lambda _: None,
) -> tuple[list[RatePointRow], tuple[str, ...]]:
    """All figures, and sentences about what could not be measured.

    All clips come at one rate before the next, so that a stopped run has whole tables of fewer rates.

    Args:
        config: the engine's folders and limits.
        options: clips, rates and methods that are compared.
        folder: gets rows and frames as they come; made where it is missing. Rows that are there from a run
            with the same options are not measured again.
        on_row: called with each row of figures as soon as it is measured.

    Raises:
        MediaUnreadable: for a clip that cannot be read or is too short.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as work:
        bench = _Bench(config, options, folder, Path(work), on_row)
        levels = max([len(options.rates), *(len(plain_values(name)) for name in PLAIN_ENCODERS.values())])
        for level in range(levels):
            for path in options.clips:
                _compare_plain(bench, path, level)
                if level < len(options.rates):
                    _compare_small(bench, path, options.rates[level])
    return bench.rows, bench.measures.notes


def frame_name(row: RatePointRow) -> str:
    """The file of a method's middle frame."""
    return f"{row.clip}-{row.method.replace(' ', '_')}-{row.kbps:.1f}.png"


def _digest(config: EngineConfig, options: ComparisonOptions) -> str:
    """Changes with what changes a row: what `pack` judges divisions by changes its choice."""
    return digest_of(
        "comparison",
        frames=options.frames,
        window=options.window,
        factor=options.factor,
        codec=options.codec,
        step=options.learned_step,
        model=options.model,
        measure=measure_name(config.models_folder / "metrics"),
    )[:8]


def _rows(path: Path) -> list[RatePointRow]:
    if not path.is_file():
        return []
    return [RatePointRow(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _compare_plain(bench: _Bench, path: Path, level: int) -> None:
    """Plain codecs at full size, each at the `level`-th of its values."""
    for name, encoder in PLAIN_ENCODERS.items():
        values = plain_values(encoder) if name in bench.options.peers else ()
        setting = f"crf {values[level]}" if level < len(values) else ""
        if not setting or bench.has(path, name, setting):
            continue
        clip = bench.clip(path)
        coded = code_clip(clip.frames, clip.rate, encoder, values[level], clip.folder)
        frames = [coded.frames[number] for number in clip.middle(bench.options.window)]
        bench.add(name, setting, coded.file_bytes, frames)


def _compare_small(bench: _Bench, path: Path, rate: int) -> None:
    """A small stream, and a small movie without keyframes at the same rate."""
    options, config, setting = bench.options, bench.config, str(rate)
    peers = [title for peer, title in _SMALL_PEERS.items() if peer in options.peers]
    lacking = [title for title in (STREAM, *peers) if not bench.has(path, title, setting)]
    if not lacking:
        return
    clip = bench.clip(path)
    restorer = open_restorer(options.model, config.models_folder, config.cache_folder / "parts", "auto")
    if STREAM in lacking:
        packed = _pack(bench, clip, rate, KeyframePlacement("adaptive"), "stream.mkv")
        small, keyframes = unpacked_stream(packed.target)
        frames = restored_frames(restorer, small, keyframes, clip.size, clip.middle(options.window))
        bench.add(STREAM, setting, packed.file_bytes, frames)
    if lacking == [STREAM]:
        return
    blind = _pack(bench, clip, rate, KeyframePlacement("none"), "blind.mkv")
    small, _ = unpacked_stream(blind.target)
    for title, enlarge in _enlargers(bench, clip, small, restorer).items():
        if title in lacking:
            bench.add(title, setting, blind.file_bytes, enlarge())


def _enlargers(
    bench: _Bench, clip: ComparedClip, small: Sequence[BytePicture], restorer: Restorer
) -> dict[str, Callable[[], list[BytePicture]]]:
    """What makes the frames of the window of a small movie without keyframes."""
    size, window = clip.size, clip.middle(bench.options.window)

    def by_model() -> list[BytePicture]:
        upscaler = open_isr(ISR_PEER, "cpu", bench.config.threads or 1, bench.config.home)
        return upscaler_frames(upscaler, small, size, window)

    return {
        _SMALL_PEERS["bicubic"]: lambda: bicubic_frames(small, size, window),
        _SMALL_PEERS[BLIND]: lambda: restored_frames(restorer, small, {}, size, window),
        _SMALL_PEERS[ISR_PEER]: by_model,
    }


def _pack(bench: _Bench, clip: ComparedClip, rate: int, placement: KeyframePlacement, name: str) -> Packed:
    assert bench.options.codec in BASE_CODECS
    first = probe(SourceMedia(str(clip.path))).span.start
    source = SourceMedia(str(clip.path), first, first + len(clip.frames) - 1)
    request = PackRequest(
        source,
        clip.folder / name,
        bench.options.factor,
        bench.options.codec,
        placement,
        rate=rate,
        overwrite=True,
        model=bench.options.model,
    )
    return pack(bench.config, request, Control())
