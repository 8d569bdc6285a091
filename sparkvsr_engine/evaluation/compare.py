"""Two clips side by side: figures where their sizes agree, wipes, difference maps and a movie, in one pass.

The first clip is the reference: figures measure how far the second is from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.metrics import METRICS, FrameScores, MetricOptions
from sparkvsr_engine.evaluation.pictures.drawing import Canvas, heat_map, labelled, resized_to, side_by_side
from sparkvsr_engine.evaluation.pictures.files import before_after, write_png, write_whole
from sparkvsr_engine.evaluation.scores import summarise
from sparkvsr_engine.evaluation.streams import MetricKit, MetricStream
from sparkvsr_engine.evaluation.tables import Table, to_csv, to_markdown
from sparkvsr_engine.evaluation.viewing import View, movie_of_pictures


@dataclass(frozen=True)
class CompareOptions:
    """What to compare.

    first, second: movies, numbered patterns or folders with one sequence; frames pair up by place.
    samples: how many frames get pictures, spread over the clip.
    makes_movie: whether a movie of both next to each other is written, with the first one's sound.
    """

    first: Path
    second: Path
    folder: Path
    metrics: MetricOptions
    samples: int = 5
    labels: tuple[str, str] = ("A", "B")
    makes_movie: bool = True

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise InvalidSettings("A comparison shows 1 frame or more.")


@dataclass(frozen=True)
class Comparison:
    """What came of it.

    summary: means of the metrics of the second clip against the first; empty when their sizes differ.
    files: everything written, the page `compare.md` first. notes: what was left out and why.
    """

    frames: int
    summary: Mapping[str, float]
    rows: tuple[FrameScores, ...]
    notes: tuple[str, ...]
    files: tuple[Path, ...]


def compare(options: CompareOptions, on_progress: Callable[[int, int], None] | None = None) -> Comparison:
    """Compare two clips and write the findings into `options.folder`, which is made.

    on_progress: called with (frames done, frames in all). Where the sizes differ the smaller one is enlarged
    for the pictures and no figures are made. Raises MediaUnreadable, OutputUnwritable, DiskFull.
    """
    with View(options.first) as first, View(options.second) as second:
        count = min(first.frames, second.frames)
        run = _Run(options, _notes_on(first, second), _spread(count, options.samples))
        if first.size == second.size:
            run.measure(MetricKit(options.metrics))
        with _movie(options, run, first, second) as write:
            for index in range(count):
                pair = first.read(index), second.read(index)
                run.take(first.number(index), index, *pair)
                write(*pair)
                if on_progress is not None:
                    on_progress(index + 1, count)
    return run.finish()


def paired(first: Pixels, second: Pixels, labels: tuple[str, str]) -> Canvas:
    """Both frames next to each other, labelled, at the larger size: uint8 [H, W, 3], even sides.

    Args:
        first: the left picture.
        second: the right picture.
        labels: texts for the two pictures.
    """
    left, right = _at_one_size(first, second)
    joined = side_by_side([labelled(left, labels[0]), labelled(right, labels[1])])
    return joined[: joined.shape[0] // 2 * 2, : joined.shape[1] // 2 * 2]


@contextmanager
def _movie(
    options: CompareOptions, run: _Run, first: View, second: View
) -> Iterator[Callable[[Pixels, Pixels], None]]:
    """Takes both frames of each place for the side-by-side movie, where one is wanted."""
    if not options.makes_movie:
        yield lambda _first, _second: None
        return
    blank = [np.zeros((height, width, 3), np.uint8) for width, height in (first.size, second.size)]
    height, width = paired(blank[0], blank[1], options.labels).shape[:2]
    path = options.folder / "side_by_side.mp4"
    count = min(first.frames, second.frames)
    with movie_of_pictures(first, count, (width, height), path) as write:
        yield lambda first_frame, second_frame: write(paired(first_frame, second_frame, options.labels))
    run.files.append(path)


@dataclass(eq=False)
class _Run:
    """One pass over both clips; holds the metrics' state and the files so far, no frames of its own.

    pictured: places of the frames that get pictures.
    """

    options: CompareOptions
    notes: list[str]
    pictured: frozenset[int]
    stream: MetricStream | None = None
    files: list[Path] = field(default_factory=list[Path])
    frames: int = 0

    def measure(self, kit: MetricKit) -> None:
        """Judge the frames to come."""
        self.notes += kit.notes
        self.stream = kit.open_stream()

    def take(self, number: int, index: int, first: Pixels, second: Pixels) -> None:
        """The next pair; `number` is the first clip's own."""
        self.frames += 1
        if self.stream is not None:
            self.stream.feed(number, second, first)
        if index not in self.pictured:
            return
        folder, labels = self.options.folder, self.options.labels
        self.files.append(
            before_after(*_at_one_size(first, second), folder / f"wipe_{number:04d}.png", labels)
        )
        if self.stream is not None:
            self.files.append(write_png(heat_map(second, first), folder / f"difference_{number:04d}.png"))

    def finish(self) -> Comparison:
        """Write the page and the figures."""
        rows = tuple(self.stream.rows) if self.stream is not None else ()
        summary = summarise(rows)
        page = _page(self, summary)
        files = [write_whole(page.encode(), self.options.folder / "compare.md")]
        if rows:
            files.append(write_whole(_csv(rows).encode(), self.options.folder / "frames.csv"))
        return Comparison(self.frames, summary, rows, tuple(self.notes), (*files, *self.files))


def _notes_on(first: View, second: View) -> list[str]:
    """What of the two clips does not agree."""
    notes: list[str] = []
    if first.frames != second.frames:
        shared = min(first.frames, second.frames)
        notes.append(f"A has {first.frames} frames, B {second.frames}; the first {shared} are compared.")
    if first.size != second.size:
        sizes = " and ".join(f"{width}x{height}" for width, height in (first.size, second.size))
        notes.append(f"The sizes differ ({sizes}); figures are left out, pictures are brought to one size.")
    return notes


def _spread(count: int, samples: int) -> frozenset[int]:
    """Places spread evenly over `count` frames, the ends left out where there is room."""
    return frozenset(round((step + 0.5) * count / samples - 0.5) for step in range(samples)) & set(
        range(count)
    )


def _at_one_size(first: Pixels, second: Pixels) -> tuple[Canvas, Canvas]:
    """Both at the size of the larger one."""
    larger = first if first.size >= second.size else second
    return resized_to(first, larger), resized_to(second, larger)


def _page(run: _Run, summary: Mapping[str, float]) -> str:
    first, second = run.options.labels
    parts = [
        f"# {second} against {first}\n",
        f"{first}: {run.options.first.name}, {second}: {run.options.second.name}, {run.frames} frames.\n",
        *(f"- {note}\n" for note in run.notes),
    ]
    if summary:
        names = [name for name in METRICS if name in summary]
        rows = [(METRICS[name].title, f"{summary[name]:.{METRICS[name].digits}f}") for name in names]
        parts.append(to_markdown(Table(("metric", f"{second} against {first}"), tuple(rows))))
    parts += [f"![{file.stem}]({file.name})\n" for file in run.files if file.suffix == ".png"]
    return "\n".join(parts)


def _csv(rows: tuple[FrameScores, ...]) -> str:
    names = [name for name in METRICS if any(name in row.values for row in rows)]
    return to_csv(("frame", *names), [[row.frame, *(row.values.get(n, "") for n in names)] for row in rows])
