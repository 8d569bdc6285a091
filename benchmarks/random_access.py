"""Whether every frame of a movie can be had by its number, over a table of codecs and containers.

    python benchmarks/random_access.py                              the table
    python benchmarks/random_access.py --write docs/random-access.md

Of every movie all frames are asked for at random, backwards and forwards. Each must be, to the last bit, the
frame PyAV alone gives when it decodes the file in order, and carry the number that was drawn into it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import av
from printed_table import table

sys.path.insert(0, str(Path(__file__).absolute().parents[1]))
sys.path.insert(1, str(Path(__file__).absolute().parents[1] / "bridge"))

from tests.fakes.movie_table import CODECS, FRAMES, TABLE, NotWritten, read_by_number, write_kind

INTRODUCTION = """# Any frame of a movie by its number

Written by `python benchmarks/random_access.py --write docs/random-access.md`;
`tests/engine/media/movies/test_random_access.py` asserts the same. Each cell is a movie of {frames} frames,
each with its number drawn into it. All are read by number with the engine's reader, at random, backwards and
forwards: {reads} reads of a movie. A cell counts the reads that gave, to the last bit, the frame PyAV gives
when it decodes the file in order. PyAV {version} with FFmpeg's libavcodec {codec}.
"""
SUMMARY = "{right} of {all} movies: every read gave the frame that was asked for."


def cell(folder: Path, kind: str, container: str) -> tuple[str, bool]:
    """What a movie's reads gave, and whether all of them were right; a dash where it cannot be written."""
    try:
        path = write_kind(folder, kind, container)
    except NotWritten:
        return "-", False
    access = read_by_number(path)
    path.unlink()
    if not access.is_right and not access.wrong:
        return f"{access.promised} frames taken for {FRAMES}", False
    return f"{access.reads - len(access.wrong)}/{access.reads}", access.is_right


def main() -> None:
    """Measure and print, or write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", type=Path, metavar="PAGE")
    options = parser.parse_args()
    cells: dict[tuple[str, str], str] = {}
    right = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, container in TABLE:
            cells[kind, container], is_right = cell(Path(folder), kind, container)
            right += is_right
    containers = sorted({container for _, container in TABLE})
    rows = [
        [kind, CODECS[kind][1], *(cells.get((kind, container), "") for container in containers)]
        for kind in CODECS
    ]
    page = "\n".join(
        [
            INTRODUCTION.format(
                frames=FRAMES,
                reads=3 * FRAMES,
                version=av.__version__,
                codec=".".join(map(str, av.library_versions["libavcodec"])),
            ),
            table(["codec", "pixels", *containers], rows),
            "",
            SUMMARY.format(right=right, all=len(TABLE)),
            "",
        ]
    )
    if options.write:
        options.write.write_text(page, "utf-8")
    else:
        print(page)
    sys.exit(right != len(TABLE))


if __name__ == "__main__":
    main()
