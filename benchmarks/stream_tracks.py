"""Tracks, durations and tags of a source and of the small stream made of it, side by side.

python benchmarks/stream_tracks.py source.mkv small.mkv
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition

sys.path.insert(0, str(Path(__file__).parent))

from printed_table import table

_TITLES = ["file", "track", "codec", "format", "default", "first packet s", "end s", "packets", "words"]
# What muxers write of themselves, and of each file anew.
_LEFT_OUT = {"encoder", "duration", "creation_time", "major_brand", "minor_version", "compatible_brands"}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("movies", nargs="+", type=Path)
    options = parser.parse_args()
    print(table(_TITLES, [row for path in options.movies for row in rows_of(path)]))


def rows_of(path: Path) -> list[list[str]]:
    """A row for the file and one for each track."""
    with av.open(str(path)) as container:
        rows = [_track_row(stream) for stream in container.streams]
        times: dict[int, list[tuple[float, float]]] = {}
        for packet in container.demux():
            if packet.size and packet.pts is not None:
                start = float(packet.pts * packet.time_base)
                end = start + float((packet.duration or 0) * packet.time_base)
                times.setdefault(packet.stream.index, []).append((start, end))
        seconds = (container.duration or 0) / 1_000_000
        whole = ["whole", container.format.name.split(",")[0], "", "", "0", f"{seconds:.3f}", ""]
        words = _words(container.metadata)
    for index, row in enumerate(rows):
        passed = times.get(index, [])
        ends = [f"{min(passed)[0]:.3f}", f"{max(end for _, end in passed):.3f}"] if passed else ["", ""]
        row[4:4] = [*ends, str(len(passed))]
    return [[path.name, *row] for row in ([*whole, words], *rows)]


def _track_row(stream: Any) -> list[str]:
    context, is_default = stream.codec_context, bool(stream.disposition & Disposition.default)
    kind = f"{stream.index} {stream.type}"
    if stream.type == "video":
        shape = f"{context.width}x{context.height} {context.pix_fmt} {stream.average_rate or ''}".strip()
    elif stream.type == "audio":
        shape = f"{context.sample_rate} Hz {context.layout.name}"
    else:
        shape = ""
    codec = context.name if context else ""
    return [kind, codec, shape, "yes" if is_default else "no", _words(stream.metadata)]


def _words(metadata: Any) -> str:
    words = [f"{name}={value}" for name, value in metadata.items() if name.lower() not in _LEFT_OUT]
    return ", ".join(word if len(word) <= 60 else word[:60] + "..." for word in words)


if __name__ == "__main__":
    main()
