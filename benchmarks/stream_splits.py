"""The division of bytes that `pack` chooses beside fixed divisions of the same bytes.

Each clip is packed at one rate with the chosen division, and with every fixed one: 0, 20, 40 and 60 per cent
of the bytes to 1, 2 and 4 evenly spread keyframes. All are restored by the same model and judged by LPIPS.
Rows are appended to a file as they come; a run that was stopped goes on behind them.

    python benchmarks/stream_splits.py clips/ -o splits.jsonl --rate 30k
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(1, str(Path(__file__).parents[1] / "bridge"))

from printed_table import table

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.evaluation.measures.perceptual import Lpips
from sparkvsr_engine.evaluation.measures.weights import LPIPS_ALEXNET
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.analysis import analyse
from sparkvsr_engine.models.base import Restorer
from sparkvsr_engine.models.registry import open_restorer
from sparkvsr_engine.streams.comparison.clips import read_clip, unpacked_stream
from sparkvsr_engine.streams.comparison.peers import restored_frames
from sparkvsr_engine.streams.context import StreamChoice, opened
from sparkvsr_engine.streams.dividing.allocation import Split, allocate, quality_of_split, rate_meter
from sparkvsr_engine.streams.packing import Packed, write_stream
from sparkvsr_engine.streams.placing import place_keyframes
from sparkvsr_engine.streams.planning import plan_stream
from sparkvsr_engine.streams.requests import KeyframePlacement, PackRequest, parse_rate

CHOSEN = "chosen"
_SHARES, _COUNTS = (0.2, 0.4, 0.6), (1, 2, 4)


@dataclass(frozen=True)
class Row:
    """One division on one clip. picture_bytes: of both tracks. share: of them, what keyframes took."""

    clip: str
    rate: int
    division: str
    picture_bytes: int
    share: float
    keyframes: tuple[int, ...]
    lpips: float


def main() -> None:
    """Measure what is not there yet and print the table."""
    options = _options()
    rows = _rows(options.output)
    config = load_config()
    config.make_folders()
    for clip in options.clips:
        for rate in options.rate:
            _measure_clip(config, clip, rate, options, rows)
    print(summary(rows))


def summary(rows: Sequence[Row]) -> str:
    """A line per clip and rate: the chosen division, the best fixed one, and the worst."""
    lines = []
    for clip, rate in dict.fromkeys((row.clip, row.rate) for row in rows):
        of_clip = [row for row in rows if (row.clip, row.rate) == (clip, rate)]
        chosen = next((row for row in of_clip if row.division == CHOSEN), None)
        fixed = [row for row in of_clip if row.division != CHOSEN]
        if chosen is None or not fixed:
            continue
        best, worst = min(fixed, key=lambda row: row.lpips), max(fixed, key=lambda row: row.lpips)
        deviation = max(abs(row.picture_bytes / chosen.picture_bytes - 1) for row in fixed)
        lines.append(
            [
                clip,
                f"{rate / 1000:g}",
                f"{chosen.lpips:.4f}",
                f"{len(chosen.keyframes)} x {chosen.share:.0%}",
                f"{best.lpips:.4f}",
                best.division,
                f"{worst.lpips:.4f}",
                f"{chosen.lpips / best.lpips - 1:+.1%}",
                f"{deviation:.1%}",
            ]
        )
    titles = ["clip", "kbit/s", "chosen", "keys x share", "best fixed", "of", "worst fixed", "gain", "bytes"]
    return table(titles, lines)


def _measure_clip(
    config: EngineConfig, path: Path, rate: int, options: argparse.Namespace, rows: list[Row]
) -> None:
    measured = {row.division for row in rows if (row.clip, row.rate) == (path.stem, rate)}
    with TemporaryDirectory() as work:
        folder = Path(work)
        clip = read_clip(path, options.frames, folder)
        source = SourceMedia(str(path), 0, len(clip.frames) - 1)
        request = PackRequest(
            source, folder / "stream.mkv", options.factor, options.codec, rate=rate, overwrite=True
        )
        plan = plan_stream(request, folder)
        restorer = open_restorer(options.model, config.models_folder, config.cache_folder / "parts", "auto")
        lpips = Lpips(config.models_folder / "metrics" / LPIPS_ALEXNET)
        with opened(config, plan, folder, Control()) as context:
            analysis = analyse(context.footage, plan.info.span, config.cache_folder / "analysis", Control())
            meter = rate_meter(context, analysis)
            for name, split in _divisions(plan.info.span, analysis):
                if name in measured:
                    continue
                if split is None:
                    choice = allocate(context, analysis)
                else:
                    choice = StreamChoice(split.keyframes, quality_of_split(context, meter, split))
                packed = write_stream(context, analysis.shots, choice)
                value = _lpips(packed, clip.frames, restorer, lpips, options.step)
                _add(rows, _row(path.stem, rate, name, packed, value), options.output)


def _divisions(span: FrameSpan, analysis: object) -> Iterator[tuple[str, Split | None]]:
    """(name, division), None for the one that is chosen."""
    yield CHOSEN, None
    yield "none", Split(0.0, ())
    for count in _COUNTS:
        placement = KeyframePlacement("uniform", count)
        keyframes = place_keyframes(placement, span, analysis.shots, analysis.signals)  # type: ignore[attr-defined]
        for share in _SHARES:
            yield f"{count} x {share:.0%}", Split(share, keyframes)


def _lpips(packed: Packed, truth: Sequence[np.ndarray], restorer: Restorer, lpips: Lpips, step: int) -> float:
    small, keyframes = unpacked_stream(packed.target)
    height, width = truth[0].shape[:2]
    values = []
    for frame in range(step // 2, len(truth), step):
        (restored,) = restored_frames(
            restorer, small, keyframes, (width, height), FrameSpan(frame, frame + 1)
        )
        values.append(lpips.measure(restored, truth[frame]))
    return fmean(values)


def _row(clip: str, rate: int, division: str, packed: Packed, lpips: float) -> Row:
    total = packed.base_bytes + packed.keyframe_bytes
    return Row(clip, rate, division, total, packed.keyframe_bytes / total, packed.keyframes, lpips)


def _add(rows: list[Row], row: Row, output: Path) -> None:
    rows.append(row)
    with output.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(row)) + "\n")
    print(
        f"{row.clip} {row.rate} {row.division}: {row.picture_bytes} bytes, LPIPS {row.lpips:.4f}", flush=True
    )


def _rows(output: Path) -> list[Row]:
    if not output.is_file():
        return []
    read = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    return [Row(**{**values, "keyframes": tuple(values["keyframes"])}) for values in read]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path, help="a movie, or a folder of movies")
    parser.add_argument("-o", "--output", type=Path, required=True, help="rows of figures, one JSON a line")
    parser.add_argument("--rate", nargs="+", default=["30k"], help="bits per second of both tracks")
    parser.add_argument("--frames", type=int, default=32, help="frames of each clip")
    parser.add_argument("--step", type=int, default=2, help="every so many-th frame is judged")
    parser.add_argument("--factor", type=float, default=4.0)
    parser.add_argument("--codec", default="h264", help="of the small movie")
    parser.add_argument("--model", default="lite")
    options = parser.parse_args()
    options.rate = [parse_rate(text) for text in options.rate]
    folder = options.clips
    options.clips = sorted(folder.glob("*.mkv")) if folder.is_dir() else [folder]
    return options


if __name__ == "__main__":
    main()
