"""Writes docs/mutated-files.md: 500 mutated movies and 500 mutated pictures, and what came of each.

python scripts/mutated_files_page.py [COUNT]
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).absolute().parents[1]))
sys.path.insert(1, str(Path(__file__).absolute().parents[1] / "bridge"))

from tests.fakes.mutated_files import (
    MOVIES,
    OUTCOMES,
    PICTURES,
    SECONDS_EACH,
    Reading,
    read_mutated,
    write_originals,
)
from tests.fakes.mutations import KINDS

ROOT = Path(__file__).absolute().parents[1]

INTRODUCTION = """# Files that transfer, disks and crashes have damaged

Written by `python scripts/mutated_files_page.py`; `tests/engine/media/test_mutated_files.py` asserts the same
of a sample. {movies} movies of 12 numbered frames and {pictures} pictures are mutated
({kinds}), and each is read as a job reads it. No reading ended in a
traceback, and none took longer than {seconds} s.

*Loss named*: the job reports before rendering which frames show their neighbours, or what the file lost.
*Loss not named*: frames are missing, doubled or in another place, and nothing in the file shows it: a
transport stream that ends early is a shorter recording, a doubled chunk may be meant, JPEG has no checksum.

"""


def table(readings: list[Reading], names: tuple[str, ...]) -> str:
    """Counts by file and outcome."""
    counts = Counter((reading.name, reading.outcome) for reading in readings)
    columns = [outcome for outcome in OUTCOMES if any(counts[name, outcome] for name in names)]
    rows = [f"| | {' | '.join(columns)} |", f"|{' --- |' * (len(columns) + 1)}"]
    for name in names:
        rows.append(f"| {name} | {' | '.join(str(counts[name, column]) for column in columns)} |")
    total = [str(sum(counts[name, column] for name in names)) for column in columns]
    return "\n".join([*rows, f"| **all** | {' | '.join(total)} |"]) + "\n"


def main() -> None:
    """Mutate, read and write."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    sections: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        originals = write_originals(Path(folder) / "originals")
        for heading, names in (("Movies", tuple(MOVIES)), ("Pictures", tuple(PICTURES))):
            readings = list(read_mutated(originals, Path(folder) / heading, names, count))
            sections.append(f"## {heading}\n\n{table(readings, names)}")
    introduction = INTRODUCTION.format(
        movies=count, pictures=count, kinds=", ".join(KINDS), seconds=SECONDS_EACH
    )
    (ROOT / "docs/mutated-files.md").write_text(introduction + "\n".join(sections), "utf-8")


if __name__ == "__main__":
    main()
